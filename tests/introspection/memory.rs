//! J38: what was found valid is remembered, and never for longer than it is.

use serde_json::json;

use crate::introspector::{Introspector, assert_active, assert_inactive};
use crate::signer::{Kind, encoded};

const HITS: &str = r#"laredo_cache_requests_total{cache="introspection",identity_provider="entra_id",result="hit"}"#;

#[tokio::test]
async fn j38_a_token_is_verified_once_and_answered_alike_each_time() {
    let with = Introspector::start().await;
    let token = with.token(&[("jti", "\"j\"")]);
    let first = with.ask(&token).await;
    let hits = with.app.metric(HITS).await;

    for _ in 0..100 {
        let again = with.ask(&token).await;
        assert_eq!(again.body, first.body);
    }

    assert_active(&first);
    assert_eq!(with.app.metric(HITS).await, hits + 100.0);
}

#[tokio::test]
async fn j38_a_remembered_token_expires_a_minute_after_exp() {
    let with = Introspector::start().await;
    let exp = (with.now() + 600).to_string();
    let token = with.token(&[("exp", &exp)]);
    assert_active(&with.ask(&token).await);

    with.app.advance_secs(630);
    assert_active(&with.ask(&token).await);
    with.app.advance_secs(30);

    assert_inactive(&with.ask(&token).await, "invalid token: ExpiredSignature");
}

#[tokio::test]
async fn j38_a_wall_clock_that_is_set_back_makes_a_remembered_token_immature() {
    let with = Introspector::start().await;
    let token = with.good_token();
    assert_active(&with.ask(&token).await);

    with.app.clock.shift_wall(-7_200_000);
    let while_set_back = with.ask(&token).await;
    with.app.clock.shift_wall(7_200_000);

    assert_inactive(&while_set_back, "invalid token: ImmatureSignature");
    assert_active(&with.ask(&token).await);
}

/// A token of an unknown key has the keys fetched, as would happen within minutes anyway.
async fn have_keys_fetched(with: &Introspector) {
    let fetches = with.fetches();
    with.ask(&with.token_headed(&[("kid", "\"unknown\"")]))
        .await;
    assert!(with.fetches() > fetches);
}

#[tokio::test]
async fn j38_a_remembered_token_goes_with_its_key() {
    let with = Introspector::start().await;
    let token = with.good_token();
    let other = with.signer(Kind::Es256).token(with.payload(&[]));
    assert_active(&with.ask(&token).await);
    assert_active(&with.ask(&other).await);

    with.publish(&[with.signer(Kind::Es256).public_key()]);
    have_keys_fetched(&with).await;

    assert_inactive(
        &with.ask(&token).await,
        "token can not be validated with this identity provider",
    );
    assert_active(&with.ask(&other).await);
}

#[tokio::test]
async fn j38_a_remembered_token_goes_when_its_keys_name_is_anothers() {
    let with = Introspector::start().await;
    let token = with.signer(Kind::Es256).token(with.payload(&[]));
    assert_active(&with.ask(&token).await);

    let mut other = crate::signer::Signer::new(Kind::Es256, "x").public_key();
    other["kid"] = json!(Kind::Es256.name());
    with.publish(&[other]);
    have_keys_fetched(&with).await;

    assert_inactive(&with.ask(&token).await, "invalid token: InvalidSignature");
}

#[tokio::test]
async fn j38_keys_that_are_fetched_anew_and_the_same_forget_nothing() {
    let with = Introspector::start().await;
    let token = with.good_token();
    assert_active(&with.ask(&token).await);
    let hits = with.app.metric(HITS).await;

    have_keys_fetched(&with).await;
    assert_active(&with.ask(&token).await);

    assert_eq!(with.app.metric(HITS).await, hits + 1.0);
}

#[tokio::test]
async fn j38_a_token_that_is_not_valid_is_not_remembered() {
    let with = Introspector::start().await;
    let nbf = (with.now() + 600).to_string();
    let token = with.token(&[("nbf", &nbf)]);
    assert_inactive(&with.ask(&token).await, "invalid token: ImmatureSignature");

    with.app.advance_secs(600);

    assert_active(&with.ask(&token).await);
}

/// What is remembered is asked for by the whole token.
#[tokio::test]
async fn j38_a_token_like_a_remembered_one_is_looked_at_by_itself() {
    let with = Introspector::start().await;
    let token = with.good_token();
    assert_active(&with.ask(&token).await);

    let (input, _) = token.rsplit_once('.').unwrap();
    let of_another = with.signer(Kind::Rs256).signature(b"another message");
    let other = format!("{input}.{}", encoded(of_another));

    assert_inactive(&with.ask(&other).await, "invalid token: InvalidSignature");
    assert_inactive(
        &with.ask(&format!("{token}~")).await,
        "invalid token header: InvalidToken",
    );
}
