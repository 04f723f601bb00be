//! Forms, and fields that nobody knows.

use rstest::rstest;
use serde_json::json;

use crate::bad_input::{MARKER, refused_form};
use crate::support::{TARGET, TestApp};

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
