//! A peer that does with each connection what a test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use laredo::clock::Clock;
use laredo::http_client::{Answer, Failure, Form, HttpClient, HttpSettings};
use laredo::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// Longer than any test should take.
pub(crate) const LONG: Duration = Duration::from_secs(30);
/// For tests in which a time-out is what is tested.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// A name in `domain` that has no address; too long a label for a question to leave the machine.
pub(crate) fn unresolvable(domain: &str) -> String {
    format!("{}.{domain}", "x".repeat(64))
}

pub(crate) fn settings() -> HttpSettings {
    HttpSettings {
        connect_timeout: LONG,
        timeout: LONG,
        ..HttpSettings::default()
    }
}

pub(crate) fn client(settings: HttpSettings) -> HttpClient {
    HttpClient::new(settings, Clock::system())
}

pub(crate) async fn get(url: &Url) -> Result<Answer, Failure> {
    get_with(settings(), url).await
}

pub(crate) async fn get_with(settings: HttpSettings, url: &Url) -> Result<Answer, Failure> {
    client(settings).get(url, LONG).await
}

pub(crate) async fn post(url: &Url, form: Form) -> Result<Answer, Failure> {
    client(settings()).post_form(url, form, LONG).await
}

pub(crate) fn form(fields: &str) -> Form {
    Secret::from(fields.to_owned()).into()
}

/// A listener on loopback; closed on drop.
pub(crate) struct Peer {
    pub(crate) url: Url,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Peer {
    /// Runs `serve` for each connection.
    pub(crate) async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let address = listener.local_addr().expect("address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Self {
            url: format!("http://{address}/token").parse().expect("URL"),
            connections,
            accepting,
        }
    }

    /// Answers every request with the same bytes, and keeps the connection open.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |mut stream| {
            let answer = answer.clone();
            async move {
                while read_request(&mut stream).await.is_some() {
                    let _ = stream.write_all(&answer).await;
                }
            }
        })
        .await
    }

    /// Answers every connection's first request with the same bytes, then closes.
    pub(crate) async fn answering_once(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |mut stream| {
            let answer = answer.clone();
            async move {
                read_request(&mut stream).await;
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An answer with a length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

/// The next request, head and body; none when the client has closed the connection.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        request.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(request).ok()
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().expect("length"));
    body.len() >= length
}

/// Waits until the client has closed the connection.
pub(crate) async fn until_closed(stream: &mut TcpStream) {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await.is_ok_and(|length| length > 0) {}
}

/// Makes the kernel send a reset in place of an ordinary end.
pub(crate) fn reset(stream: TcpStream) {
    stream.set_zero_linger().expect("linger");
    drop(stream);
}
