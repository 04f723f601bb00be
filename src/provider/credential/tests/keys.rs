//! Keys, certificates and federated tokens in place of secrets: the same rules.

use serde_json::json;

use super::*;
use crate::client_auth::keys::{certificate, encoded, rsa, rsa_jwk};

const CERTIFICATE: CredentialKind = CredentialKind::Certificate;
const JWK: CredentialKind = CredentialKind::PrivateKeyJwt;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn jwk(kid: &str) -> String {
    rsa_jwk(0, json!({"kid": kid})).to_string()
}

fn pair(key: usize, until: i32) -> String {
    certificate(rsa(key), until) + &rsa(key).serialize_pem()
}

/// A token of another issuer that says this.
fn federated(subject: &str) -> String {
    let claims = json!({"sub": subject}).to_string();
    format!("e30.{}.c2ln", encoded(claims.as_bytes()))
}

#[tokio::test]
async fn f69_a_swapped_key_is_used_at_the_first_refusal() {
    let mounted = Mounted::new(&jwk("old"));
    let provider = Provider::knowing(["new"]);
    let credentials = credentials(&Clock::system(), mounted.source(JWK), None);

    mounted.swap(jwk("new").as_bytes());

    assert!(provider.flight(&credentials).await);
    assert_eq!(provider.asked(), ["old", "new"]);
}

#[tokio::test]
async fn f70_an_unusable_key_file_keeps_the_last_good_key_and_counts() {
    let half = jwk("new").split_at(900).0.to_owned();
    for spoilt in ["", "{", "\0", &*half, r#"{"kty":"RSA"}"#] {
        let mounted = Mounted::new(&jwk("good"));
        let credentials = credentials(&Clock::system(), mounted.source(JWK), None);

        mounted.swap(spoilt.as_bytes());
        credentials.reload().await;
        credentials.reload().await;

        assert_eq!(in_use(&credentials), "good");
        assert_eq!(credentials.reload_errors(), 2, "{spoilt}");
    }
}

#[tokio::test]
async fn f71_a_new_key_that_is_refused_gives_way_to_the_old_one() {
    let mounted = Mounted::new(&jwk("old"));
    let provider = Provider::knowing(["old"]);
    let credentials = credentials(&Clock::system(), mounted.source(JWK), None);
    assert!(provider.flight(&credentials).await);
    mounted.swap(jwk("new").as_bytes());
    credentials.reload().await;
    provider.asked();

    assert!(provider.flight(&credentials).await);
    assert!(provider.flight(&credentials).await);

    assert_eq!(provider.asked(), ["new", "old", "old"]);
}

#[tokio::test]
async fn f20_the_next_credential_may_be_of_another_kind() {
    let log = Log::begin();
    let provider = Provider::knowing(["next key"]);
    let next = loaded(JWK, "NEXT_JWK", Origin::Variable(jwk("next key").into()));
    let credentials = credentials(&Clock::system(), source("CURRENT", "hunter2"), Some(next));

    assert!(provider.flight(&credentials).await);

    assert_eq!(credentials.current().variable(), "NEXT_JWK");
    assert_eq!(log.count("key_id=\"next key\""), 1);
    assert_eq!(log.count("hunter2"), 0);
}

#[tokio::test]
async fn f69_a_federated_token_is_used_as_soon_as_it_is_rotated() {
    let mounted = Mounted::new(&federated("old"));
    let kind = CredentialKind::FederatedToken;
    let credentials = credentials(&Clock::system(), mounted.source(kind), None);
    let before = credentials.current();

    mounted.swap(federated("new").as_bytes());
    credentials.reload().await;

    assert!(*credentials.current().auth() != *before.auth());
    let new = ClientAuth::FederatedToken(federated("new").into());
    assert!(*credentials.current().auth() == new);
}

#[tokio::test]
async fn f69_a_rotated_pair_in_two_files_is_taken_when_it_matches() {
    let chain = Mounted::new(&certificate(rsa(0), 2030));
    let key = Mounted::new(&rsa(0).serialize_pem());
    let part = |variable, mounted: &Mounted| Part {
        variable,
        origin: Origin::File(mounted.path("secret")),
    };
    let texts = CredentialTexts {
        kind: CERTIFICATE,
        main: part("CHAIN", &chain),
        key: Some(part("KEY", &key)),
    };
    let source = CredentialSource::load(texts).unwrap();
    let credentials = credentials(&Clock::system(), source, None);
    let before = in_use(&credentials);

    chain.swap(certificate(rsa(1), 2031).as_bytes());
    credentials.reload().await;
    assert_eq!(in_use(&credentials), before);
    assert_eq!(credentials.reload_errors(), 1);

    key.swap(rsa(1).serialize_pem().as_bytes());
    credentials.reload().await;
    assert_ne!(in_use(&credentials), before);
    assert_eq!(credentials.reload_errors(), 1);
}

#[tokio::test]
async fn a_certificate_renewed_with_its_key_is_another_credential() {
    let mounted = Mounted::new(&pair(0, 2030));
    let credentials = credentials(&Clock::system(), mounted.source(CERTIFICATE), None);
    let before = in_use(&credentials);

    mounted.swap(pair(0, 2031).as_bytes());
    credentials.reload().await;

    assert_ne!(in_use(&credentials), before);
}

#[tokio::test]
async fn the_end_of_a_certificate_is_warned_about_once() {
    let log = Log::begin();
    let clock = Clock::system();
    let mounted = Mounted::new(&pair(0, 2100));
    let credentials = credentials(&clock, mounted.source(CERTIFICATE), None);
    let warning = "ends within 30 days";
    let left = credentials
        .expiry()
        .unwrap()
        .duration_since(clock.now().wall());
    clock.advance(left.unwrap() - 31 * DAY);

    credentials.expiry();
    assert_eq!(log.count(warning), 0);
    clock.advance(DAY);
    credentials.expiry();
    credentials.expiry();
    assert_eq!(log.count(warning), 1);

    mounted.swap(pair(1, 2020).as_bytes());
    credentials.reload().await;
    credentials.expiry();
    credentials.expiry();
    assert_eq!(log.count(warning), 2);
}

#[tokio::test]
async fn what_has_no_end_is_not_warned_about() {
    let credentials = fixed(&Clock::system(), "secret", None);

    assert_eq!(credentials.expiry(), None);
}

#[test]
fn s2_debug_output_hides_keys() {
    let mounted = Mounted::new(&jwk("old"));
    let credentials = credentials(&Clock::system(), mounted.source(JWK), None);
    let member = rsa_jwk(0, json!({}))["d"].as_str().unwrap().to_owned();

    assert!(!format!("{credentials:?}").contains(&member));
}
