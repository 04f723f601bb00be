//! Media types: JSON and forms by their exact names, and nothing like them.

use rstest::rstest;

use crate::bad_input::{MARKER, good_body, refused, request_with};
use crate::support::TestApp;

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
