//! Answers that are no token answers (F21–F24, F37b), and texts that are not to be trusted (S10, S16).

use rstest::rstest;
use serde_json::json;

use crate::log::Log;
use crate::scripted::{ScriptedPeer, Step};
use crate::support::{TARGET, TestApp, built_in_provider};
use crate::upstream::{TOKEN, answer, status};

/// [`TOKEN`], packed.
const GZIP: [u8; 78] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x4a, 0x4c, 0x4e, 0x4e,
    0x2d, 0x2e, 0x8e, 0x2f, 0xc9, 0xcf, 0x4e, 0xcd, 0x53, 0xb2, 0x52, 0xca, 0x2c, 0x2e, 0x2e, 0x4d,
    0x4d, 0x51, 0xd2, 0x51, 0x02, 0x0b, 0xc4, 0x97, 0x54, 0x16, 0xa4, 0x02, 0x45, 0x9d, 0x52, 0x13,
    0x8b, 0x52, 0x8b, 0x80, 0xa2, 0xa9, 0x15, 0x05, 0x99, 0x45, 0xa9, 0xc5, 0xf1, 0x99, 0x40, 0xb5,
    0xc6, 0xa6, 0x96, 0x96, 0xb5, 0x00, 0x1e, 0x86, 0x98, 0x83, 0x41, 0x00, 0x00, 0x00,
];

#[rstest]
#[tokio::test]
async fn f21_an_error_page_is_a_502_that_shows_and_logs_nothing_of_it(
    #[values(400, 401, 404, 500)] code: u16,
    #[values(
        "",
        "<html>canary</html>",
        r#"{"message":"canary"}"#,
        r#"{"error":{"canary":1}}"#,
        r#"["canary"]"#
    )]
    body: &str,
) {
    let log = Log::begin();
    let app = TestApp::with_fault(status(code, "X-Canary: canary", Some(body))).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    assert!(!answer.text().contains("canary"));
    assert!(answer.headers.iter().all(|(_, value)| value != "canary"));
    assert_eq!(log.count("canary"), 0);
    assert_eq!(log.count("no token from the identity provider"), 1);
}

#[tokio::test]
async fn f21_of_an_odd_answer_only_length_and_media_type_are_logged() {
    let log = Log::begin();
    let body = "<html>canary</html>";
    let app = TestApp::with_fault(status(404, "Content-Type: text/html", Some(body))).await;

    app.token(TARGET).await.assert_failed(502, "server_error");

    assert_eq!(
        log.count("media_type=\"text/html\" length=19"),
        1,
        "{}",
        log.text()
    );
    assert_eq!(log.count("canary"), 0);
}

#[rstest]
#[case::cut(&TOKEN.as_bytes()[..40])]
#[case::trailing_bytes(br#"{"access_token":"issued","token_type":"Bearer","expires_in":3599}x"#)]
#[case::two_documents(br#"{"access_token":"issued","token_type":"Bearer"}{}"#)]
#[case::byte_order_mark(b"\xef\xbb\xbf{\"access_token\":\"issued\",\"token_type\":\"Bearer\"}")]
#[case::invalid_utf_8(b"{\"access_token\":\"issued\",\"token_type\":\"Bearer\",\"x\":\"\xff\"}")]
#[case::empty(b"")]
#[case::html(b"<html>issued</html>")]
#[case::form(b"access_token=issued&token_type=Bearer")]
#[tokio::test]
async fn f22_what_is_no_valid_json_is_a_502(#[case] body: &[u8]) {
    let script = vec![answer("200 OK", "Content-Type: application/json\r\n", body)];
    let (app, _peer) = TestApp::facing(script, &[]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    assert!(!answer.text().contains("issued"));
}

#[rstest]
#[tokio::test]
async fn f22_utf_16_is_a_502(#[values(true, false)] big_endian: bool) {
    let units = TOKEN.encode_utf16();
    let body: Vec<u8> = match big_endian {
        true => units.flat_map(u16::to_be_bytes).collect(),
        false => units.flat_map(u16::to_le_bytes).collect(),
    };
    let (app, _peer) = TestApp::facing(vec![answer("200 OK", "", body)], &[]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
}

#[tokio::test]
async fn f22_nothing_is_unpacked() {
    let script = vec![answer("200 OK", "Content-Encoding: gzip\r\n", GZIP)];
    let (app, peer) = TestApp::facing(script, &[]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    let request = String::from_utf8(peer.seen().requests[0].clone()).unwrap();
    assert!(!request.to_ascii_lowercase().contains("accept-encoding"));
}

#[rstest]
#[tokio::test]
async fn f22_the_content_type_does_not_matter(
    #[values(
        "",
        "Content-Type: text/html\r\n",
        "Content-Type: application/jwt\r\n",
        "Content-Type: \r\n"
    )]
    header: &str,
) {
    let (app, _peer) = TestApp::facing(vec![answer("200 OK", header, TOKEN)], &[]).await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.access_token(), "issued");
}

/// A token answer that would be valid if it were not a little longer than 256 KiB.
fn too_long() -> String {
    TOKEN.to_owned() + &" ".repeat(256 * 1024)
}

#[rstest]
#[case::length("Content-Length: 10000000000\r\n\r\n".to_owned())]
#[case::length_and_some("Content-Length: 10000000000\r\n\r\n".to_owned() + &too_long())]
#[case::no_length("Connection: close\r\n\r\n".to_owned() + &too_long())]
#[case::chunks("Transfer-Encoding: chunked\r\n\r\n100000\r\n".to_owned() + &too_long())]
#[tokio::test]
async fn f23_an_endless_body_is_a_502_without_waiting_for_its_end(#[case] rest: String) {
    let script = vec![
        Step::text("HTTP/1.1 200 OK\r\n"),
        Step::text(&rest),
        Step::Hang,
    ];
    let (app, peer) = TestApp::facing(script, &[]).await;

    let answer = app.token(TARGET).await;

    // Waiting for the end would be a 504.
    answer.assert_failed(502, "server_error");
    assert_eq!(peer.seen().requests.len(), 1);
}

#[rstest]
#[case::deep("[".repeat(100_000))]
#[case::deep_inside(format!(
    r#"{{"access_token":"issued","token_type":"Bearer","x":{}{}}}"#,
    "[".repeat(100_000),
    "]".repeat(100_000)
))]
#[case::many_members(format!(
    r#"{{"access_token":"issued","token_type":"Bearer"{}}}"#,
    (0..1_000_000).map(|number| format!(r#","{number}":0"#)).collect::<String>()
))]
#[case::long_string(format!(
    r#"{{"access_token":"issued","token_type":"Bearer","x":"{}"}}"#,
    "x".repeat(1024 * 1024)
))]
#[tokio::test]
async fn f24_a_monstrous_answer_is_a_502_and_the_daemon_goes_on(#[case] body: String) {
    let app = TestApp::with_fault(status(200, "", Some(&body))).await;

    let answer = app.token(TARGET).await;
    app.mend_provider();
    let after = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    assert!(!answer.text().contains("issued"));
    assert_eq!(after.status, 200);
}

#[rstest]
#[case::no_content("204 No Content", "")]
#[case::partial("206 Partial Content", TOKEN)]
#[case::not_modified("304 Not Modified", "")]
#[case::created("201 Created", TOKEN)]
#[case::accepted("202 Accepted", TOKEN)]
#[tokio::test]
async fn f37b_any_success_but_200_is_a_502(#[case] line: &str, #[case] body: &str) {
    let head = format!("HTTP/1.1 {line}\r\nConnection: close\r\n\r\n{body}");
    let (app, peer) = TestApp::facing(vec![Step::text(&head)], &[]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    assert_eq!(peer.seen().requests.len(), 1);
}

#[tokio::test]
async fn f37b_a_flood_of_interim_answers_ends_with_the_time_out() {
    let flood = "HTTP/1.1 102 Processing\r\n\r\n".repeat(10_000);
    let script = vec![Step::text(&flood), Step::Hang];
    let timeout = ("LAREDO_HTTP_TIMEOUT_MILLIS", "300");
    let (app, peer) = TestApp::facing(script, &[timeout]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(504, "temporarily_unavailable");
    assert_eq!(peer.seen().requests.len(), 1);
}

#[tokio::test]
async fn s16_a_description_is_cut_cleaned_and_not_logged() {
    let log = Log::begin();
    let app = TestApp::start().await;
    let secret = app.provider.client_secret().unwrap();
    let description = format!(
        "canary\r\n\u{1b}[31m{}{}",
        secret.expose(),
        "x".repeat(5000)
    );
    let body = json!({"error": "invalid_grant", "error_description": description}).to_string();
    app.break_provider(status(400, "", Some(&body)));

    let answer = app.token(TARGET).await;

    answer.assert_failed(400, "invalid_grant");
    let passed_on = answer.error().2;
    assert!(passed_on.starts_with("canary   [31m"));
    assert_eq!(passed_on.len(), 1024);
    assert_eq!(log.count("refused a token request"), 1);
    assert_eq!(log.count("canary") + log.count(secret.expose()), 0);
}

#[tokio::test]
async fn s10_metadata_cannot_lead_to_plain_http_off_loopback() {
    // RFC 5737: an address of nobody.
    let document =
        json!({"issuer": "http://127.0.0.1", "token_endpoint": "http://192.0.2.1/token"});
    let script = vec![answer("200 OK", "", document.to_string())];
    let peer = ScriptedPeer::start(script).await;
    let variables = [
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", ""),
        ("AZURE_APP_WELL_KNOWN_URL", &peer.base_url()),
    ];
    let app = TestApp::start_at(built_in_provider().await, "", &variables).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(503, "temporarily_unavailable");
    assert!(answer.error().2.contains("LAREDO_PLAIN_HTTP_HOSTS"));
}
