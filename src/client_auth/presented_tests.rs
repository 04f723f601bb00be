use std::collections::HashSet;
use std::time::Duration;

use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::client_auth::keys::rsa_jwk;
use crate::client_auth::{AssertionAudience, AssertionRules, SigningJwk};

const ENDPOINT: &str = "https://login.test/tenant/oauth2/v2.0/token";
const ISSUER: &str = "https://login.test/tenant/v2.0";

fn client(assertions: AssertionRules) -> Client {
    Client {
        id: "the app".to_owned(),
        assertions,
    }
}

fn recipient() -> Recipient {
    Recipient {
        token_endpoint: url::Url::parse(ENDPOINT).unwrap(),
        issuer: Some(ISSUER.to_owned()),
    }
}

fn key() -> ClientAuth {
    let jwk = Secret::from(rsa_jwk(0, json!({"kid": "a"})).to_string());
    ClientAuth::PrivateKeyJwt(Box::new(SigningJwk::parse(&jwk).unwrap()))
}

fn at(seconds: u64) -> SystemTime {
    let since = Duration::from_secs(seconds);
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap()
}

fn claims(client: &Client) -> Value {
    let presented = key().presented(client, &recipient(), at(1_000)).unwrap();
    let fields = presented.fields();
    assert_eq!(presented.client_id(client), Some("the app"));
    assert_eq!(fields[0], ("client_assertion_type", ASSERTION_TYPE));
    let payload = fields[1].1.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[rstest]
#[case(AssertionRules::ENTRA, ENDPOINT, 940, 1_300)]
#[case(
    AssertionRules::short(AssertionAudience::TokenEndpoint),
    ENDPOINT,
    1_000,
    1_060
)]
#[case(AssertionRules::short(AssertionAudience::Issuer), ISSUER, 1_000, 1_060)]
fn s12_an_assertion_has_the_times_and_the_audience_of_its_provider(
    #[case] rules: AssertionRules,
    #[case] audience: &str,
    #[case] begin: u64,
    #[case] end: u64,
) {
    let mut claims = claims(&client(rules));

    assert!(claims["jti"].take().as_str().unwrap().len() >= 22);
    assert_eq!(
        claims,
        json!({
            "aud": audience,
            "iss": "the app",
            "sub": "the app",
            "jti": null,
            "iat": begin,
            "nbf": begin,
            "exp": end,
        })
    );
}

#[test]
fn s12_no_two_assertions_have_the_same_jti() {
    let client = client(AssertionRules::ENTRA);

    let ids: HashSet<String> = (0..50)
        .map(|_| claims(&client)["jti"].to_string())
        .collect();

    assert_eq!(ids.len(), 50);
}

#[test]
fn a_clock_before_1970_still_signs() {
    let before = SystemTime::UNIX_EPOCH
        .checked_sub(Duration::from_secs(1))
        .unwrap();

    let presented = key().presented(&client(AssertionRules::ENTRA), &recipient(), before);

    assert!(presented.is_ok());
}

#[test]
fn a_secret_goes_into_the_form() {
    let client = client(AssertionRules::ENTRA);
    let secret = Secret::from("hunter2".to_owned());
    let auth = ClientAuth::ClientSecret(secret, SecretMethod::Post);

    let presented = auth.presented(&client, &recipient(), at(0)).unwrap();

    assert_eq!(presented.client_id(&client), Some("the app"));
    assert_eq!(presented.fields(), [("client_secret", "hunter2")]);
    assert_eq!(presented.into_authorization(), None);
}

#[test]
fn id_and_secret_are_form_encoded_before_they_go_into_a_header() {
    let client = client(AssertionRules::ENTRA);
    let secret = Secret::from("s:e&c r%é".to_owned());
    let auth = ClientAuth::ClientSecret(secret, SecretMethod::Basic);

    let presented = auth.presented(&client, &recipient(), at(0)).unwrap();

    assert_eq!(presented.client_id(&client), None);
    assert!(presented.fields().is_empty());
    let header = presented.into_authorization().unwrap();
    let encoded = header.expose().strip_prefix("Basic ").unwrap();
    let pair = BASE64_STANDARD.decode(encoded).unwrap();
    assert_eq!(pair, b"the+app:s%3Ae%26c+r%25%C3%A9");
}

#[test]
fn a_federated_token_is_the_assertion_as_it_is() {
    let client = client(AssertionRules::ENTRA);
    let auth = ClientAuth::FederatedToken(Secret::from("a.b.c".to_owned()));

    let presented = auth.presented(&client, &recipient(), at(0)).unwrap();

    assert_eq!(presented.fields()[1], ("client_assertion", "a.b.c"));
}

#[test]
fn s2_debug_output_hides_every_proof() {
    let client = client(AssertionRules::ENTRA);
    let secret = || Secret::from("hunter2".to_owned());
    let all = [
        ClientAuth::ClientSecret(secret(), SecretMethod::Post),
        ClientAuth::ClientSecret(secret(), SecretMethod::Basic),
        ClientAuth::FederatedToken(secret()),
        key(),
    ];

    for auth in all {
        let presented = auth.presented(&client, &recipient(), at(0)).unwrap();
        let shown = format!("{auth:?} {presented:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("eyJhbG"),
            "{shown}"
        );
    }
}

#[test]
fn s12_an_assertion_that_is_a_grant_says_what_is_asked_for() {
    let client = client(AssertionRules::short(AssertionAudience::Issuer));
    let wanted = Wanted {
        scope: "a:b c:d",
        resource: Some("https://api.test"),
        authorization_details: Some(r#"[{"n":1.0,"type":"t"}]"#),
    };

    let grant = key().grant(&client, &recipient(), wanted, at(1_000));

    let assertion = grant.unwrap();
    let payload = assertion.expose().split('.').nth(1).unwrap();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    assert!(String::from_utf8_lossy(&payload).contains(r#"[{"n":1.0,"type":"t"}]"#));
    let mut claims: Value = serde_json::from_slice(&payload).unwrap();
    assert!(claims["jti"].take().is_string());
    assert_eq!(
        claims,
        json!({
            "aud": ISSUER, "iss": "the app", "scope": "a:b c:d", "resource": "https://api.test",
            "authorization_details": [{"n": 1.0, "type": "t"}],
            "jti": null, "iat": 1_000, "exp": 1_060,
        })
    );
}

#[test]
fn a_secret_signs_no_grant() {
    let secret = Secret::from("hunter2".to_owned());
    let auth = ClientAuth::ClientSecret(secret, SecretMethod::Post);
    let wanted = Wanted {
        scope: "a",
        resource: None,
        authorization_details: None,
    };
    let client = client(AssertionRules::ENTRA);

    assert!(auth.grant(&client, &recipient(), wanted, at(0)).is_err());
}
