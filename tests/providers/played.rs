//! The providers as they are played: what they issue, and what they refuse.

use laredo::dev::Played;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{TARGET, TestApp};
use crate::users::{EXCHANGING, claims};

#[tokio::test]
async fn every_provider_that_exchanges_does_so_for_users_that_it_knows() {
    let app = TestApp::with_all(&[]).await;

    for (provider, issuer, target) in EXCHANGING {
        let user_token = app.user(issuer, "alice").await;
        let answer = app.on_behalf(provider, target, &user_token).await;
        assert_eq!(answer.status, 200, "{provider:?}: {}", answer.text());
        let claims = claims(&answer.access_token());
        assert_eq!(claims["sub"], "alice", "{provider:?}");
        assert_eq!(claims["iss"], app.provider.endpoints(provider).issuer);
        let audience = target.trim_end_matches("/.default");
        assert_eq!(claims["aud"], audience);
    }
}

#[rstest]
#[case(Played::EntraId, TARGET)]
#[case(Played::Maskinporten, "test:scope")]
#[case(Played::Generic, "read")]
#[tokio::test]
async fn every_provider_that_has_tokens_for_apps_issues_one(
    #[case] provider: Played,
    #[case] target: &str,
) {
    let app = TestApp::with_all(&[]).await;

    let answer = app.token_of(provider, target).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    let claims = claims(&answer.access_token());
    assert_eq!(claims["iss"], app.provider.endpoints(provider).issuer);
}

#[rstest]
#[case::audience(json!({"aud": "somebody-else"}))]
#[case::end(json!({"exp": 1}))]
#[case::issuer(json!({"iss": "https://issuer.test"}))]
#[tokio::test]
async fn a_users_token_that_is_wrong_is_refused_by_each(#[case] wrong: Value) {
    let app = TestApp::with_all(&[]).await;

    for (provider, issuer, target) in EXCHANGING {
        let user_token = app.user_with(issuer, &wrong).await;
        let answer = app.on_behalf(provider, target, &user_token).await;
        let (status, error, _) = answer.error();
        assert_eq!((status, &*error), (400, "invalid_grant"), "{provider:?}");
    }
}

#[tokio::test]
async fn a_users_token_with_a_wrong_signature_is_refused_by_each() {
    let app = TestApp::with_all(&[]).await;

    for (provider, issuer, target) in EXCHANGING {
        let user_token = app.user(issuer, "alice").await;
        let last = if user_token.ends_with('A') { "Q" } else { "A" };
        let forged = format!("{}{last}", &user_token[..user_token.len() - 1]);
        let answer = app.on_behalf(provider, target, &forged).await;
        let (status, error, _) = answer.error();
        assert_eq!((status, &*error), (400, "invalid_grant"), "{provider:?}");
    }
}

#[rstest]
#[case(json!({"aud": "somebody-else"}), "AADSTS500131: ")]
#[case(json!({"iss": "https://issuer.test"}), "AADSTS50013: ")]
#[case(json!({"exp": 1}), "AADSTS500133: ")]
#[tokio::test]
async fn entra_says_by_its_code_what_is_wrong_with_a_users_token(
    #[case] wrong: Value,
    #[case] code: &str,
) {
    let app = TestApp::with_all(&[]).await;
    let user_token = app.user_with(Played::EntraId, &wrong).await;

    let answer = app.on_behalf(Played::EntraId, TARGET, &user_token).await;

    assert!(answer.error().2.starts_with(code), "{}", answer.text());
}
