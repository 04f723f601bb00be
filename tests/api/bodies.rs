//! Media types and bodies: what is read, and what is not taken for something that it is not.

use rstest::rstest;
use serde_json::json;

use crate::refusals::{
    MARKER, assert_refusal, good_body, raw_request, refused, refused_form, refused_json,
    request_with,
};
use crate::support::{TARGET, TestApp};

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
#[case::none(&[])]
#[case::empty(&["Content-Type:"])]
#[case::text(&["Content-Type: text/plain"])]
#[case::multipart(&["Content-Type: multipart/form-data; boundary=m4rk3r"])]
#[case::jsonp(&["Content-Type: application/jsonp"])]
#[case::json_patch(&["Content-Type: application/json-patch+json"])]
#[case::structured_suffix(&["Content-Type: application/m4rk3r+json"])]
#[case::text_json(&["Content-Type: text/json"])]
#[case::any_json(&["Content-Type: */json"])]
#[case::a_word(&["Content-Type: json"])]
#[case::space_within(&["Content-Type: application / json"])]
#[case::a_list(&["Content-Type: application/json, text/plain"])]
#[case::two_of_the_same(&["Content-Type: application/json", "Content-Type: application/json"])]
#[case::two_that_differ(&["Content-Type: application/json", "content-type: application/x-www-form-urlencoded"])]
#[case::utf_16(&["Content-Type: application/json; charset=utf-16"])]
#[case::latin_1(&["Content-Type: application/x-www-form-urlencoded; charset=iso-8859-1"])]
#[case::two_charsets(&["Content-Type: application/json; charset=utf-8; charset=m4rk3r"])]
#[case::not_ascii(&["Content-Type: application/json\u{e9}"])]
#[case::long(&["Content-Type: m4rk3r/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])]
#[tokio::test]
async fn h7_another_media_type_is_a_bad_request(#[case] headers: &[&str]) {
    let app = TestApp::start().await;

    refused(&app, request_with(headers, good_body()), 400).await;
}

#[tokio::test]
async fn h7_the_refusal_names_the_type_without_its_parameters() {
    let app = TestApp::start().await;
    let headers = ["Content-Type: text/(a)plain; secret=m4rk3r"];

    let answer = refused(&app, request_with(&headers, good_body()), 400).await;

    assert_eq!(
        answer.error().2,
        "unsupported media type: text/aplain: expected one of `application/json`, \
         `application/x-www-form-urlencoded`"
    );
    assert!(!answer.text().contains(MARKER));
}

#[rstest]
#[tokio::test]
async fn h8_the_media_types_spelling_is_free(
    #[values(
        "application/json",
        "application/json;charset=UTF-8",
        "application/json; charset=utf-8",
        "APPLICATION/JSON ;\tCHARSET=\"Utf-8\"",
        "  Application/Json  ",
        "application/json;",
        "application/json; profile=m4rk3r"
    )]
    media_type: &str,
) {
    let app = TestApp::start().await;

    let answer = app.post(media_type, &good_body()).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[rstest]
#[tokio::test]
async fn h8_a_forms_media_type_is_as_free(
    #[values(
        "application/x-www-form-urlencoded;charset=UTF-8",
        "Application/X-WWW-Form-URLEncoded ; charset=utf-8"
    )]
    media_type: &str,
) {
    let app = TestApp::start().await;

    let answer = app
        .post(media_type, "identity_provider=azuread&target=a%2F.default")
        .await;

    assert_eq!(answer.status, 200, "{}", answer.text());
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

#[rstest]
#[case::invalid_utf_8(b"{\"target\":\"m4rk3r\xff\"}")]
#[case::invalid_utf_8_in_an_unknown_field(b"{\"x\":\"m4rk3r\xc3\x28\"}")]
#[case::invalid_utf_8_in_a_name(b"{\"m4rk3r\xff\":1}")]
#[case::overlong_utf_8(b"{\"target\":\"m4rk3r\xc0\xaf\"}")]
#[case::surrogates_as_utf_8(b"{\"target\":\"m4rk3r\xed\xa0\x80\"}")]
#[case::lone_surrogate(br#"{"identity_provider":"azuread","target":"m4rk3r\ud800"}"#)]
#[case::lone_low_surrogate(br#"{"identity_provider":"azuread","target":"m4rk3r\udc00"}"#)]
#[case::lone_surrogate_in_an_unknown_field(
    br#"{"identity_provider":"azuread","target":"a","x":"\ud800"}"#
)]
#[case::nan(br#"{"identity_provider":"azuread","target":"a","m4rk3r":NaN}"#)]
#[case::infinity(br#"{"identity_provider":"azuread","target":"a","m4rk3r":-Infinity}"#)]
#[case::trailing_comma(br#"{"identity_provider":"azuread","target":"m4rk3r",}"#)]
#[case::block_comment(br#"{"identity_provider":"azuread",/* m4rk3r */"target":"a"}"#)]
#[case::line_comment(b"{\"identity_provider\":\"azuread\", // m4rk3r\n\"target\":\"a\"}")]
#[case::single_quotes(br"{'identity_provider':'azuread','target':'m4rk3r'}")]
#[case::name_without_quotes(br#"{identity_provider:"azuread",target:"m4rk3r"}"#)]
#[case::control_character_in_text(b"{\"identity_provider\":\"azuread\",\"target\":\"m4rk3r\n\"}")]
#[case::unknown_escape(br#"{"identity_provider":"azuread","target":"m4rk3r\x"}"#)]
#[case::byte_order_mark(b"\xef\xbb\xbf{\"identity_provider\":\"azuread\",\"target\":\"m4rk3r\"}")]
#[case::utf_16(b"{\0\"\0a\0\"\0:\01\0}\0")]
#[case::two_documents(br#"{"identity_provider":"azuread","target":"m4rk3r"}{}"#)]
#[case::text_behind(br#"{"identity_provider":"azuread","target":"a"} m4rk3r"#)]
#[case::nul_behind(b"{\"identity_provider\":\"azuread\",\"target\":\"m4rk3r\"}\0")]
#[case::array(br#"[{"identity_provider":"azuread","target":"m4rk3r"}]"#)]
#[case::positional_array(br#"["azuread","m4rk3r"]"#)]
#[case::text(br#""m4rk3r""#)]
#[case::number(b"1")]
#[case::null(b"null")]
#[case::a_form(b"identity_provider=azuread&target=m4rk3r")]
#[case::blanks(b" \t\r\n")]
#[case::cut_short(br#"{"identity_provider":"azuread","target":"m4rk3r"#)]
#[case::number_as_target(br#"{"identity_provider":"azuread","target":4242}"#)]
#[case::boolean_as_target(br#"{"identity_provider":"azuread","target":true}"#)]
#[case::array_as_target(br#"{"identity_provider":"azuread","target":["m4rk3r"]}"#)]
#[case::object_as_target(br#"{"identity_provider":"azuread","target":{"m4rk3r":"m4rk3r"}}"#)]
#[case::number_as_resource(br#"{"identity_provider":"azuread","target":"a","resource":4242}"#)]
#[case::number_out_of_range(br#"{"identity_provider":"azuread","target":"a","m4rk3r":1e400}"#)]
#[case::leading_zero(br#"{"identity_provider":"azuread","target":"a","m4rk3r":01}"#)]
#[tokio::test]
async fn h11_odd_json_is_a_bad_request(#[case] body: &[u8]) {
    let app = TestApp::start().await;

    refused_json(&app, body).await;
}

#[rstest]
#[case::arrays("[", "]")]
#[case::objects("{\"m4rk3r\":", "}")]
#[tokio::test]
async fn h11_json_10_000_levels_deep_is_a_bad_request(
    #[case] open: &str,
    #[case] close: &str,
    #[values("target", "authorization_details", "unknown")] field: &str,
) {
    let app = TestApp::start().await;
    let (open, close) = (open.repeat(5_000), close.repeat(5_000));
    let (open, close) = (
        format!("{}{open}", "[".repeat(5_000)),
        format!("{close}{}", "]".repeat(5_000)),
    );

    let body = format!("{{\"identity_provider\":\"azuread\",\"{field}\":{open}1{close}}}");

    refused_json(&app, body).await;
}

#[rstest]
#[tokio::test]
async fn h11_a_known_field_given_twice_is_a_bad_request(
    #[values(
        "identity_provider",
        "target",
        "resource",
        "authorization_details",
        "skip_cache"
    )]
    field: &str,
    #[values("null", "\"m4rk3r\"", "{\"m4rk3r\":1}")] value: &str,
) {
    let app = TestApp::start().await;
    let escaped = format!("\\u{:04x}{}", field.as_bytes()[0], &field[1..]);

    refused_json(&app, format!("{{\"{field}\":{value},\"{field}\":{value}}}")).await;
    refused_json(
        &app,
        format!("{{\"{field}\":{value},\"{escaped}\":{value}}}"),
    )
    .await;
}

#[tokio::test]
async fn h11_a_number_of_1_mib_is_too_large() {
    let app = TestApp::start().await;
    let body = format!("{{\"target\":{}}}", "4".repeat(1024 * 1024));

    refused(&app, request_with(&[JSON], body), 413).await;
}

#[rstest]
#[tokio::test]
async fn h11_a_number_as_long_as_the_body_may_be_is_a_bad_request(
    #[values("target", "resource", "unknown")] field: &str,
) {
    let app = TestApp::start().await;
    let number = "4".repeat(60 * 1024);

    refused_json(&app, format!("{{\"{field}\":{number}}}")).await;
}

#[rstest]
#[tokio::test]
async fn h12_a_known_field_given_twice_in_a_form_is_a_bad_request(
    #[values(
        "identity_provider",
        "target",
        "resource",
        "authorization_details",
        "skip_cache"
    )]
    field: &str,
) {
    let app = TestApp::start().await;
    let escaped = format!("%{:02x}{}", field.as_bytes()[0], &field[1..]);

    refused_form(&app, &format!("{field}=m4rk3r&{field}=m4rk3r")).await;
    refused_form(&app, &format!("{field}=m4rk3r&x=y&{escaped}=")).await;
}

#[rstest]
#[case::plus_is_a_space("a+b%2F.default", "a b/.default")]
#[case::escaped_space("a%20b%2f.default", "a b/.default")]
#[case::escaped_plus("a%2Bb", "a+b")]
#[case::decoded_once("a%2525", "a%25")]
#[case::bad_percent("a%zz%", "a%zz%")]
#[case::escaped_separators("a%26b%3Dc", "a&b=c")]
#[case::an_equals_sign("a=b", "a=b")]
#[case::a_semicolon_separates_nothing("a;b", "a;b")]
#[case::utf_8("%C3%A6%F0%9F%94%91", "\u{e6}\u{1f511}")]
#[tokio::test]
async fn h12_a_forms_values_are_decoded_once(#[case] written: &str, #[case] meant: &str) {
    let app = TestApp::start().await;

    app.post_form(&format!("identity_provider=azuread&target={written}"))
        .await;

    assert_eq!(app.provider.calls().all()[0].field("scope"), Some(meant));
}

#[rstest]
#[case::escaped_nul("a%00m4rk3r")]
#[case::escaped_line_break("a%0d%0am4rk3r")]
#[case::not_utf_8("m4rk3r%ff")]
#[case::empty("")]
#[case::blanks("+%20%09")]
#[tokio::test]
async fn h12_a_bad_target_in_a_form_is_a_bad_request(#[case] written: &str) {
    let app = TestApp::start().await;

    refused_form(&app, &format!("identity_provider=azuread&target={written}")).await;
}

#[tokio::test]
async fn h12_10_000_fields_and_empty_names_are_read() {
    let app = TestApp::start().await;
    let others = "a=b&".repeat(10_000);

    let answer = app
        .post_form(&format!(
            "&&=&=m4rk3r&{others}identity_provider=azuread&target=a%2F.default&"
        ))
        .await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains(MARKER));
}

#[tokio::test]
async fn h13_unknown_fields_are_ignored_and_not_repeated() {
    let app = TestApp::start().await;
    let mut body = json!({"identity_provider": "azuread", "target": TARGET});
    for name in [
        MARKER,
        "Target",
        "user_token",
        "client_id",
        "scope",
        "__proto__",
        "",
    ] {
        body[name] = json!({"m4rk3r": [MARKER, 1, null]});
    }
    let with_twins = format!("{{\"x\":\"{MARKER}\",\"x\":1,{}", &body.to_string()[1..]);

    let answer = app.post("application/json", &with_twins).await;
    let of_form = app
        .post_form("m4rk3r=m4rk3r&m4rk3r=1&identity_provider=azuread&target=a%2F.default")
        .await;

    assert_eq!((answer.status, of_form.status), (200, 200));
    assert!(!answer.text().contains(MARKER) && !of_form.text().contains(MARKER));
}

#[tokio::test]
async fn h13_an_unknown_field_does_not_split_the_cache() {
    let app = TestApp::start().await;

    let one = app.token(TARGET).await;
    let other = app
        .post_json(&json!({"identity_provider": "azuread", "target": TARGET, "x": MARKER}))
        .await;

    assert_eq!(other.access_token(), one.access_token());
    for call in app.provider.calls().all() {
        assert!(call.form.iter().all(|(_, value)| !value.contains(MARKER)));
    }
}
