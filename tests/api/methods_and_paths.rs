//! Only POST, only the paths that there are.

use rstest::rstest;

use crate::bad_input::{
    MARKER, assert_headers, assert_refusal, good_body, raw_request, refused, request_with,
};
use crate::support::TestApp;

const JSON: &str = "Content-Type: application/json";

#[rstest]
#[tokio::test]
async fn h1_a_method_that_is_not_post_is_not_allowed(
    #[values(
        "GET", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "post"
    )]
    method: &str,
) {
    let app = TestApp::start().await;
    let line = format!("{method} /api/v1/token?{MARKER} HTTP/1.1");

    let answer = refused(
        &app,
        raw_request(&line, &["Host: localhost", &format!("X: {MARKER}")], ""),
        405,
    )
    .await;

    assert_eq!(answer.headers("allow"), ["POST"]);
}

#[rstest]
#[tokio::test]
async fn h1_a_body_does_not_make_another_method_a_post(#[values("PUT", "PATCH")] method: &str) {
    let app = TestApp::start().await;
    let body = good_body();
    let length = format!("Content-Length: {}", body.len());
    let line = format!("{method} /api/v1/token HTTP/1.1");

    let request = raw_request(&line, &["Host: localhost", JSON, &length], body);

    refused(&app, request, 405).await;
}

#[tokio::test]
async fn h1_head_gets_the_headers_and_no_body() {
    let app = TestApp::start().await;

    let answer = app
        .send(raw_request(
            "HEAD /api/v1/token HTTP/1.1",
            &["Host: localhost"],
            "",
        ))
        .await;

    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers("allow"), ["POST"]);
    assert_headers(&answer);
    assert!(answer.body.is_empty());
}

#[rstest]
#[case::to_us("CONNECT localhost:{port} HTTP/1.1", 405)]
#[case::to_another("CONNECT m4rk3r.test:443 HTTP/1.1", 421)]
#[tokio::test]
async fn h1_no_tunnel_is_opened(#[case] line: &str, #[case] status: u16) {
    let app = TestApp::start().await;
    let line = line.replace("{port}", &app.api.port().to_string());

    let answer = refused(&app, raw_request(&line, &["Host: localhost"], ""), status).await;

    assert_eq!(answer.headers("allow").is_empty(), status != 405);
}

#[tokio::test]
async fn h1_connect_with_a_path_is_refused() {
    let app = TestApp::start().await;

    let answer = app
        .send(raw_request(
            "CONNECT /api/v1/token HTTP/1.1",
            &["Host: localhost"],
            good_body(),
        ))
        .await;

    assert!(matches!(answer.status, 400 | 405), "{answer:?}");
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn h2_a_preflight_from_a_page_is_forbidden() {
    let app = TestApp::start().await;
    let headers = [
        "Host: localhost",
        &format!("Origin: https://{MARKER}.test"),
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type",
        "Access-Control-Request-Private-Network: true",
    ];

    refused(
        &app,
        raw_request("OPTIONS /api/v1/token HTTP/1.1", &headers, ""),
        403,
    )
    .await;
}

#[tokio::test]
async fn h2_a_preflight_without_an_origin_is_not_allowed() {
    let app = TestApp::start().await;
    let headers = ["Host: localhost", "Access-Control-Request-Method: POST"];

    refused(
        &app,
        raw_request("OPTIONS /api/v1/token HTTP/1.1", &headers, ""),
        405,
    )
    .await;
}

#[rstest]
#[case::none("/")]
#[case::prefix("/api/v1")]
#[case::longer("/api/v1/tokens")]
#[case::below("/api/v1/token/m4rk3r")]
#[case::trailing_slash("/api/v1/token/")]
#[case::two_slashes_first("//api/v1/token")]
#[case::two_slashes_within("/api//v1/token")]
#[case::escaped_letter("/api/v1/%74oken")]
#[case::escaped_slash("/api/v1%2ftoken")]
#[case::escaped_dots("/api/v1/%2e%2e/v1/token")]
#[case::dots("/api/v1/../v1/token")]
#[case::one_dot("/api/v1/./token")]
#[case::capitals("/API/v1/Token")]
#[case::path_parameter("/api/v1/token;m4rk3r")]
#[case::escaped_nul("/api/v1/token%00")]
#[case::escaped_space("/api/v1/token%20")]
#[case::back_slashes("/api\\v1\\token")]
#[case::probe("/healthz")]
#[case::metrics("/metrics")]
#[case::asterisk("*")]
#[tokio::test]
async fn h3_another_path_is_not_found(#[case] path: &str) {
    let app = TestApp::start().await;
    let length = format!("Content-Length: {}", good_body().len());
    let line = format!("POST {path} HTTP/1.1");

    let request = raw_request(&line, &["Host: localhost", JSON, &length], good_body());

    refused(&app, request, 404).await;
}

#[tokio::test]
async fn h3_a_path_of_8_kib_is_not_found() {
    let app = TestApp::start().await;
    let filler = "a".repeat(8 * 1024 - MARKER.len() - 2);
    let line = format!("POST /{MARKER}/{filler} HTTP/1.1");

    let answer = app.send(raw_request(&line, &["Host: localhost"], "")).await;

    assert_refusal(&answer, 404);
}

#[tokio::test]
async fn h3_the_path_itself_is_found() {
    let app = TestApp::start().await;

    let answer = app.send(request_with(&[JSON], good_body())).await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn h3_odd_paths_and_methods_are_no_labels_of_metrics() {
    let app = TestApp::start().await;
    let series = r#"laredo_http_requests_total{route="other",status="404"}"#;

    for line in ["POST /m4rk3r", "M4RK3R /m4rk3r", "GET /?m4rk3r"] {
        let request = raw_request(&format!("{line} HTTP/1.1"), &["Host: localhost"], "");
        app.send(request).await;
    }

    assert!(app.metric(series).await >= 3.0);
    let metrics = app.operations("/metrics").await.text();
    assert!(!metrics.to_ascii_lowercase().contains(MARKER));
}
