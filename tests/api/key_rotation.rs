//! Keys, certificates and tokens that change while the daemon serves, and providers that learn of it late (F20, F69–F71).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use laredo::dev::RegisteredKey;

use crate::keys::{certificate, rsa};
use crate::log::Log;
use crate::registered::{
    Files, SUBJECT, federated_provider, federated_token, jwk, registered, registered_certificate,
};
use crate::support::{Answer, TARGET, TestApp, exchange};
use crate::upstream::{OTHER, question};

const ERRORS: &str = r#"laredo_credential_reload_errors_total{identity_provider="entra_id"}"#;

fn keys<const N: usize>(jwks: [&str; N]) -> Vec<RegisteredKey> {
    jwks.map(registered).into()
}

#[tokio::test]
async fn f20_a_lone_unknown_key_is_the_providers_own_401() {
    let log = Log::begin();
    let jwk = jwk(0, "a");
    let app = TestApp::with_keys(Vec::new(), &[("AZURE_APP_JWK", &jwk)]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(401, "invalid_client");
    assert!(answer.error().2.starts_with("AADSTS700027: "));
    assert_eq!(log.count("key_id=\"a\""), 1);
}

#[tokio::test]
async fn f20_the_next_key_serves_the_request_that_found_the_first_one_refused() {
    let log = Log::begin();
    let (first, next) = (jwk(0, "first"), jwk(1, "next"));
    let variables = [("AZURE_APP_JWK", &*first), ("AZURE_APP_NEXT_JWK", &*next)];
    let app = TestApp::with_keys(keys([&next]), &variables).await;

    let answers = [app.token(TARGET).await, app.token(OTHER).await];

    assert_eq!(answers.map(|answer| answer.status), [200, 200]);
    assert_eq!(app.provider.calls().count(), 3, "the first one is given up");
    assert_eq!(log.count("AZURE_APP_NEXT_JWK"), 1);
    assert_eq!(log.count("key_id=\"next\""), 1);
}

#[tokio::test]
async fn f20_a_key_may_follow_a_secret() {
    let jwk = jwk(0, "a");
    let variables = [
        ("AZURE_APP_CLIENT_SECRET", "revoked"),
        ("AZURE_APP_NEXT_JWK", &*jwk),
    ];
    let app = TestApp::with_keys(keys([&jwk]), &variables).await;

    assert_eq!(app.token(TARGET).await.status, 200);
}

#[tokio::test]
async fn f69_a_rotated_key_is_used_at_the_first_refusal_and_no_request_fails() {
    let (files, old, new) = (Files::new(), jwk(0, "old"), jwk(1, "new"));
    let file = files.put("jwk", &old);
    let app = TestApp::with_keys(keys([&old]), &[("AZURE_APP_JWK_FILE", &file)]).await;
    let held = app.token(TARGET).await.access_token();

    files.put("jwk", &new);
    app.provider.register_keys(keys([&new]));

    assert_eq!(app.token(OTHER).await.status, 200);
    assert_eq!(app.token(TARGET).await.access_token(), held);
    assert_eq!(app.provider.calls().count(), 3);
}

#[tokio::test]
async fn f69_a_rotated_pair_is_taken_when_it_matches() {
    let (files, old, new) = (
        Files::new(),
        certificate(rsa(0), 2030),
        certificate(rsa(1), 2031),
    );
    let variables = [
        ("AZURE_APP_CERTIFICATE_FILE", &*files.put("chain", &old)),
        (
            "AZURE_APP_CERTIFICATE_KEY_FILE",
            &*files.put("key", rsa(0).serialize_pem()),
        ),
    ];
    let both = vec![registered_certificate(&old), registered_certificate(&new)];
    let app = TestApp::with_keys(both, &variables).await;

    files.put("chain", &new);
    app.reload_credentials();
    app.until(async || app.metric(ERRORS).await > 0.0).await;
    assert_eq!(app.token(TARGET).await.status, 200);

    files.put("key", rsa(1).serialize_pem());
    app.provider
        .register_keys(vec![registered_certificate(&new)]);
    assert_eq!(app.token(OTHER).await.status, 200);
}

#[tokio::test]
async fn f69_a_rotated_federated_token_is_used() {
    let (files, log) = (Files::new(), Log::begin());
    let file = files.put("token", federated_token(SUBJECT, "old"));
    let variables = [("AZURE_FEDERATED_TOKEN_FILE", &*file)];
    let app = TestApp::without_secret(federated_provider().await, &variables).await;
    app.token(TARGET).await.access_token();

    let new = federated_token(SUBJECT, "new");
    files.put("token", &new);
    app.reload_credentials();
    app.until(async || log.count("a new version of the credential") == 1)
        .await;
    app.token(OTHER).await.access_token();

    assert_eq!(app.assertions().pop().unwrap(), new);
    assert_eq!(log.count("eyJ"), 0);
}

#[tokio::test]
async fn f70_a_half_written_key_keeps_the_last_good_one_and_is_counted() {
    let (files, good) = (Files::new(), jwk(0, "a"));
    let file = files.put("jwk", &good);
    let app = TestApp::with_keys(keys([&good]), &[("AZURE_APP_JWK_FILE", &file)]).await;

    files.put("jwk", &good[..good.len() / 2]);
    app.reload_credentials();
    app.until(async || app.metric(ERRORS).await > 0.0).await;

    assert_eq!(app.token(TARGET).await.status, 200);
}

#[tokio::test]
async fn f71_a_new_key_that_the_provider_does_not_know_yet_costs_no_request() {
    let (files, old, new) = (Files::new(), jwk(0, "old"), jwk(1, "new"));
    let log = Log::begin();
    let file = files.put("jwk", &old);
    let app = TestApp::with_keys(keys([&old]), &[("AZURE_APP_JWK_FILE", &file)]).await;
    app.token(TARGET).await.access_token();

    files.put("jwk", &new);
    app.reload_credentials();
    app.until(async || log.count("a new version of the credential") == 1)
        .await;
    for _ in 0..3 {
        assert_eq!(app.fresh_token(TARGET).await.status, 200);
    }
    assert_eq!(app.provider.calls().count(), 5, "the new one is tried once");

    app.provider.register_keys(keys([&old, &new]));
    app.advance_secs(60);
    app.reload_credentials();
    app.until(async || {
        app.fresh_token(TARGET).await.access_token();
        let last = app.assertions().pop().unwrap();
        jsonwebtoken::decode_header(last).unwrap().kid.as_deref() == Some("new")
    })
    .await;
}

#[tokio::test]
async fn f69_keys_rotate_under_load_and_no_request_fails() {
    let (files, jwks) = (Files::new(), [jwk(0, "0"), jwk(1, "1"), jwk(2, "2")]);
    let file = files.put("jwk", &jwks[0]);
    let app = TestApp::with_keys(keys([&jwks[0]]), &[("AZURE_APP_JWK_FILE", &file)]).await;
    let done = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|caller| tokio::spawn(ask_until(app.api, caller, Arc::clone(&done))))
        .collect();

    for round in 1..5 {
        // A minute after the last change the next one may be found at once.
        app.advance_secs(61);
        // Calls that began before have no time left for a second try.
        let before = app.provider.calls().count();
        app.provider.calls().wait_for(before + 20).await;
        let new = &jwks[round % 3];
        files.put("jwk", new);
        app.provider.register_keys(keys([new]));
    }

    done.store(true, Ordering::Relaxed);
    for caller in callers {
        for answer in caller.await.unwrap() {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}

/// Asks for one target after the other.
async fn ask_until(api: SocketAddr, caller: usize, done: Arc<AtomicBool>) -> Vec<Answer> {
    let mut answers = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let target = format!("api://a.b.{caller}-{}/.default", answers.len());
        let answer = exchange(api, question(&target).as_bytes()).await;
        answers.push(answer);
    }
    answers
}
