//! Clients that show who they are by assertions, their own or those of another issuer (S12).

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use laredo::clock::Clock;
use laredo::dev::{FederatedIssuer, IdentityProvider, Options, RegisteredKey};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Answer, SCOPE, signing_key, token_call};
use crate::keys::{certificate, encoded, pkcs1, public, rsa, rsa_jwk};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ISSUER: &str = "https://issuer.test";
const SUBJECT: &str = "system:serviceaccount:team:app";
const NOW: u64 = 1_000_000;

fn registered(number: usize, kid: &str) -> RegisteredKey {
    let jwk = public(&rsa_jwk(number, json!({"kid": kid})));
    RegisteredKey::of_jwk(&jwk.to_string()).unwrap()
}

/// A provider for which it is that second, and the keys 0, by a `kid` and by a certificate, and 1, of another issuer.
async fn provider() -> IdentityProvider {
    let certificate = certificate(rsa(0), 2030);
    let options = Options {
        signing_key: Some(signing_key()),
        registered_keys: vec![
            registered(0, "own"),
            RegisteredKey::of_certificate(&certificate).unwrap(),
        ],
        federation: Some(FederatedIssuer {
            issuer: ISSUER.to_owned(),
            subject: SUBJECT.to_owned(),
            keys: vec![registered(1, "theirs")],
        }),
        clock: clock_at(NOW),
        ..Options::default()
    };
    IdentityProvider::start(options).await.unwrap()
}

fn clock_at(seconds: u64) -> Clock {
    let clock = Clock::system();
    let now = clock.now().wall();
    let ahead = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let wanted = i64::try_from(Duration::from_secs(seconds).as_millis()).unwrap();
    clock.shift_wall(wanted - i64::try_from(ahead.as_millis()).unwrap());
    clock
}

fn own(provider: &IdentityProvider) -> Value {
    json!({
        "iss": provider.client_id(),
        "sub": provider.client_id(),
        "aud": provider.token_endpoint(),
        "jti": "one",
        "nbf": NOW - 60,
        "exp": NOW + 300,
    })
}

fn theirs() -> Value {
    json!({
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": ["api://AzureADTokenExchange"],
        "exp": NOW + 3600,
    })
}

fn header(algorithm: Algorithm, kid: &str) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    header
}

fn signed(header: &Header, claims: &Value, key: usize) -> String {
    let key = EncodingKey::from_rsa_der(pkcs1(key));
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

async fn ask(provider: &IdentityProvider, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", provider.client_id()),
        ("scope", SCOPE),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    let form = serde_urlencoded::to_string(form).unwrap();
    token_call(provider, &form).await.unwrap()
}

fn assert_refused(answer: &Answer, code: u32) {
    let body = answer.json();
    assert_eq!(body["error_codes"], json!([code]), "{body}");
    assert_eq!(
        (answer.status, &body["error"]),
        (401, &json!("invalid_client"))
    );
}

#[tokio::test]
async fn s12_an_assertion_is_good_for_one_call() {
    let provider = provider().await;
    let assertion = signed(&header(Algorithm::RS256, "own"), &own(&provider), 0);

    let first = ask(&provider, &assertion).await;
    let second = ask(&provider, &assertion).await;

    assert_eq!(first.status, 200, "{}", first.body);
    assert_refused(&second, 700_027);
}

#[rstest]
#[case::subject(json!({"sub": "other"}), 700_021)]
#[case::audience(json!({"aud": "https://login.test"}), 700_023)]
#[case::end(json!({"exp": NOW - 300}), 700_024)]
#[case::begin(json!({"nbf": NOW + 400}), 700_024)]
#[case::no_jti(json!({"jti": null}), 700_027)]
#[case::issuer(json!({"iss": "other"}), 700_211)]
#[tokio::test]
async fn s12_a_claim_that_is_wrong_is_refused(#[case] change: Value, #[case] code: u32) {
    let provider = provider().await;
    let mut claims = own(&provider);
    let members = claims.as_object_mut().unwrap();
    members.extend(change.as_object().unwrap().clone());

    let answer = ask(
        &provider,
        &signed(&header(Algorithm::RS256, "own"), &claims, 0),
    )
    .await;

    assert_refused(&answer, code);
}

#[rstest]
#[case::unknown(header(Algorithm::RS256, "unknown"), 0)]
#[case::of_another(header(Algorithm::RS256, "own"), 1)]
#[case::algorithm(header(Algorithm::PS256, "own"), 0)]
#[tokio::test]
async fn s12_a_key_that_is_wrong_is_refused(#[case] header: Header, #[case] key: usize) {
    let provider = provider().await;

    let answer = ask(&provider, &signed(&header, &own(&provider), key)).await;

    assert_refused(&answer, 700_027);
}

#[rstest]
#[case(2030, Algorithm::PS256, 200)]
#[case(2030, Algorithm::RS256, 401)]
#[case(2031, Algorithm::PS256, 401)]
#[tokio::test]
async fn s12_a_certificate_is_known_by_its_sha_256(
    #[case] until: i32,
    #[case] algorithm: Algorithm,
    #[case] status: u16,
) {
    let provider = provider().await;
    let mut header = Header::new(algorithm);
    header.x5t_s256 = Some(sha256_of(&certificate(rsa(0), until)));

    let answer = ask(&provider, &signed(&header, &own(&provider), 0)).await;

    assert_eq!(answer.status, status, "{}", answer.body);
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    // For the provider it is some days later.
    let expired = certificate(rsa(0), 1970);
    let provider = provider().await;
    provider.register_keys(vec![RegisteredKey::of_certificate(&expired).unwrap()]);
    let mut header = Header::new(Algorithm::PS256);
    header.x5t_s256 = Some(sha256_of(&expired));

    let answer = ask(&provider, &signed(&header, &own(&provider), 0)).await;

    assert_refused(&answer, 700_027);
    assert!(answer.body.contains("expired"), "{}", answer.body);
}

fn sha256_of(pem: &str) -> String {
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    let base64: String = lines.collect();
    let der = BASE64_STANDARD.decode(base64).unwrap();
    encoded(digest(&SHA256, &der).as_ref())
}

#[tokio::test]
async fn a_token_of_another_issuer_is_good_for_many_calls() {
    let provider = provider().await;
    let token = signed(&header(Algorithm::RS256, "theirs"), &theirs(), 1);

    for _ in 0..2 {
        let answer = ask(&provider, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[rstest]
#[case(json!({"sub": "system:serviceaccount:team:other"}), 700_213)]
#[case(json!({"aud": "api://other"}), 700_212)]
#[case(json!({"iss": "https://other.test"}), 700_211)]
#[case(json!({"exp": NOW - 300}), 700_024)]
#[tokio::test]
async fn a_token_that_does_not_stand_for_the_client_is_refused(
    #[case] change: Value,
    #[case] code: u32,
) {
    let provider = provider().await;
    let mut claims = theirs();
    let members = claims.as_object_mut().unwrap();
    members.extend(change.as_object().unwrap().clone());

    let answer = ask(
        &provider,
        &signed(&header(Algorithm::RS256, "theirs"), &claims, 1),
    )
    .await;

    assert_refused(&answer, code);
}

#[tokio::test]
async fn what_is_no_jwt_is_malformed() {
    let answer = ask(&provider().await, "hunter2").await;

    assert_eq!(answer.json()["error_codes"], json!([50027]));
}

#[tokio::test]
async fn another_type_of_assertion_is_not_supported() {
    let provider = provider().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", provider.client_id()),
        ("scope", SCOPE),
        ("client_assertion_type", "saml2-bearer"),
        ("client_assertion", "a.b.c"),
    ];
    let form = serde_urlencoded::to_string(form).unwrap();

    let answer = token_call(&provider, &form).await.unwrap();

    assert_eq!(answer.json()["error_codes"], json!([90023]));
}
