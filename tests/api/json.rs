//! Bodies that are not quite JSON, or not quite the JSON that is asked for.

use rstest::rstest;

use crate::bad_input::{refused, refused_json, request_with};
use crate::support::TestApp;

const JSON: &str = "Content-Type: application/json";

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
#[case::utf_16(b"{\0\"\0a\0\"\0:\x001\0}\0")]
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
