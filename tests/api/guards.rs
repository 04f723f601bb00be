//! Who may ask: the app beside the daemon, under one of its own names, and no browser page.

use rstest::rstest;

use crate::bad_input::{MARKER, good_body, raw_request, refused};
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v1/token";

/// A good request to `target` with these header lines, `{port}` in them being the daemon's own.
pub fn good_request(app: &TestApp, target: &str, headers: &[&str]) -> Vec<u8> {
    let port = app.api.port().to_string();
    let fill_in = |text: &str| text.replace("{port}", &port);
    let length = format!("Content-Length: {}", good_body().len());
    let mut lines: Vec<_> = headers.iter().map(|line| fill_in(line)).collect();
    lines.extend(["Content-Type: application/json".to_owned(), length]);
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let line = format!("POST {} HTTP/1.1", fill_in(target));
    raw_request(&line, &lines, good_body())
}

pub async fn ask(app: &TestApp, headers: &[&str]) -> Answer {
    app.send(good_request(app, PATH, headers)).await
}

pub async fn assert_refused(app: &TestApp, headers: &[&str], status: u16) {
    refused(app, good_request(app, PATH, headers), status).await;
}

#[rstest]
#[tokio::test]
async fn h4_the_loopback_names_are_let_in(
    #[values(
        "localhost",
        "LOCALHOST",
        "LocalHost:{port}",
        "localhost:{port}",
        "127.0.0.1",
        "127.0.0.1:{port}",
        "[::1]",
        "[::1]:{port}"
    )]
    host: &str,
) {
    let app = TestApp::start().await;

    let answer = ask(&app, &[&format!("Host: {host}")]).await;

    assert_eq!(answer.status, 200, "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn h4_every_other_host_is_misdirected(
    #[values(
        "",
        "m4rk3r.test",
        "127.0.0.1.m4rk3r.test",
        "localhost.m4rk3r",
        "localhost.",
        "localhost:m4rk3r",
        "localhost:1",
        "localhost:99999",
        "localhost:0{port}",
        "localhost:",
        "localhost:{port}:{port}",
        "m4rk3r@localhost",
        "m4rk3r:m4rk3r@localhost:{port}",
        "localhost@m4rk3r.test",
        "localhost, m4rk3r.test",
        "localhost/m4rk3r",
        "http://localhost",
        "127.1",
        "127.0.0.2",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0.0.0.0",
        "0.0.0.0:{port}",
        "::1",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:0:0:1]",
        "[::1%lo]"
    )]
    host: &str,
) {
    let app = TestApp::start().await;

    assert_refused(&app, &[&format!("Host: {host}")], 421).await;
}

#[tokio::test]
async fn h4_a_host_that_is_not_ascii_is_misdirected() {
    let app = TestApp::start().await;

    assert_refused(&app, &["Host: l\u{f6}calhost"], 421).await;
}

#[rstest]
#[case::missing(&[])]
#[case::the_same_twice(&["Host: localhost", "Host: localhost"])]
#[case::a_foreign_second(&["Host: localhost", "Host: m4rk3r.test"])]
#[case::a_foreign_first(&["Host: m4rk3r.test", "host: localhost"])]
#[case::an_empty_second(&["Host: localhost", "Host:"])]
#[tokio::test]
async fn h4_a_host_that_is_missing_or_given_twice_is_a_bad_request(#[case] headers: &[&str]) {
    let app = TestApp::start().await;

    assert_refused(&app, headers, 400).await;
}

#[tokio::test]
async fn h4_http_1_0_does_not_excuse_a_missing_host() {
    let app = TestApp::start().await;
    let request = raw_request("POST /api/v1/token HTTP/1.0", &[], "");

    refused(&app, request, 400).await;
}

#[rstest]
#[case::foreign("http://m4rk3r.test/api/v1/token", "localhost")]
#[case::foreign_with_our_port("http://m4rk3r.test:{port}/api/v1/token", "localhost")]
#[case::foreign_in_both("http://m4rk3r.test/api/v1/token", "m4rk3r.test")]
#[case::userinfo("http://m4rk3r@localhost/api/v1/token", "localhost")]
#[case::foreign_host_header("http://localhost/api/v1/token", "m4rk3r.test")]
#[tokio::test]
async fn h4_an_absolute_target_does_not_get_round_the_check(
    #[case] target: &str,
    #[case] host: &str,
) {
    let app = TestApp::start().await;
    let request = good_request(&app, target, &[&format!("Host: {host}")]);

    refused(&app, request, 421).await;
}

#[tokio::test]
async fn h4_an_absolute_target_with_our_own_name_is_let_in() {
    let app = TestApp::start().await;

    let answer = app
        .send(good_request(
            &app,
            "http://localhost:{port}/api/v1/token",
            &["Host: localhost:{port}"],
        ))
        .await;

    assert_eq!(answer.status, 200, "{answer:?}");
}

#[rstest]
#[case("Laredo.Team", 200)]
#[case("laredo.team:8080", 200)]
#[case("localhost", 200)]
#[case("m4rk3r.laredo.team", 421)]
#[case("laredo.team.m4rk3r", 421)]
#[tokio::test]
async fn h4_a_configured_name_is_let_in_and_nothing_like_it(
    #[case] host: &str,
    #[case] status: u16,
) {
    let app = TestApp::start_with(&[("LAREDO_ALLOWED_HOSTS", "laredo.team")]).await;

    let answer = ask(&app, &[&format!("Host: {host}")]).await;

    assert_eq!(answer.status, status, "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn h5_a_request_with_an_origin_is_forbidden(
    #[values(
        "Origin: null",
        "Origin: https://m4rk3r.test",
        "Origin: http://localhost:{port}",
        "Origin: http://127.0.0.1:{port}",
        "Origin: file://",
        "Origin: *",
        "Origin:",
        "origin: chrome-extension://m4rk3r"
    )]
    origin: &str,
) {
    let app = TestApp::start().await;

    assert_refused(&app, &["Host: localhost", origin], 403).await;
}

#[rstest]
#[tokio::test]
async fn h5_a_request_from_another_site_is_forbidden(
    #[values("cross-site", "Cross-Site", "CROSS-SITE")] site: &str,
) {
    let app = TestApp::start().await;

    assert_refused(
        &app,
        &["Host: localhost", &format!("Sec-Fetch-Site: {site}")],
        403,
    )
    .await;
}

#[tokio::test]
async fn h5_cross_site_is_seen_behind_another_value() {
    let app = TestApp::start().await;
    let headers = [
        "Host: localhost",
        "Sec-Fetch-Site: none",
        "Sec-Fetch-Site: cross-site",
    ];

    assert_refused(&app, &headers, 403).await;
}

#[rstest]
#[tokio::test]
async fn h6_forwarding_headers_are_ignored_by_default(
    #[values("X-Forwarded-For", "Forwarded", "Via")] name: &str,
) {
    let app = TestApp::start().await;

    let answer = ask(&app, &["Host: localhost", &format!("{name}: {MARKER}")]).await;

    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains(MARKER));
}

#[rstest]
#[tokio::test]
async fn h6_forwarded_requests_are_forbidden_on_demand(
    #[values("X-Forwarded-For", "Forwarded", "Via", "via")] name: &str,
) {
    let app = TestApp::start_with(&[("LAREDO_REFUSE_FORWARDED", "true")]).await;

    assert_refused(
        &app,
        &["Host: localhost", &format!("{name}: {MARKER}")],
        403,
    )
    .await;
}

#[tokio::test]
async fn h6_direct_requests_pass_where_forwarded_ones_are_refused() {
    let app = TestApp::start_with(&[("LAREDO_REFUSE_FORWARDED", "true")]).await;

    let answer = ask(&app, &["Host: localhost"]).await;

    assert_eq!(answer.status, 200);
}
