//! Bodies around introspection: how long they are, and how they come.

use rstest::rstest;
use serde_json::json;

use crate::bad_input::{assert_headers, raw_request, refused};
use crate::introspector::{Introspector, assert_active, introspect_request};
use crate::support::TestApp;

const JSON: &str = "Content-Type: application/json";
const BODY: &str = r#"{"token":"m4rk3r"}"#;
const LINE: &str = "POST /api/v1/introspect HTTP/1.1";

/// A body of that many bytes around a good token.
fn body_of(with: &Introspector, length: usize) -> String {
    let body = json!({"token": with.good_token()}).to_string();
    let filler = " ".repeat(length - body.len());
    format!("{body}{filler}")
}

#[tokio::test]
async fn h9_a_body_of_64_kib_is_read() {
    let with = Introspector::start().await;

    let body = body_of(&with, 64 * 1024);

    assert_active(&with.post("application/json", body).await);
}

#[rstest]
#[case::by_a_byte(64 * 1024 + 1)]
#[case::by_far(3 * 1024 * 1024)]
#[tokio::test]
async fn h9_a_larger_body_gets_413(#[case] length: usize) {
    let with = Introspector::start().await;

    let request = introspect_request(&[JSON], body_of(&with, length));
    let answer = refused(&with.app, request, 413).await;

    assert_eq!(answer.headers("connection"), ["close"]);
}

/// J3: 10 MB of dots.
#[tokio::test]
async fn j03_a_token_of_10_mb_of_dots_is_not_even_read() {
    let with = Introspector::start().await;

    let head = ["Host: localhost", JSON, "Content-Length: 10000000"];
    let request = raw_request(
        LINE,
        &head,
        format!("{{\"token\":\"{}", ".".repeat(100_000)),
    );
    let answer = with.app.send(request).await;

    assert_eq!(answer.status, 413);
    assert_headers(&answer);
}

#[rstest]
#[case::none(&["Host: localhost", JSON], "")]
#[case::empty(&["Host: localhost", JSON, "Content-Length: 0"], "")]
#[tokio::test]
async fn h9_an_empty_body_is_a_bad_request(#[case] headers: &[&str], #[case] body: &str) {
    let app = TestApp::start().await;

    refused(&app, raw_request(LINE, headers, body), 400).await;
}

#[tokio::test]
async fn h9_a_body_that_breaks_off_is_a_bad_request() {
    let app = TestApp::start().await;
    let request =
        format!("{LINE}\r\nHost: localhost\r\n{JSON}\r\nContent-Length: 1000\r\n\r\n{BODY}");

    let answer = app.send_and_end(request).await;

    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.headers("connection"), ["close"]);
}

#[tokio::test]
async fn h9_a_body_in_chunks_is_read() {
    let with = Introspector::start().await;
    let body = json!({"token": with.good_token()}).to_string();
    let (one, other) = body.split_at(10);
    let chunks = format!(
        "{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n",
        one.len(),
        other.len()
    );

    let headers = ["Host: localhost", JSON, "Transfer-Encoding: chunked"];
    let answer = with.app.send(raw_request(LINE, &headers, chunks)).await;

    assert_active(&answer);
}

#[tokio::test]
async fn h9_who_waits_for_100_continue_is_told_to_go_on() {
    let with = Introspector::start().await;
    let length = format!("Content-Length: {}", BODY.len());
    let headers = ["Host: localhost", JSON, &length, "Expect: 100-continue"];
    let head = raw_request(LINE, &headers, "");

    let received = with.app.send_head_then_body(&head, BODY.as_bytes()).await;

    let (interim, answer) = received.split_once("\r\n\r\n").unwrap();
    assert_eq!(interim, "HTTP/1.1 100 Continue");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
