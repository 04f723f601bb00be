//! HTTP around introspection: methods, hosts, pages, lengths, headers.

use rstest::rstest;
use serde_json::json;

use crate::bad_input::{MARKER, assert_headers, raw_request, refused};
use crate::introspector::{Introspector, assert_active, assert_inactive, introspect_request};
use crate::support::TestApp;

const JSON: &str = "Content-Type: application/json";
const BODY: &str = r#"{"token":"m4rk3r"}"#;

/// A request with all that is needed but `Host`.
fn request_of(line: &str, headers: &[&str]) -> Vec<u8> {
    let length = format!("Content-Length: {}", BODY.len());
    raw_request(line, &[headers, &[JSON, &length]].concat(), BODY)
}

const LINE: &str = "POST /api/v1/introspect HTTP/1.1";

#[rstest]
#[tokio::test]
async fn h1_a_method_that_is_not_post_is_not_allowed(
    #[values(
        "GET", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "post"
    )]
    method: &str,
) {
    let app = TestApp::start().await;
    let line = format!("{method} /api/v1/introspect?token={MARKER} HTTP/1.1");

    let answer = refused(&app, request_of(&line, &["Host: localhost"]), 405).await;

    assert_eq!(answer.headers("allow"), ["POST"]);
}

#[tokio::test]
async fn h1_head_gets_the_headers_and_no_body() {
    let app = TestApp::start().await;
    let line = "HEAD /api/v1/introspect HTTP/1.1";

    let answer = app.send(raw_request(line, &["Host: localhost"], "")).await;

    assert_eq!(answer.status, 405);
    assert_headers(&answer);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn h1_no_tunnel_is_opened() {
    let app = TestApp::start().await;
    let line = format!("CONNECT localhost:{} HTTP/1.1", app.api.port());

    refused(&app, raw_request(&line, &["Host: localhost"], ""), 405).await;
}

#[tokio::test]
async fn h2_a_preflight_from_a_page_is_forbidden() {
    let app = TestApp::start().await;
    let headers = [
        "Host: localhost",
        "Origin: https://m4rk3r.test",
        "Access-Control-Request-Method: POST",
    ];

    let request = raw_request("OPTIONS /api/v1/introspect HTTP/1.1", &headers, "");

    refused(&app, request, 403).await;
}

#[rstest]
#[tokio::test]
async fn h3_another_path_is_not_found(
    #[values(
        "/api/v1/introspect/",
        "//api/v1/introspect",
        "/api/v1/Introspect",
        "/api/v1/introspect/m4rk3r",
        "/api/v1/%69ntrospect",
        "/api/v1/token/../introspect",
        "/introspect"
    )]
    path: &str,
) {
    let app = TestApp::start().await;
    let line = format!("POST {path} HTTP/1.1");

    refused(&app, request_of(&line, &["Host: localhost"]), 404).await;
}

#[rstest]
#[case::none(&[], 400)]
#[case::two(&["Host: localhost", "Host: localhost"], 400)]
#[case::foreign(&["Host: m4rk3r.test"], 421)]
#[case::foreign_that_begins_like_ours(&["Host: 127.0.0.1.m4rk3r.test"], 421)]
#[case::another_port(&["Host: localhost:1"], 421)]
#[case::any_address(&["Host: 0.0.0.0"], 421)]
#[case::user(&["Host: m4rk3r@localhost"], 421)]
#[tokio::test]
async fn h4_a_host_that_is_not_ours_is_refused(#[case] headers: &[&str], #[case] status: u16) {
    let app = TestApp::start().await;

    refused(&app, request_of(LINE, headers), status).await;
}

#[rstest]
#[tokio::test]
async fn h4_the_loopback_names_are_let_in(
    #[values("localhost", "LOCALHOST", "127.0.0.1", "[::1]")] host: &str,
) {
    let with = Introspector::start().await;

    let answer = with
        .app
        .send(request_of(LINE, &[&format!("Host: {host}")]))
        .await;

    assert_inactive(&answer, "invalid token header: InvalidToken");
}

#[rstest]
#[case::a_page("Origin: https://m4rk3r.test")]
#[case::a_page_of_nowhere("Origin: null")]
#[case::a_page_of_ours("Origin: http://localhost")]
#[case::from_elsewhere("Sec-Fetch-Site: cross-site")]
#[tokio::test]
async fn h5_no_web_page_may_ask(#[case] header: &str) {
    let app = TestApp::start().await;

    refused(&app, request_of(LINE, &["Host: localhost", header]), 403).await;
}

#[rstest]
#[tokio::test]
async fn h6_forwarded_requests_are_refused_where_that_is_set(
    #[values("Forwarded: for=m4rk3r", "X-Forwarded-For: m4rk3r", "Via: 1.1 m4rk3r")] header: &str,
) {
    let strict = TestApp::start_with(&[("LAREDO_REFUSE_FORWARDED", "true")]).await;
    let with = Introspector::start().await;
    let request = request_of(LINE, &["Host: localhost", header]);

    refused(&strict, &request, 403).await;
    let answer = with.app.send(&request).await;

    assert_inactive(&answer, "invalid token header: InvalidToken");
}

#[rstest]
#[case::coding_and_length("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
#[case::two_codings("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
#[case::signed_length("Content-Length: +5\r\n\r\nhello")]
#[case::space_before_colon("Content-Length : 5\r\n\r\nhello")]
#[case::bare_line_feed("X: y\nContent-Length: 5\r\n\r\nhello")]
#[case::chunk_size_overflow("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n")]
#[tokio::test]
async fn h10_an_ambiguous_request_hides_no_second_one(#[case] rest: &str) {
    let app = TestApp::start().await;
    let second = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

    let request = format!("{LINE}\r\nHost: localhost\r\n{JSON}\r\n{rest}{second}");
    let received = app.send_and_read_all(request).await;

    assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
    assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
}

#[rstest]
#[case::html("Accept: text/html")]
#[case::signed("Accept: application/token-introspection+jwt")]
#[case::compressed("Accept-Encoding: gzip, br, zstd")]
#[case::websocket("Upgrade: websocket")]
#[case::h2c("Upgrade: h2c")]
#[tokio::test]
async fn h14_whatever_is_accepted_the_answer_is_plain_json(#[case] header: &str) {
    let with = Introspector::start().await;
    let body = json!({"token": with.good_token()}).to_string();

    let answer = with
        .app
        .send(introspect_request(&[JSON, header], body))
        .await;

    assert_active(&answer);
    assert_eq!(answer.headers("content-encoding"), [""; 0]);
}

#[tokio::test]
async fn h16_answers_of_every_kind_have_the_same_headers() {
    let with = Introspector::start().await;
    for token in [
        with.good_token(),
        "a".to_owned(),
        with.token(&[("exp", "1")]),
    ] {
        let answer = with.ask(&token).await;

        assert_headers(&answer);
        let length = answer.body.len().to_string();
        assert_eq!(answer.headers("content-length"), [length]);
        assert_eq!(answer.headers("retry-after"), [""; 0]);
    }
}
