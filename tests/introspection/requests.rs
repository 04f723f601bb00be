//! The fields of a request to introspect, JSON or form.

use rstest::rstest;
use serde_json::json;

use crate::bad_input::{MARKER, refused};
use crate::introspector::{Introspector, assert_active, assert_inactive, introspect_request};
use crate::support::TestApp;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const NO_TOKEN: &str = "invalid token header: InvalidToken";

async fn refused_body(media_type: &str, body: impl AsRef<[u8]>) -> String {
    let app = TestApp::start().await;
    let media_type = format!("Content-Type: {media_type}");
    let answer = refused(&app, introspect_request(&[&media_type], body), 400).await;
    answer.error().2
}

#[tokio::test]
async fn h7_h8_json_and_forms_are_read_by_their_exact_media_types() {
    let with = Introspector::start().await;
    let token = with.good_token();
    let json = json!({ "token": token }).to_string();
    let form = format!("token={token}");

    for (media_type, body) in [
        (JSON, &json),
        ("Application/JSON; Charset=\"UTF-8\"", &json),
        (FORM, &form),
        ("APPLICATION/X-WWW-FORM-URLENCODED;charset=utf-8", &form),
    ] {
        assert_active(&with.post(media_type, body).await);
    }
}

#[rstest]
#[tokio::test]
async fn h7_another_media_type_is_a_bad_request(
    #[values(
        "",
        "text/plain",
        "application/jwt",
        "application/jsonp",
        "application/token-introspection+jwt",
        "application/json; charset=utf-16",
        "multipart/form-data; boundary=m4rk3r"
    )]
    media_type: &str,
) {
    let said = refused_body(media_type, r#"{"token":"m4rk3r"}"#).await;

    assert!(
        said.starts_with("unsupported media type") || said.starts_with("Content-Type"),
        "{said}"
    );
}

#[rstest]
#[case::json(JSON, "{}")]
#[case::json_null(JSON, r#"{"token":null}"#)]
#[case::json_with_another_name(JSON, r#"{"Token":"m4rk3r","access_token":"m4rk3r"}"#)]
#[case::form(FORM, "identity_provider=entra_id")]
#[case::an_empty_form(FORM, "")]
#[tokio::test]
async fn a_missing_token_is_a_bad_request(#[case] media_type: &str, #[case] body: &str) {
    let said = refused_body(media_type, body).await;

    assert_eq!(said, "field `token` is missing");
}

#[rstest]
#[tokio::test]
async fn h11_a_token_that_is_no_text_is_a_bad_request(
    #[values("1", "true", "[\"m4rk3r\"]", "{\"m4rk3r\":1}")] value: &str,
) {
    let said = refused_body(JSON, format!("{{\"token\":{value}}}")).await;

    assert_eq!(said, "field `token` is not a string");
}

#[rstest]
#[case::json(JSON, r#"{"token":""}"#)]
#[case::json_blanks(JSON, r#"{"token":" \t\r\n"}"#)]
#[case::json_with_nothing_but_the_scheme(JSON, r#"{"token":"Bearer "}"#)]
#[case::json_with_nothing_but_blanks_behind_it(JSON, r#"{"token":" Bearer   "}"#)]
#[case::form(FORM, "token=")]
#[case::form_without_equals(FORM, "token")]
#[case::form_blanks(FORM, "token=+%09")]
#[tokio::test]
async fn an_empty_token_is_not_valid(#[case] media_type: &str, #[case] body: &str) {
    let with = Introspector::start().await;

    assert_inactive(&with.post(media_type, body).await, NO_TOKEN);
}

#[rstest]
#[case::scheme("Bearer {}")]
#[case::another_case("bEARER {}")]
#[case::blanks_behind_it("Bearer   {}")]
#[case::blanks_around("  {}\r\n")]
#[case::both(" \tBearer {} \n")]
#[tokio::test]
async fn the_scheme_and_white_space_around_a_token_are_dropped(#[case] written: &str) {
    let with = Introspector::start().await;
    let written = written.replace("{}", &with.good_token());

    assert_active(&with.ask(&written).await);
    assert_active(&with.ask_nobody(&written).await);
}

#[rstest]
#[case::two_schemes("Bearer Bearer {}")]
#[case::another_scheme("DPoP {}")]
#[case::no_blank("Bearer{}")]
#[case::a_colon("Bearer: {}")]
#[case::a_header("Authorization: Bearer {}")]
#[case::quotes("\"{}\"")]
#[case::two_tokens("{} {}")]
#[case::a_comma("{},")]
#[tokio::test]
async fn nothing_else_around_a_token_is_dropped(#[case] written: &str) {
    let with = Introspector::start().await;
    let written = written.replace("{}", &with.good_token());

    assert_inactive(&with.ask(&written).await, NO_TOKEN);
}

#[rstest]
#[case::json(JSON, r#"{"token":"m4rk3r","token":"m4rk3r"}"#, "token")]
#[case::json_by_an_escape(JSON, r#"{"token":"m4rk3r","t\u006fken":"m4rk3r"}"#, "token")]
#[case::json_null(JSON, r#"{"token":"m4rk3r","token":null}"#, "token")]
#[case::json_provider(
    JSON,
    r#"{"token":"m4rk3r","identity_provider":"entra_id","identity_provider":"entra_id"}"#,
    "identity_provider"
)]
#[case::form(FORM, "token=m4rk3r&token=m4rk3r", "token")]
#[case::form_by_an_escape(FORM, "token=m4rk3r&%74oken=", "token")]
#[case::form_provider(
    FORM,
    "token=m4rk3r&identity_provider=entra_id&identity_provider=entra_id",
    "identity_provider"
)]
#[tokio::test]
async fn h11_h12_a_known_field_given_twice_is_a_bad_request(
    #[case] media_type: &str,
    #[case] body: &str,
    #[case] field: &str,
) {
    let said = refused_body(media_type, body).await;

    assert!(
        said.starts_with(&format!("field `{field}` is given twice")),
        "{said}"
    );
}

#[rstest]
#[case::json(JSON, r#"{"token":"a","identity_provider":"m4rk3r"}"#)]
#[case::json_in_another_case(JSON, r#"{"token":"a","identity_provider":"AzureAD"}"#)]
#[case::json_number(JSON, r#"{"token":"a","identity_provider":1}"#)]
#[case::json_empty(JSON, r#"{"token":"a","identity_provider":""}"#)]
#[case::form(FORM, "token=a&identity_provider=m4rk3r")]
#[tokio::test]
async fn a_provider_that_nobody_knows_is_a_bad_request(
    #[case] media_type: &str,
    #[case] body: &str,
) {
    let said = refused_body(media_type, body).await;

    assert!(
        said.starts_with("field `identity_provider` is not"),
        "{said}"
    );
}

#[rstest]
#[tokio::test]
async fn h11_odd_json_is_a_bad_request(
    #[values(
        &b"{\"token\":\"m4rk3r\xff\"}"[..],
        br#"{"token":"m4rk3r\ud800"}"#,
        br#"{"token":"m4rk3r",}"#,
        br#"["m4rk3r"]"#,
        br#""m4rk3r""#,
        b"\xef\xbb\xbf{\"token\":\"m4rk3r\"}",
        br#"{"token":"m4rk3r"}{}"#,
        b"token=m4rk3r",
        b""
    )]
    body: &[u8],
) {
    let said = refused_body(JSON, body).await;

    assert!(said.starts_with("the body is not"), "{said}");
}

#[tokio::test]
async fn h12_a_form_field_that_is_not_utf_8_is_a_bad_request() {
    assert_eq!(
        refused_body(FORM, "token=m4rk3r%ff").await,
        "field `token` is not UTF-8"
    );
}

#[tokio::test]
async fn h13_unknown_fields_are_ignored_and_not_repeated() {
    let with = Introspector::start().await;
    let token = with.good_token();
    let filler = format!("&{MARKER}={MARKER}").repeat(1_000);
    let fields = json!({
        "token": token, "token_type_hint": "refresh_token", MARKER: [MARKER], "target": 1, "skip_cache": "x",
        "client_id": MARKER, "client_secret": MARKER, "resource": {},
    });

    let json = with.ask_json(&fields).await;
    let twice = format!("{{\"token_type_hint\":1,\"token_type_hint\":2,\"token\":\"{token}\"}}");
    let twice = with.post(JSON, twice).await;
    let form = with
        .post(
            FORM,
            format!("token_type_hint=access_token&token_type_hint=x&token={token}{filler}"),
        )
        .await;

    for answer in [json, twice, form] {
        assert_active(&answer);
        assert!(!answer.text().contains(MARKER));
    }
}

/// Stock clients of RFC 7662 say who they are, as they would have to elsewhere.
#[rstest]
#[tokio::test]
async fn h15_credentials_in_headers_are_ignored(
    #[values(
        "Authorization: Basic bTRyazNyOm00cmszcg==",
        "Authorization: Bearer m4rk3r",
        "Authorization: m4rk3r",
        "Cookie: session=m4rk3r"
    )]
    header: &str,
) {
    let log = crate::log::Log::begin();
    let with = Introspector::start().await;
    let form = format!("token={}", with.good_token());
    let media_type = format!("Content-Type: {FORM}");

    let request = introspect_request(&[&media_type, header], form);
    let answer = with.app.send(request).await;

    assert_active(&answer);
    assert!(!answer.text().contains(MARKER));
    assert!(!log.text().contains(MARKER) && !log.text().contains("bTRyazNy"));
}

/// A token is not looked for where RFC 6750 would also have it.
#[tokio::test]
async fn the_token_is_in_the_body_and_nowhere_else() {
    let with = Introspector::start().await;
    let header = format!("Authorization: Bearer {}", with.good_token());
    let request = introspect_request(&["Content-Type: application/json", &header], "{}");

    let answer = refused(&with.app, request, 400).await;

    assert_eq!(answer.error().2, "field `token` is missing");
}
