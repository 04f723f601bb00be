//! Private keys, assertions and federated tokens get to the provider alone (S1).

use laredo::dev::{IdentityProvider, RegisteredKey};
use rustix::process::Signal;
use serde_json::json;

use crate::client::{SCOPE, provider};
use crate::keys::{PRIVATE, certificate, encoded, public, rsa, rsa_jwk};
use crate::marker::Marker;
use crate::program::{Daemon, access_token, eventually};

const LOUD: (&str, &str) = ("RUST_LOG", "trace");

/// A daemon that logs all it can and has one credential.
async fn loud(provider: &IdentityProvider, name: &str, value: &str) -> Daemon {
    let variables = [LOUD, ("AZURE_APP_CLIENT_SECRET", ""), (name, value)];
    Daemon::start(provider, &variables).await
}

/// What a daemon says until its end.
async fn all_said(mut daemon: Daemon) -> String {
    let metrics = daemon.metrics().await;
    daemon.signal(Signal::TERM);
    daemon.end().await;
    daemon.log().line_with("Laredo stops").await;
    metrics + &daemon.log().text() + &daemon.complaints()
}

/// The assertions that were sent, without the header, which is the same for all.
fn sent(provider: &IdentityProvider) -> Vec<String> {
    let calls = provider.calls().all();
    let assertion = calls
        .iter()
        .filter_map(|call| call.field("client_assertion"));
    assertion
        .map(|assertion| assertion.split_once('.').unwrap().1.to_owned())
        .collect()
}

fn assert_private(said: &str, secrets: impl IntoIterator<Item = String>) {
    for secret in secrets {
        Marker::of(secret).assert_absent("the daemon", said.as_bytes());
    }
}

#[tokio::test]
async fn s1_a_private_key_and_its_assertions_show_nowhere() {
    let provider = provider().await;
    let jwk = rsa_jwk(0, json!({"kid": "a"}));
    let key = RegisteredKey::of_jwk(&public(&jwk).to_string()).unwrap();
    let daemon = loud(&provider, "AZURE_APP_JWK", &jwk.to_string()).await;

    let refused = daemon.ask(SCOPE).await.unwrap();
    provider.register_keys(vec![key]);
    access_token(&daemon.ask_anew("api://other/.default").await.unwrap());

    let said = all_said(daemon).await + &refused.body;
    assert!(said.contains("key_id"), "the key is called by its name");
    let members = PRIVATE.map(|name| jwk[name].as_str().unwrap().to_owned());
    assert_private(&said, members);
    assert_eq!(sent(&provider).len(), 2);
    assert_private(&said, sent(&provider));
}

#[tokio::test]
async fn s1_a_certificates_key_shows_nowhere_though_it_is_replaced() {
    let provider = provider().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pair");
    let pair = |key| certificate(rsa(key), 2030) + &rsa(key).serialize_pem();
    std::fs::write(&file, pair(0)).unwrap();
    let chain = certificate(rsa(0), 2030);
    provider.register_keys(vec![RegisteredKey::of_certificate(&chain).unwrap()]);
    let name = "AZURE_APP_CERTIFICATE_FILE";
    let daemon = loud(&provider, name, file.to_str().unwrap()).await;
    access_token(&daemon.ask(SCOPE).await.unwrap());

    for (spoilt, text) in [
        (pair(0).replace("PRIVATE", "SECRET"), "cannot be used"),
        (pair(1), "can be used again"),
    ] {
        std::fs::write(&file, spoilt).unwrap();
        eventually(text, async || {
            daemon.signal(Signal::HUP);
            daemon.log().text().contains(text).then_some(())
        })
        .await;
    }

    let said = all_said(daemon).await;
    for key in [rsa(0), rsa(1)] {
        let pem = key.serialize_pem();
        assert_private(&said, pem.lines().skip(2).take(20).map(str::to_owned));
    }
    assert_private(&said, sent(&provider));
}

#[tokio::test]
async fn s1_a_federated_token_shows_nowhere() {
    let provider = provider().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let claims = json!({"iss": "https://issuer.test", "aud": [], "sub": "", "exp": 0});
    let payload = encoded(claims.to_string().as_bytes());
    let header = encoded(br#"{"alg":"RS256","kid":"cluster"}"#);
    let token = format!("{header}.{payload}.{}", encoded(&[7; 256]));
    std::fs::write(&file, &token).unwrap();
    let name = "AZURE_FEDERATED_TOKEN_FILE";
    let daemon = loud(&provider, name, file.to_str().unwrap()).await;

    let refused = daemon.ask(SCOPE).await.unwrap();

    assert_eq!(refused.status, 401, "{}", refused.body);
    assert_eq!(sent(&provider).len(), 1);
    assert_private(&all_said(daemon).await, [token]);
}
