//! What may be asked of `/api/v1/token/exchange`, and of whom (X1, X2, X8).

use laredo::dev::Played;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::users::{EXCHANGING, body, claims};

const MARKER: &str = "m4rk3r";

/// The description; nothing has been called, and no value is repeated.
async fn refused(app: &TestApp, body: &Value) -> String {
    let answer = app.exchange(body).await;
    let (status, error, description) = answer.error();
    assert_eq!((status, &*error), (400, "invalid_request"), "{description}");
    assert!(!answer.text().contains(MARKER), "{description}");
    assert_eq!(app.provider.calls().count(), 0);
    description
}

#[rstest]
#[case::null(json!(null), "is missing")]
#[case::number(json!(4242), "is not a string")]
#[case::list(json!([MARKER]), "is not a string")]
#[case::empty(json!(""), "is empty")]
#[case::spaces(json!("   "), "is empty")]
#[case::unicode_space(json!("\u{a0}"), "is empty")]
#[case::only_scheme(json!("Bearer"), "is empty")]
#[case::only_scheme_and_spaces(json!(" bearer   "), "is empty")]
#[tokio::test]
async fn x1_a_users_token_that_says_nothing_is_a_bad_request(
    #[case] token: Value,
    #[case] what: &str,
) {
    let app = TestApp::with_all(&[]).await;
    let mut body = body(Played::TokenX, "a:b:c", "");
    body["user_token"] = token;

    assert_eq!(
        refused(&app, &body).await,
        format!("field `user_token` {what}")
    );
}

#[tokio::test]
async fn x1_a_request_without_a_users_token_is_a_bad_request() {
    let app = TestApp::with_all(&[]).await;

    let text = refused(
        &app,
        &json!({"identity_provider": "tokenx", "target": "a:b:c"}),
    )
    .await;

    assert_eq!(text, "field `user_token` is missing");
}

#[rstest]
#[tokio::test]
async fn x1_a_leading_scheme_and_outer_space_are_dropped(
    #[values("Bearer ", "bearer   ", " BEARER ", "  ")] before: &str,
    #[values("", " \n")] after: &str,
) {
    let app = TestApp::with_all(&[]).await;
    let user_token = app.user(Played::IdPorten, "alice").await;
    let dressed = format!("{before}{user_token}{after}");

    let answer = app.on_behalf(Played::TokenX, "a:b:c", &dressed).await;

    assert_eq!(claims(&answer.access_token())["sub"], "alice");
    let calls = app.provider.calls().of(Played::TokenX);
    assert_eq!(calls[0].field("subject_token"), Some(&*user_token));
}

#[rstest]
#[case::too_long(format!("{MARKER}{}", "a".repeat(32 * 1024)), "is longer than 32 KiB")]
#[case::not_ascii(format!("{MARKER}\u{e9}"), "has characters that no token has")]
#[case::line_break(format!("{MARKER}\r\nX: y"), "has characters that no token has")]
#[case::nul(format!("{MARKER}\0"), "has characters that no token has")]
#[case::inner_space(format!("{MARKER} {MARKER}"), "has characters that no token has")]
#[tokio::test]
async fn x2_a_users_token_that_fits_no_header_is_a_bad_request(
    #[case] token: String,
    #[case] what: &str,
) {
    let app = TestApp::with_all(&[]).await;

    for (provider, _, target) in EXCHANGING {
        let text = refused(&app, &body(provider, target, &token)).await;
        assert_eq!(text, format!("field `user_token` {what}"));
    }
}

#[rstest]
#[case(Played::Maskinporten, "maskinporten")]
#[case(Played::IdPorten, "idporten")]
#[tokio::test]
async fn x8_a_provider_without_exchange_says_so(#[case] provider: Played, #[case] name: &str) {
    let app = TestApp::with_all(&[]).await;

    let text = refused(&app, &body(provider, "a:b:c", MARKER)).await;

    let expected = format!("identity provider '{name}' does not support token exchange");
    assert_eq!(text, expected);
}

#[rstest]
#[case(Played::TokenX, "tokenx")]
#[case(Played::IdPorten, "idporten")]
#[tokio::test]
async fn t6_a_provider_without_tokens_for_apps_says_so(
    #[case] provider: Played,
    #[case] name: &str,
) {
    let app = TestApp::with_all(&[]).await;

    let answer = app.token_of(provider, MARKER).await;

    let text = format!("identity provider '{name}' does not support token requests");
    assert_eq!(answer.error(), (400, "invalid_request".to_owned(), text));
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn x8_a_provider_that_is_off_is_named_in_a_fixed_text() {
    let app = TestApp::start().await;

    let text = refused(&app, &body(Played::TokenX, "a:b:c", MARKER)).await;

    assert_eq!(text, "identity provider 'tokenx' is not enabled");
}
