//! Bodies: how long they are, how long they say they are, and how they come.

use rstest::rstest;

use crate::bad_input::{MARKER, assert_refusal, good_body, raw_request, refused, request_with};
use crate::support::TestApp;

const JSON: &str = "Content-Type: application/json";
const BODY_LIMIT: usize = 64 * 1024;

/// A good body of that many bytes.
fn body_of(length: usize) -> String {
    let body = good_body();
    let filler = " ".repeat(length - body.len());
    format!("{body}{filler}")
}

/// The body in chunks of at most 10 000 bytes, without its end.
fn chunks(body: &str) -> String {
    let chunks = body.as_bytes().chunks(10_000);
    chunks
        .map(|chunk| {
            format!(
                "{:x}\r\n{}\r\n",
                chunk.len(),
                str::from_utf8(chunk).unwrap()
            )
        })
        .collect()
}

fn chunked_request(body: &str, end: &str) -> Vec<u8> {
    let headers = ["Host: localhost", JSON, "Transfer-Encoding: chunked"];
    let body = chunks(body) + end;
    raw_request("POST /api/v1/token HTTP/1.1", &headers, body)
}

#[rstest]
#[case::json("application/json")]
#[case::form("application/x-www-form-urlencoded")]
#[tokio::test]
async fn h9_an_empty_body_is_a_bad_request(#[case] media_type: &str) {
    let app = TestApp::start().await;
    let media_type = format!("Content-Type: {media_type}");

    refused(&app, request_with(&[&media_type], ""), 400).await;
}

#[tokio::test]
async fn h9_no_body_at_all_is_a_bad_request() {
    let app = TestApp::start().await;
    let headers = ["Host: localhost", JSON];

    let request = raw_request("POST /api/v1/token HTTP/1.1", &headers, "");

    refused(&app, request, 400).await;
}

#[tokio::test]
async fn h9_a_body_of_64_kib_is_read() {
    let app = TestApp::start().await;

    let sized = app.send(request_with(&[JSON], body_of(BODY_LIMIT))).await;
    let chunked = app
        .send(chunked_request(&body_of(BODY_LIMIT), "0\r\n\r\n"))
        .await;

    assert_eq!((sized.status, chunked.status), (200, 200));
}

#[rstest]
#[case::by_a_byte(BODY_LIMIT + 1)]
#[case::by_far(3 * 1024 * 1024)]
#[tokio::test]
async fn h9_a_larger_body_gets_413_that_reaches_the_client(#[case] length: usize) {
    let app = TestApp::start().await;

    let sized = request_with(&[JSON], body_of(length));
    let answer = refused(&app, sized, 413).await;
    assert_eq!(answer.headers("connection"), ["close"]);

    let chunked = chunked_request(&body_of(length), "0\r\n\r\n");
    let answer = refused(&app, chunked, 413).await;
    assert_eq!(answer.headers("connection"), ["close"]);
}

/// As many simple clients do: they write all of the request before they read anything.
#[rstest]
#[case::too_large(&[JSON], 413)]
#[case::another_media_type(&["Content-Type: text/plain"], 400)]
#[case::from_a_page(&[JSON, "Origin: null"], 403)]
#[tokio::test]
async fn h9_who_writes_3_mib_before_reading_gets_the_answer_too(
    #[case] headers: &[&str],
    #[case] status: u16,
) {
    let app = TestApp::start().await;

    let request = request_with(headers, body_of(3 * 1024 * 1024));
    let answer = app.send_and_end(request).await;

    assert_refusal(&answer, status);
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn h9_a_length_that_says_too_much_gets_413_before_the_body_comes() {
    let app = TestApp::start().await;
    let headers = ["Host: localhost", JSON, "Content-Length: 10737418240"];

    let request = raw_request("POST /api/v1/token HTTP/1.1", &headers, MARKER);

    refused(&app, request, 413).await;
}

#[rstest]
#[case::sized("Content-Length: 1000", "{\"m4rk3r\":")]
#[case::chunked("Transfer-Encoding: chunked", "5\r\n{\"m4r")]
#[case::without_last_chunk("Transfer-Encoding: chunked", "2\r\n{}\r\n")]
#[tokio::test]
async fn h9_a_body_that_breaks_off_is_a_bad_request_and_the_end(
    #[case] framing: &str,
    #[case] body: &str,
) {
    let app = TestApp::start().await;
    let request = format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n{framing}\r\n\r\n{body}"
    );

    let answer = app.send_and_end(request).await;

    assert_refusal(&answer, 400);
    assert_eq!(answer.headers("connection"), ["close"]);
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn h9_a_whole_document_within_a_body_that_breaks_off_does_not_count() {
    let app = TestApp::start().await;
    let body = good_body();
    let length = body.len() + 1;
    let request = format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: {length}\r\n\r\n{body}"
    );

    let answer = app.send_and_end(request).await;

    assert_refusal(&answer, 400);
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn h9_a_length_that_says_too_little_cuts_the_body_and_ends_the_connection() {
    let app = TestApp::start().await;
    let body = good_body();
    let length = body.len() - 5;
    let request = format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: {length}\r\n\r\n{body}"
    );

    let received = app.send_and_read_all(request).await;

    assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
    assert!(!received.contains(" 200 "), "{received}");
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn h9_who_waits_for_100_continue_is_told_to_go_on() {
    let app = TestApp::start().await;
    let length = format!("Content-Length: {}", good_body().len());
    let headers = ["Host: localhost", JSON, &length, "Expect: 100-continue"];
    let head = raw_request("POST /api/v1/token HTTP/1.1", &headers, "");

    let received = app.send_head_then_body(&head, good_body().as_bytes()).await;

    let (interim, answer) = received.split_once("\r\n\r\n").unwrap();
    assert_eq!(interim, "HTTP/1.1 100 Continue");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn h9_who_expects_100_continue_hears_of_a_refusal_instead() {
    let app = TestApp::start().await;
    let headers = ["Content-Type: text/plain", "Expect: 100-continue"];

    refused(&app, request_with(&headers, good_body()), 400).await;
}

#[tokio::test]
async fn h9_who_announces_too_much_is_not_told_to_go_on() {
    let app = TestApp::start().await;
    let length = format!("Content-Length: {}", BODY_LIMIT + 1);
    let headers = ["Host: localhost", JSON, &length, "Expect: 100-continue"];

    let request = raw_request("POST /api/v1/token HTTP/1.1", &headers, "");

    refused(&app, request, 413).await;
}

#[tokio::test]
async fn h9_trailers_are_ignored() {
    let app = TestApp::start().await;
    let trailers = "0\r\nContent-Type: m4rk3r\r\nOrigin: m4rk3r\r\nHost: m4rk3r\r\n\r\n";

    let answer = app.send(chunked_request(&good_body(), trailers)).await;

    assert_eq!(answer.status, 200);
    assert!(!format!("{answer:?}").contains(MARKER));
}
