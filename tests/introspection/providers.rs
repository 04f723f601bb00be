//! Whose token it is: named, or told by the issuer. Two providers beside each other, `j39` in `src/verifier` has.

use rstest::rstest;
use serde_json::json;

use crate::bad_input::assert_headers;
use crate::corpus::heard;
use crate::introspector::{
    Introspector, assert_active, assert_inactive, inactive, introspect_request,
};
use crate::support::{Answer, TestApp};

#[rstest]
#[tokio::test]
async fn j39_a_token_sent_as_that_of_a_provider_that_is_off_is_refused(
    #[values("maskinporten", "tokenx", "idporten")] name: &str,
) {
    let with = Introspector::start().await;
    let token = with.good_token();
    assert_active(&with.ask(&token).await);

    let body = json!({"token": token, "identity_provider": name});
    let answer = with.ask_json(&body).await;

    let error = format!("identity provider '{name}' is not enabled");
    assert_inactive(&answer, &error);
}

#[rstest]
#[tokio::test]
async fn both_names_of_entra_id_are_its_own(#[values("azuread", "entra_id")] name: &str) {
    let with = Introspector::start().await;

    let body = json!({"token": with.good_token(), "identity_provider": name});

    assert_active(&with.ask_json(&body).await);
}

#[rstest]
#[case::left_out(json!({}))]
#[case::null(json!({"identity_provider": null}))]
#[tokio::test]
async fn without_a_name_the_issuer_tells_whose_token_it_is(#[case] mut body: serde_json::Value) {
    let with = Introspector::start().await;
    body["token"] = json!(with.good_token());

    let mine = with.ask_json(&body).await;
    body["token"] = json!(with.token(&[("iss", "\"https://other.test\"")]));
    let nobodys = with.ask_json(&body).await;

    assert_active(&mine);
    assert_inactive(
        &nobodys,
        "token can not be validated with this identity provider",
    );
}

#[rstest]
#[tokio::test]
async fn without_a_name_an_issuer_that_is_not_one_text_is_nobody(
    #[values("", "null", "1", "[\"{issuer}\"]", "\"\"")] value: &str,
) {
    let with = Introspector::start().await;
    let value = value.replace("{issuer}", with.app.provider.issuer());

    let answer = with.ask_nobody(&with.token(&[("iss", &value)])).await;

    assert_inactive(
        &answer,
        "token can not be validated with this identity provider",
    );
}

#[tokio::test]
async fn where_issuer_and_keys_are_not_known_introspection_is_not_supported() {
    let answer = ask_without_introspection("a.b.c").await;

    let expected = inactive("identity provider 'entra_id' does not support introspection");
    assert_eq!(heard(&answer), expected);
}

#[tokio::test]
async fn f38_while_the_keys_were_never_there_nothing_is_said() {
    let with = Introspector::start().await;

    let answer = ask_without_keys(&with, &with.good_token()).await;

    assert_eq!(answer.status, 503);
    assert_eq!(answer.text(), inactive("signing keys are unavailable"));
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=5).contains(&seconds), "{seconds}");
    assert_headers(&answer);
}

const JSON: &str = "Content-Type: application/json";

/// Asks a daemon that knows neither issuer nor keys.
pub async fn ask_without_introspection(token: &str) -> Answer {
    let app = TestApp::start().await;
    let body = json!({"token": token, "identity_provider": "azuread"}).to_string();
    app.send(introspect_request(&[JSON], body)).await
}

/// Asks a daemon that cannot fetch the keys of the other's provider.
pub async fn ask_without_keys(with: &Introspector, token: &str) -> Answer {
    let app = TestApp::start_with(&[
        ("AZURE_OPENID_CONFIG_ISSUER", with.app.provider.issuer()),
        ("AZURE_OPENID_CONFIG_JWKS_URI", "http://127.0.0.1:1/keys"),
    ])
    .await;
    let body = json!({ "token": token }).to_string();
    app.send(introspect_request(&[JSON], body)).await
}
