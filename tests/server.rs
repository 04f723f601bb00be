//! The server over real sockets: what it makes of bytes that are not one plain request after the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::routing::{any, get};
use laredo::server::{Limits, Stopper, serve, stop};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Only so that a test that fails does not hang.
const PATIENCE: Duration = Duration::from_secs(20);
const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

struct TestServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    panics: Arc<AtomicUsize>,
    _stopper: Stopper,
}

impl TestServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let panics = Arc::new(AtomicUsize::new(0));
        let (stopper, stop) = stop();
        let counted = Arc::clone(&panics);
        let panicked = move || {
            counted.fetch_add(1, Relaxed);
        };
        let service = router(Arc::clone(&asked));
        tokio::spawn(serve(
            vec![listener],
            service,
            Limits::default(),
            stop,
            panicked,
        ));
        Self {
            address,
            asked,
            panics,
            _stopper: stopper,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// All that comes back until the connection ends.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let (mut reading, mut writing) = self.connect().await.into_split();
        let sent = async {
            let _closed_early = writing.write_all(bytes).await;
        };
        let mut received = Vec::new();
        let read = reading.read_to_end(&mut received);
        let (read, ()) = timeout(PATIENCE, async { tokio::join!(read, sent) })
            .await
            .expect("the connection stayed open");
        read.expect("the answer was lost to a reset");
        String::from_utf8(received).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn router(asked: Arc<Mutex<Vec<String>>>) -> Router {
    Router::new()
        .route(
            "/panic",
            get(|| async { panic!("as the test wants it") as &str }),
        )
        .fallback(any(|uri: Uri, body: Result<Bytes, _>| async move {
            asked.lock().unwrap().push(uri.path().to_owned());
            answer(body)
        }))
        .layer(DefaultBodyLimit::max(1024))
}

fn answer(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> (StatusCode, String) {
    match body {
        Ok(body) => (StatusCode::OK, format!("{} bytes", body.len())),
        Err(rejection) => (rejection.status(), "body refused".to_owned()),
    }
}

fn answers(received: &str) -> usize {
    received.matches("HTTP/1.1 ").count()
}

#[rstest]
#[case::length_before_coding("content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")]
#[case::coding_before_length("transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n")]
#[case::chunked_twice("transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
#[case::chunked_on_two_lines(
    "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
)]
#[case::another_coding_first("transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
#[case::another_coding_last("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
#[case::unknown_coding("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n")]
#[case::vertical_tab_in_coding("transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n")]
#[case::length_with_sign("content-length: +5\r\n\r\nabcde")]
#[case::negative_length("content-length: -5\r\n\r\nabcde")]
#[case::hexadecimal_length("content-length: 0x5\r\n\r\nabcde")]
#[case::length_list("content-length: 5, 5\r\n\r\nabcde")]
#[case::two_lengths("content-length: 5\r\ncontent-length: 6\r\n\r\nabcde")]
#[case::endless_length("content-length: 99999999999999999999\r\n\r\nabcde")]
#[case::bare_line_feeds("content-length: 5\n\nabcde")]
#[case::one_bare_line_feed("x: y\ncontent-length: 5\r\n\r\nabcde")]
#[case::bare_carriage_return("x: y\rcontent-length: 5\r\n\r\nabcde")]
#[case::folded_header("x: y\r\n content-length: 5\r\n\r\nabcde")]
#[case::folded_coding("transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n")]
#[case::nul_in_header("x: \0\r\n\r\n")]
#[case::space_before_colon("content-length : 5\r\n\r\nabcde")]
#[case::tab_before_colon("transfer-encoding\t: chunked\r\n\r\n0\r\n\r\n")]
#[case::no_colon("content-length 5\r\n\r\nabcde")]
#[case::empty_name(": 5\r\n\r\nabcde")]
#[case::chunk_size_overflow("transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n0\r\n\r\n")]
#[case::chunk_size_with_sign("transfer-encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n")]
#[case::chunk_size_with_prefix("transfer-encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n")]
#[case::chunk_size_missing("transfer-encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n")]
#[case::chunk_longer_than_its_size("transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n")]
#[case::bare_line_feed_after_chunk_size("transfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n")]
#[case::bare_line_feed_after_chunk("transfer-encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n")]
#[case::bare_line_feed_in_extension("transfer-encoding: chunked\r\n\r\n1;\nxx\r\na\r\n0\r\n\r\n")]
#[tokio::test]
async fn h10_an_ambiguous_request_gets_at_most_one_answer_and_hides_no_second(#[case] rest: &str) {
    let server = TestServer::start().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let request = format!("POST /first HTTP/1.1\r\nhost: a\r\n{rest}{smuggled}");

    let received = server.exchange(request.as_bytes()).await;

    assert_eq!(answers(&received), 1, "{received}");
    assert!(!server.asked().contains(&"/smuggled".to_owned()));
}

#[rstest]
#[case::chunked_twice("POST / HTTP/1.1\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
#[case::bare_line_feed("POST / HTTP/1.1\r\ncontent-length: 5\n\r\nabcde")]
#[case::bare_line_feeds_only("GET / HTTP/1.1\nhost: a\n\n")]
#[tokio::test]
async fn h10_what_hyper_would_let_pass_gets_the_oauth_error(#[case] request: &str) {
    let server = TestServer::start().await;

    let received = server.exchange(request.as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
    for header in [
        "content-type: application/json\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
        "connection: close\r\n",
    ] {
        assert!(received.contains(header), "{received}");
    }
    assert!(received.contains(r#"{"error":"invalid_request","error_description":""#));
    assert!(server.asked().is_empty());
}

#[rstest]
#[case::behind_a_request(GET)]
#[case::behind_a_body("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n\n\nx")]
#[case::behind_a_chunked_body(
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\n\n\n\r\n0\r\n\r\n"
)]
#[tokio::test]
async fn h10_a_bare_line_feed_in_a_later_head_is_seen_too(#[case] first: &str) {
    let server = TestServer::start().await;
    let second = "GET /second HTTP/1.1\nhost: a\r\n\r\n";

    let received = server
        .exchange(format!("{first}{second}{GET}").as_bytes())
        .await;

    assert_eq!(answers(&received), 2, "{received}");
    assert!(received.contains("HTTP/1.1 400 "), "{received}");
    assert_eq!(server.asked(), ["/"]);
}

#[tokio::test]
async fn h10_a_transfer_coding_in_http_1_0_is_refused() {
    let server = TestServer::start().await;

    let received = server
        .exchange(b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")
        .await;

    assert_eq!(received.matches("HTTP/1.").count(), 1, "{received}");
    assert!(received.contains(" 400 "), "{received}");
}

#[tokio::test]
async fn a_chunked_request_leaves_its_connection_open() {
    let server = TestServer::start().await;
    let chunked = "POST /chunked HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n\
        2;x=y\r\nab\r\n1\r\nc\r\n0\r\ntrailer: z\r\n\r\n";
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let received = server.exchange(format!("{chunked}{last}").as_bytes()).await;

    assert!(received.contains("3 bytes"), "{received}");
    assert_eq!(server.asked(), ["/chunked", "/last"]);
}

#[tokio::test]
async fn a_body_in_many_pieces_is_read_whole() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.set_nodelay(true).unwrap();
    let request =
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nconnection: close\r\n\r\n123456789";

    for byte in request.as_bytes() {
        client.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut received = String::new();
    client.read_to_string(&mut received).await.unwrap();

    assert!(received.ends_with("9 bytes"), "{received}");
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_become_a_request() {
    let server = TestServer::start().await;
    let body = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let length = body.len();
    let first =
        format!("POST /panic HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}");
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let received = server.exchange(format!("{first}{last}").as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 405 "), "{received}");
    assert_eq!(server.asked(), ["/last"]);
}

#[tokio::test]
async fn h9_a_client_that_asks_whether_to_continue_is_told_so() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n";
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n";

    client.write_all(head.as_bytes()).await.unwrap();
    let mut told = vec![0; go_on.len()];
    timeout(PATIENCE, client.read_exact(&mut told))
        .await
        .unwrap()
        .unwrap();
    client
        .write_all(b"abcGET / HTTP/1.1\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut received = String::new();
    timeout(PATIENCE, client.read_to_string(&mut received))
        .await
        .unwrap()
        .unwrap();

    assert_eq!(told, go_on.as_bytes());
    assert!(received.contains("3 bytes"), "{received}");
    assert_eq!(answers(&received), 2, "{received}");
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending_its_body() {
    let server = TestServer::start().await;
    let mut request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n".to_vec();
    request.resize(request.len() + 2_000_000, b'a');

    let received = server.exchange(&request).await;

    assert!(received.starts_with("HTTP/1.1 413 "), "{received}");
}

#[tokio::test]
async fn f62_a_panic_is_that_requests_500_and_no_more() {
    let server = TestServer::start().await;
    let request = format!("GET /panic HTTP/1.1\r\nhost: a\r\n\r\n{GET}");
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let received = server.exchange(format!("{request}{last}").as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 500 "), "{received}");
    assert!(received.contains(r#"{"error":"server_error","error_description":""#));
    assert!(
        received.contains("cache-control: no-store\r\n"),
        "{received}"
    );
    assert_eq!(server.asked(), ["/", "/last"]);
    assert_eq!(server.panics.load(Relaxed), 1);
}

#[tokio::test]
async fn f63_an_http_2_preface_ends_the_connection() {
    let server = TestServer::start().await;

    let received = server
        .exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;

    assert!(!received.contains(" 200 "), "{received}");
    assert!(server.asked().is_empty());
}

#[rstest]
#[case::websocket("connection: upgrade\r\nupgrade: websocket\r\n")]
#[case::h2c("connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n")]
#[tokio::test]
async fn h14_no_connection_is_upgraded(#[case] headers: &str) {
    let server = TestServer::start().await;
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\n{last}");

    let received = server.exchange(request.as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    assert!(
        server.asked().len() == 2 && !received.contains(" 101 "),
        "{received}"
    );
}

#[tokio::test]
async fn f64_ten_thousand_pipelined_requests_are_answered_in_order() {
    const COUNT: usize = 10_000;
    let server = TestServer::start().await;
    let mut requests: String = (1..COUNT)
        .map(|number| format!("GET /{number} HTTP/1.1\r\nhost: a\r\n\r\n"))
        .collect();
    requests += &format!("GET /{COUNT} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

    let received = server.exchange(requests.as_bytes()).await;

    let expected: Vec<_> = (1..=COUNT).map(|number| format!("/{number}")).collect();
    assert_eq!(answers(&received), COUNT);
    assert_eq!(server.asked(), expected);
}

#[rstest]
#[case::too_many_headers("x: y\r\n".repeat(101))]
#[case::too_long_a_header(format!("x: {}\r\n", "y".repeat(64 * 1024)))]
#[case::too_much_in_all(format!("x: {}\r\n", "y".repeat(1000)).repeat(17))]
#[tokio::test]
async fn f64_a_head_that_is_too_large_gets_431(#[case] headers: String) {
    let server = TestServer::start().await;
    let request = format!("GET / HTTP/1.1\r\n{headers}\r\n");

    let received = server.exchange(request.as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 431 "), "{received}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_head_of_16_kib_is_read() {
    let server = TestServer::start().await;
    let head = |filler: &str| format!("GET / HTTP/1.1\r\nconnection: close\r\nx: {filler}\r\n\r\n");
    let filler = "y".repeat(16 * 1024 - head("").len());

    let received = server.exchange(head(&filler).as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
}

#[tokio::test]
async fn every_listener_is_served() {
    let listeners = [
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    ];
    let addresses = listeners
        .each_ref()
        .map(|listener| listener.local_addr().unwrap());
    let (_stopper, stop) = stop();
    let service = router(Arc::default());
    tokio::spawn(serve(
        listeners.into(),
        service,
        Limits::default(),
        stop,
        || (),
    ));

    for address in addresses {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(GET.as_bytes()).await.unwrap();
        let answered = timeout(PATIENCE, client.read_u8()).await.unwrap();
        assert_eq!(answered.unwrap(), b'H');
    }
}

#[tokio::test]
async fn f75_a_stopped_server_refuses_new_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stopper, stop) = stop();
    let service = router(Arc::default());
    let served = tokio::spawn(serve(
        vec![listener],
        service,
        Limits::default(),
        stop,
        || (),
    ));

    stopper.drain();
    timeout(PATIENCE, served).await.unwrap().unwrap();

    assert!(TcpStream::connect(address).await.is_err());
}
