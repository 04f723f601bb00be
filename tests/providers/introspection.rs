//! Whose a token is, when every provider is on.

use std::sync::Arc;

use laredo::dev::{Played, SigningKey};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::TestApp;

const OTHERS_KEY: &str = "token can not be validated with this identity provider";

/// All that introspect, and can tell by the audience that a token is for the app.
const PICKED: [Played; 4] = [
    Played::EntraId,
    Played::TokenX,
    Played::IdPorten,
    Played::Generic,
];

#[tokio::test]
async fn without_a_name_the_provider_is_picked_by_the_issuer() {
    let app = TestApp::with_all(&[]).await;

    for issuer in PICKED {
        let token = app.user(issuer, "alice").await;
        let said = app.introspect(&json!({"token": token})).await;
        assert_eq!(said["active"], true, "{issuer:?}: {said}");
        assert_eq!(said["iss"], app.provider.endpoints(issuer).issuer);
        let named = json!({"token": token, "identity_provider": issuer});
        assert_eq!(app.introspect(&named).await, said);
    }
}

#[tokio::test]
async fn maskinporten_is_used_only_when_it_is_named() {
    let app = TestApp::with_all(&[]).await;
    let claims = json!({"aud": "anybody"});
    let token = app.user_with(Played::Maskinporten, &claims).await;

    // Before the generic provider's metadata are there, the token could be its own.
    let unnamed = json!({"token": token});
    let others = json!({"active": false, "error": OTHERS_KEY});
    app.until(async || app.introspect(&unnamed).await == others)
        .await;
    let named = json!({"token": token, "identity_provider": "maskinporten"});
    let named = app.introspect(&named).await;

    assert_eq!(
        (&named["active"], &named["scope"]),
        (&json!(true), &json!("test:scope"))
    );
}

#[rstest]
#[tokio::test]
async fn j39_a_token_of_another_provider_is_not_valid(
    #[values(
        Played::EntraId,
        Played::Maskinporten,
        Played::TokenX,
        Played::IdPorten,
        Played::Generic
    )]
    named: Played,
) {
    let app = TestApp::with_all(&[]).await;

    for issuer in PICKED.into_iter().filter(|issuer| *issuer != named) {
        // Its audience is right, and both sign with one key: only the issuer tells.
        let audience = app.provider.client_id_of(named);
        let token = app.user_with(issuer, &json!({"aud": audience})).await;
        let body = json!({"token": token, "identity_provider": named});
        let expected = json!({"active": false, "error": "invalid token: InvalidIssuer"});
        assert_eq!(app.introspect(&body).await, expected, "{issuer:?}");
    }
}

#[tokio::test]
async fn j39_another_providers_key_is_unknown() {
    let app = TestApp::with_all(&[]).await;
    let key: Arc<SigningKey> = SigningKey::generate().unwrap();
    app.provider
        .publish_keys_of(Played::IdPorten, vec![key])
        .await;
    let claims = json!({"iss": app.provider.endpoints(Played::TokenX).issuer});
    let token = app.user_with(Played::IdPorten, &claims).await;

    let said = |name: Option<Played>| json!({"token": token, "identity_provider": name});

    for body in [said(None), said(Some(Played::TokenX))] {
        let expected: Value = json!({"active": false, "error": OTHERS_KEY});
        assert_eq!(app.introspect(&body).await, expected);
    }
}

#[tokio::test]
async fn an_audience_of_another_provider_is_not_this_apps() {
    let app = TestApp::with_all(&[]).await;
    let audience = app.provider.client_id_of(Played::TokenX);
    let token = app
        .user_with(Played::IdPorten, &json!({"aud": audience}))
        .await;

    let said = app.introspect(&json!({"token": token})).await;

    let expected = json!({"active": false, "error": "invalid token: InvalidAudience"});
    assert_eq!(said, expected);
}
