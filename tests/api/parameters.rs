//! `skip_cache` and `resource`, and which requests may share a token.

use rstest::rstest;
use serde_json::{Value, json};

use crate::bad_input::{MARKER, refused_form, refused_json};
use crate::support::{Answer, TARGET, TestApp};

pub const FORM: &str = "identity_provider=azuread&target=a%2F.default";

pub fn body_with(field: &str, value: &Value) -> Value {
    let mut body = json!({"identity_provider": "azuread", "target": TARGET});
    body[field] = value.clone();
    body
}

pub async fn ask_with(app: &TestApp, field: &str, value: &Value) -> Answer {
    let answer = app.post_json(&body_with(field, value)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

#[rstest]
#[case::text(json!("true"))]
#[case::text_false(json!("false"))]
#[case::empty(json!(""))]
#[case::one(json!(1))]
#[case::zero(json!(0))]
#[case::float(json!(1.0))]
#[case::list(json!([true]))]
#[case::object(json!({"m4rk3r": true}))]
#[case::word(json!("m4rk3r"))]
#[tokio::test]
async fn t7_skip_cache_in_json_is_a_boolean_or_a_bad_request(#[case] value: Value) {
    let app = TestApp::start().await;

    let answer = refused_json(&app, body_with("skip_cache", &value).to_string()).await;

    assert_eq!(
        answer.error().2,
        "field `skip_cache` is neither true nor false"
    );
}

#[rstest]
#[case::true_renews(json!(true), 2)]
#[case::false_does_not(json!(false), 1)]
#[case::null_does_not(json!(null), 1)]
#[tokio::test]
async fn t7_skip_cache_in_json_is_heeded(#[case] value: Value, #[case] calls: usize) {
    let app = TestApp::start().await;

    app.token(TARGET).await;
    ask_with(&app, "skip_cache", &value).await;

    assert_eq!(app.provider.calls().count(), calls);
}

#[rstest]
#[tokio::test]
async fn t7_skip_cache_in_a_form_is_spelled_true_or_false(
    #[values(
        "1",
        "0",
        "TRUE",
        "True",
        "yes",
        "on",
        "null",
        "true+",
        "%22true%22",
        "m4rk3r"
    )]
    value: &str,
) {
    let app = TestApp::start().await;

    let answer = refused_form(&app, &format!("{FORM}&skip_cache={value}")).await;

    assert_eq!(
        answer.error().2,
        "field `skip_cache` is neither true nor false"
    );
}

#[rstest]
#[case::true_renews("true", 2)]
#[case::false_does_not("false", 1)]
#[case::nothing_does_not("", 1)]
#[tokio::test]
async fn t7_skip_cache_in_a_form_is_heeded(#[case] value: &str, #[case] calls: usize) {
    let app = TestApp::start().await;

    app.post_form(FORM).await;
    let answer = app.post_form(&format!("{FORM}&skip_cache={value}")).await;

    assert_eq!(answer.status, 200);
    assert_eq!(app.provider.calls().count(), calls);
}

#[rstest]
#[case::uri(json!("https://m4rk3r.example/a?b=c&d"))]
#[case::not_a_uri(json!("m4rk3r \u{e6}\u{202e} %zz"))]
#[case::control_characters(json!("m4rk3r\r\n\u{0}\t"))]
#[case::long(json!(MARKER.repeat(10_000)))]
#[case::blank(json!("  "))]
#[tokio::test]
async fn t8_any_text_is_a_resource_and_goes_into_the_key_alone(#[case] resource: Value) {
    let app = TestApp::start().await;

    let plain = app.token(TARGET).await;
    let with = ask_with(&app, "resource", &resource).await;
    let again = ask_with(&app, "resource", &resource).await;

    assert_ne!(with.access_token(), plain.access_token());
    assert_eq!(again.access_token(), with.access_token());
    assert!(!with.text().contains(MARKER));
    for call in app.provider.calls().all() {
        assert_eq!(call.field("resource"), None);
        assert!(call.form.iter().all(|(_, value)| !value.contains(MARKER)));
    }
}

#[rstest]
#[case::number(json!(4242))]
#[case::boolean(json!(true))]
#[case::list(json!(["m4rk3r"]))]
#[case::object(json!({"m4rk3r": 1}))]
#[tokio::test]
async fn t8_a_resource_that_is_no_text_is_a_bad_request(#[case] resource: Value) {
    let app = TestApp::start().await;

    refused_json(&app, body_with("resource", &resource).to_string()).await;
}

#[rstest]
#[tokio::test]
async fn t9_a_held_token_is_for_its_own_provider(
    #[values("maskinporten", "tokenx", "idporten")] other: &str,
) {
    let app = TestApp::start().await;
    let held = app.token(TARGET).await.access_token();

    let answer = app
        .post_json(&json!({"identity_provider": other, "target": TARGET}))
        .await;

    assert_eq!(answer.status, 400);
    assert!(!answer.text().contains(&held));
}

#[tokio::test]
async fn t9_a_user_token_does_not_get_a_token_for_the_app_from_the_exchange() {
    let app = TestApp::start().await;
    let held = app.token(TARGET).await.access_token();
    let body = json!({"identity_provider": "azuread", "target": TARGET, "user_token": "m4rk3r"});
    let body = body.to_string();
    let request = format!(
        "POST /api/v1/token/exchange HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );

    let answer = app.send(request).await;

    assert!(answer.status >= 400, "{}", answer.text());
    assert!(!answer.text().contains(&held) && !answer.text().contains(MARKER));
}
