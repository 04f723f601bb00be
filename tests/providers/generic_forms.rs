//! The shape of every request that goes to a generic provider (S12, contract §6).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use laredo::dev::{Played, RegisteredKey};
use rstest::rstest;
use serde_json::json;

use crate::forms::{ASSERTION, EXCHANGE, assert_short, last, opened, shape};
use crate::keys::{p256_jwk, public};
use crate::support::TestApp;

#[rstest]
#[case::basic("", &[])]
#[case::basic_by_name("client_secret_basic", &[])]
#[case::post("client_secret_post", &["client_id", "client_secret"])]
#[tokio::test]
async fn s12_generic_with_a_secret(#[case] method: &str, #[case] proof: &[&str]) {
    let app = TestApp::with_all(&[("LAREDO_GENERIC_CLIENT_AUTH", method)]).await;
    let user = app.user(Played::Generic, "alice").await;
    let target = "scope:a";

    assert_eq!(app.token_of(Played::Generic, target).await.status, 200);
    assert_eq!(
        app.on_behalf(Played::Generic, target, &user).await.status,
        200
    );

    let calls = app.provider.calls().of(Played::Generic);
    let id = app.provider.client_id_of(Played::Generic);
    let proof = proof.iter().map(|name| match *name {
        "client_id" => ("client_id", id),
        name => (name, "…"),
    });
    let application = [("grant_type", "client_credentials"), ("scope", target)];
    let exchange = [
        ("grant_type", EXCHANGE),
        ("subject_token", &*user),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("scope", target),
    ];
    let expected: Vec<_> = application.into_iter().chain(proof.clone()).collect();
    assert_eq!(shape(&calls[0]), expected);
    let expected: Vec<_> = exchange.into_iter().chain(proof.clone()).collect();
    assert_eq!(shape(&calls[1]), expected);
    let secret = app.provider.client_secret_of(Played::Generic).unwrap();
    let basic = BASE64_STANDARD.encode(format!("{id}:{}", secret.expose()));
    let header = (proof.count() == 0).then(|| format!("Basic {basic}"));
    assert!(calls.iter().all(|call| call.authorization == header));
}

#[rstest]
#[case::issuer("")]
#[case::token_endpoint("token_endpoint")]
#[tokio::test]
async fn s12_generic_with_a_private_key(#[case] audience: &str) {
    let jwk = p256_jwk(json!({"kid": "own"}));
    let text = jwk.to_string();
    let variables = [
        ("LAREDO_GENERIC_CLIENT_SECRET", ""),
        ("LAREDO_GENERIC_PRIVATE_JWK", &*text),
        ("LAREDO_GENERIC_ASSERTION_AUDIENCE", audience),
    ];
    let app = TestApp::with_all(&variables).await;
    let registered = RegisteredKey::of_jwk(&public(&jwk).to_string()).unwrap();
    app.provider
        .register_keys_of(Played::Generic, vec![registered]);

    let answer = app.token_of(Played::Generic, "a").await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    let call = last(&app, Played::Generic);
    let id = app.provider.client_id_of(Played::Generic);
    let expected = [
        ("grant_type", "client_credentials"),
        ("scope", "a"),
        ("client_id", id),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", "…"),
    ];
    assert_eq!(shape(&call), expected);
    let (header, claims) = opened(call.field("client_assertion").unwrap());
    assert_eq!(header.kid.as_deref(), Some("own"));
    let places = app.provider.endpoints(Played::Generic);
    let wanted = if audience.is_empty() {
        &places.issuer
    } else {
        &places.token
    };
    assert_eq!(&claims["aud"], wanted);
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(id), &json!(id)));
    assert_short(&app, &claims);
}

#[rstest]
#[tokio::test]
async fn s12_generics_target_goes_where_the_provider_wants_it(
    #[values("scope", "audience", "resource")] parameter: &str,
) {
    let app = TestApp::with_all(&[("LAREDO_GENERIC_TARGET", parameter)]).await;
    let user = app.user(Played::Generic, "alice").await;
    let body = json!({
        "identity_provider": "generic",
        "target": "https://api.test",
        "resource": "urn:r",
        "authorization_details": [{"type": "t"}],
    });

    assert_eq!(app.post_json(&body).await.status, 200);
    assert_eq!(
        app.on_behalf(Played::Generic, "https://api.test", &user)
            .await
            .status,
        200
    );

    let calls = app.provider.calls().of(Played::Generic);
    let expected = [
        ("grant_type", "client_credentials"),
        (parameter, "https://api.test"),
        ("resource", "urn:r"),
        ("authorization_details", r#"[{"type":"t"}]"#),
    ];
    assert_eq!(shape(&calls[0]), expected);
    assert_eq!(shape(&calls[1])[3], (parameter, "https://api.test"));
}
