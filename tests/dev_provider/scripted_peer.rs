//! The raw peer, for the faults that the provider does not make.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::client::{FORM, send};
use crate::scripted::{ScriptedPeer, Step};

#[tokio::test]
async fn a_scripted_peer_records_and_answers() {
    let signal = Arc::new(Notify::new());
    let script = vec![
        Step::text("HTTP/1.1 200 OK\r\n"),
        Step::WaitFor(Arc::clone(&signal)),
        Step::text("\r\nhello"),
        Step::Close,
    ];
    let peer = ScriptedPeer::start(script).await;
    let url = format!("{}/path", peer.base_url());

    let (answer, ()) = tokio::join!(send("POST", &url, FORM, "a=b"), async {
        peer.wait_for_requests(1).await;
        signal.notify_one();
    });

    let seen = peer.seen();
    assert_eq!(answer.unwrap().body, "hello");
    assert_eq!(seen.connections, 1);
    assert!(seen.requests[0].starts_with(b"POST /path HTTP/1.1\r\n"));
    assert!(seen.requests[0].ends_with(b"\r\n\r\na=b"));
}

#[tokio::test]
async fn a_scripted_peer_resets() {
    let peer = ScriptedPeer::start(vec![Step::Reset]).await;
    let url = format!("{}/", peer.base_url());

    let failed = send("GET", &url, "text/plain", "").await.err().unwrap();

    assert_eq!(failed.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_scripted_peer_tells_connections_apart() {
    let peer = ScriptedPeer::start_with(|number| match number {
        1 => vec![Step::Close],
        _ => Step::dribble(b"HTTP/1.1 204 No Content\r\n\r\n", Duration::ZERO),
    })
    .await;
    let url = format!("{}/", peer.base_url());

    let first = send("GET", &url, "text/plain", "").await;
    let second = send("GET", &url, "text/plain", "").await;

    assert!(first.is_err());
    assert_eq!(second.unwrap().status, 204);
}
