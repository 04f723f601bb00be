//! The server's limits in paused time, over in-memory connections.

mod crowd;
mod stopping;
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test may fail by overflow"
)]
mod time_outs;

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::acceptor::Acceptor;
use super::house::House;
use super::{Limits, Stopper, stop};

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const LARGE: usize = 64 * 1024;
const LONG: Duration = Duration::from_secs(30);
/// Deadlines are kept in whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(5);

/// A server whose connections are pipes of 1 KiB.
struct TestServer {
    door: mpsc::UnboundedSender<io::Result<DuplexStream>>,
    stopper: Stopper,
    served: JoinHandle<()>,
}

impl TestServer {
    fn start(limits: Limits) -> Self {
        let (door, mut knocks) = mpsc::unbounded_channel();
        let (stopper, stop) = stop();
        let accept = move |context: &mut Context<'_>| match knocks.poll_recv(context) {
            Poll::Ready(Some(knock)) => Poll::Ready(knock),
            _ => Poll::Pending,
        };
        let server = Acceptor::new(accept, Handler, House::open(limits, || ()));
        Self {
            door,
            stopper,
            served: tokio::spawn(server.run(stop)),
        }
    }

    fn with_room_for(connections: usize) -> Self {
        Self::start(Limits {
            connections,
            ..Limits::default()
        })
    }

    fn connect(&self) -> DuplexStream {
        let (ours, theirs) = duplex(1024);
        self.door.send(Ok(theirs)).unwrap();
        ours
    }

    async fn connect_and_send(&self, bytes: &[u8]) -> DuplexStream {
        let mut client = self.connect();
        client.write_all(bytes).await.unwrap();
        client
    }
}

/// Reads the body and answers `ok`; by path it is also slow or large, or leaves the body alone.
#[derive(Clone)]
struct Handler;

impl Service<Request<Incoming>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            if path == "/unread" {
                return Ok(Response::new(Full::from("ok")));
            }
            if request.into_body().collect().await.is_err() {
                return Ok(Response::new(Full::from("broken body")));
            }
            Ok(Response::new(match path.as_str() {
                "/large" => Full::from(vec![b'a'; LARGE]),
                "/slow" => {
                    sleep(LONG).await;
                    Full::from("ok")
                }
                "/soon" => {
                    sleep(Duration::from_secs(3)).await;
                    Full::from("ok")
                }
                _ => Full::from("ok"),
            }))
        })
    }
}

/// Reads one answer whose body is `ok`.
async fn answer(client: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok") {
        let byte = client.read_u8().await;
        answer.push(byte.expect("the connection ended before the answer did"));
    }
    String::from_utf8(answer).unwrap()
}

/// Reads up to the end of the connection.
async fn rest(client: &mut DuplexStream) -> String {
    let mut rest = Vec::new();
    let _ended_or_broken = client.read_to_end(&mut rest).await;
    String::from_utf8(rest).unwrap()
}

#[track_caller]
fn assert_elapsed(since: Instant, expected: Duration) {
    let difference = since.elapsed().abs_diff(expected);
    assert!(difference <= ROUNDING, "{:?}", since.elapsed());
}
