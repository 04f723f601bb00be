//! What a web page may try from the browser of a developer's machine.

use rstest::rstest;

use crate::bad_input::{MARKER, assert_headers, good_body, raw_request, refused};
use crate::guards::{ask, assert_refused};
use crate::support::TestApp;

/// The page's own name resolves to 127.0.0.1 by now, so that for the browser the daemon is of the page's origin.
#[rstest]
#[case::with_the_port("m4rk3r.test:{port}")]
#[case::on_the_default_port("m4rk3r.test")]
#[tokio::test]
async fn s6_dns_rebinding_gets_a_page_nowhere(#[case] host: &str) {
    let app = TestApp::start().await;
    let headers = [
        &format!("Host: {host}"),
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Dest: empty",
        "Referer: http://m4rk3r.test:{port}/",
        "Accept: */*",
    ];
    let get = raw_request(
        "GET /api/v1/token HTTP/1.1",
        &[&format!("Host: {MARKER}.test")],
        "",
    );

    assert_refused(&app, &headers, 421).await;
    refused(&app, get, 421).await;
}

/// What a page can send without asking first (Fetch standard, "simple" requests), in a browser that sends no `Origin`.
#[rstest]
#[tokio::test]
async fn s6_a_plain_form_of_a_page_cannot_carry_json(
    #[values("text/plain", "multipart/form-data; boundary=m4rk3r")] media_type: &str,
) {
    let app = TestApp::start().await;
    let length = format!("Content-Length: {}", good_body().len());
    let media_type = format!("Content-Type: {media_type}");
    let headers = ["Host: localhost", &media_type, &length];

    let request = raw_request("POST /api/v1/token HTTP/1.1", &headers, good_body());

    refused(&app, request, 400).await;
}

#[tokio::test]
async fn s6_a_good_answer_has_no_header_for_pages_either() {
    let app = TestApp::start().await;

    let answer = ask(&app, &["Host: localhost"]).await;

    assert_headers(&answer);
}
