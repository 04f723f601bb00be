//! Headers of requests that change nothing, and those of answers that are always there.

use rstest::rstest;

use crate::bad_input::{MARKER, assert_headers, good_body, raw_request, request_with};
use crate::log::Log;
use crate::support::{Answer, TARGET, TestApp};

const JSON: &str = "Content-Type: application/json";

async fn ask(app: &TestApp, headers: &[&str]) -> Answer {
    let headers = [&[JSON], headers].concat();
    app.send(request_with(&headers, good_body())).await
}

#[rstest]
#[tokio::test]
async fn h14_whatever_is_accepted_the_answer_is_plain_json(
    #[values(
        "Accept: text/html",
        "Accept: application/xml;q=1, application/json;q=0",
        "Accept: m4rk3r",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Encoding: identity;q=0, *;q=0",
        "Accept-Charset: utf-16",
        "Accept-Language: nb",
        "TE: gzip, trailers",
        "Range: bytes=0-1",
        "If-None-Match: *"
    )]
    header: &str,
) {
    let app = TestApp::start().await;

    let answer = ask(&app, &[header]).await;

    assert_eq!(answer.status, 200);
    assert_headers(&answer);
    assert_eq!(answer.headers("content-encoding"), [""; 0]);
    assert!(!answer.access_token().is_empty());
}

#[rstest]
#[case::upgrade(&["Connection: upgrade", "Upgrade: m4rk3r/1"])]
#[case::websocket(&["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="])]
#[case::h2c(&["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"])]
#[case::tls(&["Connection: upgrade", "Upgrade: TLS/1.2"])]
#[tokio::test]
async fn h14_no_connection_is_upgraded(#[case] headers: &[&str]) {
    let app = TestApp::start().await;

    let answer = ask(&app, headers).await;

    assert_eq!(answer.status, 200);
    assert_headers(&answer);
}

#[tokio::test]
async fn h14_a_websocket_handshake_is_just_another_get() {
    let app = TestApp::start().await;
    let headers = [
        "Host: localhost",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];

    let answer = app
        .send(raw_request("GET /api/v1/token HTTP/1.1", &headers, ""))
        .await;

    assert_eq!(answer.status, 405);
    assert_headers(&answer);
}

#[rstest]
#[tokio::test]
async fn h15_credentials_in_headers_are_ignored_and_never_logged(
    #[values(
        "Authorization: Bearer m4rk3r",
        "Authorization: Basic m4rk3r",
        "Authorization: m4rk3r",
        "Proxy-Authorization: Basic m4rk3r",
        "Cookie: session=m4rk3r"
    )]
    header: &str,
) {
    let log = Log::begin();
    let app = TestApp::start().await;

    let without = app.token(TARGET).await;
    let with = ask(&app, &[header, header]).await;
    let refused = app.send(request_with(&[header], "")).await;

    assert_eq!(with.access_token(), without.access_token());
    assert_eq!(refused.status, 400);
    assert!(!format!("{with:?} {refused:?} {}", refused.text()).contains(MARKER));
    assert!(!log.text().is_empty());
    assert!(!log.text().contains(MARKER), "{}", log.text());
}

#[rstest]
#[case::token(request_with(&[JSON], good_body()), 200)]
#[case::bad_request(request_with(&[JSON], "{}"), 400)]
#[case::no_host(raw_request("GET / HTTP/1.1", &[], ""), 400)]
#[case::from_a_page(request_with(&[JSON, "Origin: null"], good_body()), 403)]
#[case::another_path(raw_request("GET / HTTP/1.1", &["Host: localhost"], ""), 404)]
#[case::another_method(raw_request("GET /api/v1/token HTTP/1.1", &["Host: localhost"], ""), 405)]
#[case::too_large(request_with(&[JSON], " ".repeat(65_537)), 413)]
#[case::another_host(raw_request("GET / HTTP/1.1", &["Host: a"], ""), 421)]
#[case::ambiguous(raw_request("GET / HTTP/1.1", &["Host: localhost\nX: y"], ""), 400)]
#[tokio::test]
async fn h16_every_answer_has_the_same_headers(#[case] request: Vec<u8>, #[case] status: u16) {
    let app = TestApp::start().await;

    let answer = app.send(request).await;

    assert_eq!(answer.status, status, "{}", answer.text());
    assert_headers(&answer);
    let length = answer.body.len().to_string();
    assert_eq!(answer.headers("content-length"), [length]);
}

#[rstest]
#[case::refused(400, 400)]
#[case::throttled(429, 429)]
#[case::broken(500, 502)]
#[tokio::test]
async fn h16_answers_about_the_provider_have_them_too(#[case] theirs: u16, #[case] ours: u16) {
    let app = TestApp::start().await;
    let body = (theirs == 500).then(|| "<html>".to_owned());
    let headers = Some("Set-Cookie: m4rk3r=1\nServer: m4rk3r\nX-M4rk3r: m4rk3r".to_owned());
    let fault = laredo::dev::Fault {
        status: Some(theirs),
        body,
        headers,
        ..laredo::dev::Fault::default()
    };
    app.provider.faults().set([fault]).unwrap();

    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, ours, "{}", answer.text());
    assert_headers(&answer);
    assert!(!format!("{answer:?}").contains(MARKER));
}

#[tokio::test]
async fn h16_an_outage_has_them_too() {
    let app = TestApp::start().await;
    app.provider.stop().await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 503);
    assert_headers(&answer);
}
