//! Every way to prove who we are, against a provider that verifies it (S12, F67).

use std::collections::HashSet;
use std::time::SystemTime;

use jsonwebtoken::Algorithm;
use laredo::dev::Fault;
use rstest::rstest;
use serde_json::{Value, json};

use crate::keys::{certificate, p256_jwk, rsa, rsa_jwk};
use crate::registered::{
    Files, SUBJECT, claims, federated_provider, federated_token, jwk, registered,
    registered_certificate,
};
use crate::support::{TARGET, TestApp};

const EXPIRY: &str = r#"laredo_credential_expiry_timestamp_seconds{identity_provider="entra_id"}"#;
const YEAR_2030: f64 = 1_893_456_000.0;

#[rstest]
#[case::rs256(rsa_jwk(0, json!({"kid": "a"})), Algorithm::RS256)]
#[case::ps256(rsa_jwk(0, json!({"kid": "a", "alg": "PS256"})), Algorithm::PS256)]
#[case::es256(p256_jwk(json!({"kid": "a"})), Algorithm::ES256)]
#[tokio::test]
async fn s12_a_private_key_gets_a_token(#[case] jwk: Value, #[case] algorithm: Algorithm) {
    let jwk = jwk.to_string();
    let app = TestApp::with_keys(vec![registered(&jwk)], &[("AZURE_APP_JWK", &jwk)]).await;

    let token = app.token(TARGET).await.access_token();

    assert_eq!(claims(&token)["azpacr"], "2");
    let header = jsonwebtoken::decode_header(&app.assertions()[0]).unwrap();
    assert_eq!((header.alg, header.kid), (algorithm, Some("a".to_owned())));
}

#[tokio::test]
async fn s12_a_certificate_gets_a_token_and_its_end_is_a_metric() {
    let chain = certificate(rsa(0), 2030);
    let pair = chain.clone() + &rsa(0).serialize_pem();
    let keys = vec![registered_certificate(&chain)];
    let app = TestApp::with_keys(keys, &[("AZURE_APP_CERTIFICATE", &pair)]).await;

    let token = app.token(TARGET).await.access_token();

    assert_eq!(claims(&token)["azpacr"], "2");
    let header = jsonwebtoken::decode_header(&app.assertions()[0]).unwrap();
    assert_eq!((header.alg, header.kid), (Algorithm::PS256, None));
    assert!(header.x5t_s256.is_some());
    app.until(async || (app.metric(EXPIRY).await - YEAR_2030).abs() < 1.0)
        .await;
}

#[tokio::test]
async fn s12_a_certificate_and_its_key_may_be_in_two_files() {
    let (files, chain) = (Files::new(), certificate(rsa(0), 2030));
    let variables = [
        ("AZURE_APP_CERTIFICATE_FILE", &*files.put("chain", &chain)),
        (
            "AZURE_APP_CERTIFICATE_KEY_FILE",
            &*files.put("key", rsa(0).serialize_pem()),
        ),
    ];
    let app = TestApp::with_keys(vec![registered_certificate(&chain)], &variables).await;

    assert_eq!(app.token(TARGET).await.status, 200);
}

#[tokio::test]
async fn a_federated_token_gets_tokens_as_often_as_it_is_shown() {
    let files = Files::new();
    let file = files.put("token", federated_token(SUBJECT, "one"));
    let variables = [("AZURE_FEDERATED_TOKEN_FILE", &*file)];
    let app = TestApp::without_secret(federated_provider().await, &variables).await;

    let first = app.token(TARGET).await;
    let second = app.fresh_token(TARGET).await;

    assert_eq!((first.status, second.status), (200, 200));
    let expected = federated_token(SUBJECT, "one");
    assert_eq!(app.assertions(), [expected.clone(), expected]);
}

#[tokio::test]
async fn a_federated_token_of_another_app_is_entras_own_refusal() {
    let files = Files::new();
    let file = files.put("token", federated_token("another", "one"));
    let variables = [("AZURE_FEDERATED_TOKEN_FILE", &*file)];
    let app = TestApp::without_secret(federated_provider().await, &variables).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(401, "invalid_client");
    assert!(answer.error().2.starts_with("AADSTS700213: "));
}

#[tokio::test]
async fn s12_an_assertion_says_what_entra_wants_to_hear() {
    let jwk = jwk(0, "a");
    let app = TestApp::with_keys(vec![registered(&jwk)], &[("AZURE_APP_JWK", &jwk)]).await;

    app.token(TARGET).await.access_token();

    let call = app.provider.calls().all().pop().unwrap();
    let names: Vec<&str> = call.form.iter().map(|(name, _)| &**name).collect();
    let expected = [
        "grant_type",
        "scope",
        "client_id",
        "client_assertion_type",
        "client_assertion",
    ];
    assert_eq!(names, expected);
    let claims = app.last_claims();
    let (begin, end) = (claims["nbf"].as_u64(), claims["exp"].as_u64().unwrap());
    assert_eq!(claims["iat"].as_u64(), begin);
    assert_eq!(end - begin.unwrap(), 360);
    let now = app.clock.now().wall();
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert!(end.abs_diff(now + 300) <= 5, "{end} {now}");
    assert_eq!(claims["iss"], app.provider.client_id());
    assert_eq!(claims["sub"], app.provider.client_id());
    assert_eq!(claims["aud"], app.provider.token_endpoint());
}

#[tokio::test]
async fn s12_a_retry_has_an_assertion_of_its_own() {
    let jwk = jwk(0, "a");
    let app = TestApp::with_keys(vec![registered(&jwk)], &[("AZURE_APP_JWK", &jwk)]).await;
    // The provider has taken the assertion each time, and its answer is lost.
    app.break_provider(Fault {
        truncate: true,
        times: Some(2),
        ..Fault::default()
    });

    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    let assertions = app.assertions();
    let different: HashSet<&String> = assertions.iter().collect();
    assert_eq!((assertions.len(), different.len()), (3, 3));
}

#[rstest]
#[case::ahead(120_000)]
#[case::behind(-120_000)]
#[tokio::test]
async fn f67_an_assertion_is_good_though_our_clock_is_off(#[case] millis: i64) {
    let jwk = jwk(0, "a");
    let app = TestApp::with_keys(vec![registered(&jwk)], &[("AZURE_APP_JWK", &jwk)]).await;

    app.clock.shift_wall(millis);

    assert_eq!(app.token(TARGET).await.status, 200);
}
