//! A raw TCP peer that reads one HTTP request and then does what its script says, for faults that no server makes.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part of the support code"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a test's helper may fail where it stands"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

/// What the peer does after it has read a connection's first request. After the last step it closes.
#[derive(Clone)]
pub enum Step {
    /// Sends these bytes at once.
    Write(Vec<u8>),
    /// Goes on when the test says so.
    WaitFor(Arc<Notify>),
    /// Goes on after that time.
    Pause(Duration),
    /// Reads one more request.
    ReadRequest,
    /// Ends the connection in order (FIN).
    Close,
    /// Ends the connection with a reset (RST).
    Reset,
    /// Keeps the connection and does no more.
    Hang,
}

impl Step {
    /// Sends this text at once.
    pub fn text(text: &str) -> Self {
        Self::Write(text.as_bytes().to_vec())
    }

    /// Sends the bytes one by one.
    pub fn dribble(bytes: &[u8], pause: Duration) -> Vec<Self> {
        bytes
            .iter()
            .flat_map(|byte| [Self::Write(vec![*byte]), Self::Pause(pause)])
            .collect()
    }
}

/// What the peer has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Accepted connections.
    pub connections: usize,
    /// Each request's head and body, in the order of arrival.
    pub requests: Vec<Vec<u8>>,
}

/// The peer. It ends when it is dropped, and its connections with it.
pub struct ScriptedPeer {
    address: SocketAddr,
    seen: Arc<watch::Sender<Seen>>,
    task: JoinHandle<()>,
}

impl ScriptedPeer {
    /// Plays one script on every connection.
    pub async fn start(script: Vec<Step>) -> Self {
        Self::start_with(move |_| script.clone()).await
    }

    /// Plays the script that belongs to the connection's number, counted from 1.
    pub async fn start_with(script: impl Fn(usize) -> Vec<Step> + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(watch::Sender::new(Seen::default()));
        let task = tokio::spawn(accept(listener, script, Arc::clone(&seen)));
        Self {
            address,
            seen,
            task,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and the address, without a trailing slash.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has seen so far.
    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Returns when that many requests have been read.
    pub async fn wait_for_requests(&self, count: usize) {
        let mut changes = self.seen.subscribe();
        changes
            .wait_for(|seen| seen.requests.len() >= count)
            .await
            .unwrap();
    }
}

impl Drop for ScriptedPeer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    script: impl Fn(usize) -> Vec<Step>,
    seen: Arc<watch::Sender<Seen>>,
) {
    let mut connections = JoinSet::new();
    for number in 1.. {
        let (stream, _) = listener.accept().await.unwrap();
        seen.send_modify(|seen| seen.connections = number);
        connections.spawn(play(stream, script(number), Arc::clone(&seen)));
    }
}

async fn play(mut stream: TcpStream, script: Vec<Step>, seen: Arc<watch::Sender<Seen>>) {
    let _ = stream.set_nodelay(true);
    if !read_request(&mut stream, &seen).await {
        return;
    }
    for step in script {
        match step {
            Step::Write(bytes) if stream.write_all(&bytes).await.is_err() => return,
            Step::Write(_) => {}
            Step::WaitFor(signal) => signal.notified().await,
            Step::Pause(time) => tokio::time::sleep(time).await,
            Step::ReadRequest if !read_request(&mut stream, &seen).await => return,
            Step::ReadRequest => {}
            Step::Close => return,
            Step::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
            Step::Hang => std::future::pending().await,
        }
    }
}

/// Reads a request to the end of its body. False when the client went away before that.
async fn read_request(stream: &mut TcpStream, seen: &watch::Sender<Seen>) -> bool {
    let mut request = Vec::new();
    while !is_whole(&request) {
        match stream.read_buf(&mut request).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return false,
        }
    }
    seen.send_modify(|seen| seen.requests.push(request));
    true
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap());
    request.len() >= head.len().saturating_add(4).saturating_add(length)
}
