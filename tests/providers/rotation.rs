//! Keys and secrets that are replaced while the daemon runs (F69, F70).

use std::io::Write as _;

use laredo::dev::{Played, RegisteredKey};
use laredo::secret::Secret;
use rstest::rstest;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::keys::{p256_jwk, public};
use crate::support::{Answer, TestApp, built_in_provider};
use crate::users::body;

/// A provider's key in a file, and the variables that say so.
async fn started(provider: Played, variable: &str) -> (TestApp, NamedTempFile) {
    let played = built_in_provider().await;
    let mut file = NamedTempFile::new().unwrap();
    let jwk = played.client_jwk(provider).unwrap();
    file.write_all(jwk.expose().as_bytes()).unwrap();
    let in_file = format!("{variable}_FILE");
    let path = file.path().to_str().unwrap().to_owned();
    let mut variables = vec![(variable, ""), (&*in_file, &*path)];
    if provider == Played::Generic {
        variables.push(("LAREDO_GENERIC_CLIENT_SECRET", ""));
    }
    (TestApp::with_all_of(played, &variables).await, file)
}

/// A token that no cache has seen.
async fn fresh(app: &TestApp, provider: Played) -> Answer {
    if provider == Played::TokenX {
        let user = app.user(Played::IdPorten, "alice").await;
        let mut body = body(provider, "a:b:c", &user);
        body["skip_cache"] = true.into();
        return app.exchange(&body).await;
    }
    let body = json!({"identity_provider": provider, "target": "a:b", "skip_cache": true});
    app.post_json(&body).await
}

#[rstest]
#[case(Played::Maskinporten, "MASKINPORTEN_CLIENT_JWK")]
#[case(Played::TokenX, "TOKEN_X_PRIVATE_JWK")]
#[case(Played::Generic, "LAREDO_GENERIC_PRIVATE_JWK")]
#[tokio::test]
async fn f69_a_rotated_key_is_read_when_the_old_one_is_refused(
    #[case] provider: Played,
    #[case] variable: &str,
) {
    let (app, file) = started(provider, variable).await;
    assert_eq!(fresh(&app, provider).await.status, 200);
    let jwk = p256_jwk(json!({"kid": "new"}));

    std::fs::write(file.path(), jwk.to_string()).unwrap();
    let registered = RegisteredKey::of_jwk(&public(&jwk).to_string()).unwrap();
    app.provider.register_keys_of(provider, vec![registered]);

    let answer = fresh(&app, provider).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(app.provider.calls().of(provider).len(), 3);
}

#[rstest]
#[case(Played::Maskinporten, "MASKINPORTEN_CLIENT_JWK")]
#[case(Played::TokenX, "TOKEN_X_PRIVATE_JWK")]
#[case(Played::Generic, "LAREDO_GENERIC_PRIVATE_JWK")]
#[tokio::test]
async fn f69_a_rotated_key_is_used_after_a_look_at_its_file(
    #[case] provider: Played,
    #[case] variable: &str,
) {
    let (app, file) = started(provider, variable).await;
    let jwk = p256_jwk(json!({"kid": "new"}));

    let old = app.provider.client_jwk(provider).unwrap();
    let old = serde_json::from_str(old.expose()).unwrap();
    let registered = [&old, &jwk].map(|jwk| RegisteredKey::of_jwk(&public(jwk).to_string()));
    let registered = registered.into_iter().flatten().collect();
    app.provider.register_keys_of(provider, registered);

    std::fs::write(file.path(), jwk.to_string()).unwrap();
    app.reload_credentials();

    app.until(async || {
        assert_eq!(fresh(&app, provider).await.status, 200);
        let call = app.provider.calls().of(provider).pop().unwrap();
        let assertion = call.field("client_assertion").or(call.field("assertion"));
        let header = jsonwebtoken::decode_header(assertion.unwrap()).unwrap();
        header.kid.as_deref() == Some("new")
    })
    .await;
}

#[rstest]
#[case::garbage("{")]
#[case::empty("")]
#[tokio::test]
async fn f70_a_key_that_cannot_be_read_keeps_the_old_one(#[case] text: &str) {
    let (app, file) = started(Played::Maskinporten, "MASKINPORTEN_CLIENT_JWK").await;
    std::fs::write(file.path(), text).unwrap();

    app.reload_credentials();

    let errors = "laredo_credential_reload_errors_total{identity_provider=\"maskinporten\"}";
    app.until(async || app.metric(errors).await > 0.0).await;
    assert_eq!(fresh(&app, Played::Maskinporten).await.status, 200);
}

#[tokio::test]
async fn f69_a_generic_providers_rotated_secret_is_read_when_the_old_one_is_refused() {
    let played = built_in_provider().await;
    let file = NamedTempFile::new().unwrap();
    let old = played.client_secret_of(Played::Generic).unwrap();
    std::fs::write(file.path(), old.expose()).unwrap();
    let variables = [
        ("LAREDO_GENERIC_CLIENT_SECRET", ""),
        (
            "LAREDO_GENERIC_CLIENT_SECRET_FILE",
            file.path().to_str().unwrap(),
        ),
    ];
    let app = TestApp::with_all_of(played, &variables).await;
    assert_eq!(fresh(&app, Played::Generic).await.status, 200);

    std::fs::write(file.path(), "rotated\n").unwrap();
    let new = Secret::from("rotated".to_owned());
    app.provider.accept_secrets_of(Played::Generic, vec![new]);

    assert_eq!(fresh(&app, Played::Generic).await.status, 200);
}
