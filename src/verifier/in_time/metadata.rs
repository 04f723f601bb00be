//! Rules and places that come from metadata, early, late or never.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{
    Endpoint, HOUR, ISSUER, Reply, Stage, Told, most_within, settings, settings_from_metadata,
    with_metadata,
};
use crate::clock::Moment;
use crate::verifier::{Algorithm, Issues};

fn document(algorithms: Value) -> Reply {
    let document = json!({
        "issuer": ISSUER,
        "jwks_uri": "https://issuer.test/keys",
        "id_token_signing_alg_values_supported": algorithms,
    });
    Reply::body(document.to_string())
}

fn algorithms(stage: &Stage) -> Vec<Algorithm> {
    let trust = stage.verifier.keyring.usable().unwrap();
    trust.rules.algorithms.clone()
}

#[tokio::test(start_paused = true)]
async fn f3_keys_come_as_soon_as_late_metadata_tell_where_they_are() {
    let metadata = Endpoint::new(|_| Reply::refused());
    let stage = Stage::with(
        settings_from_metadata(&metadata),
        Endpoint::new(|_| Reply::keys(&["a"])),
    );
    stage.until(120).await;
    assert!(stage.ask("a").await.is_unavailable());
    assert_eq!(stage.endpoint.count(), 0);

    metadata.follow(|_| document(json!(["RS256"])));
    stage.until(160).await;

    assert_eq!(stage.ask("a").await, Told::There);
    assert_eq!(stage.verifier.issues(ISSUER), Issues::Yes);
}

#[tokio::test(start_paused = true)]
async fn f3_explicit_values_work_without_metadata() {
    let metadata = Endpoint::new(|_| Reply::refused());
    let settings = with_metadata(settings(), &metadata);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));

    stage.fetched(1).await;

    assert_eq!(stage.ask("a").await, Told::There);
    assert_eq!(algorithms(&stage), [Algorithm::Rs256]);
}

#[tokio::test(start_paused = true)]
async fn late_metadata_bring_their_algorithms_at_once() {
    let metadata = Endpoint::new(|_| Reply::refused());
    let settings = with_metadata(settings(), &metadata);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));
    stage.until(10).await;

    metadata.follow(|_| document(json!(["ES256", "none", "HS256", "PS256", "RS512"])));
    stage.until(60).await;

    assert_eq!(algorithms(&stage), [Algorithm::Ps256, Algorithm::Es256]);
}

#[tokio::test(start_paused = true)]
async fn algorithms_that_are_not_understood_leave_rs256() {
    for named in [
        json!(["none", "HS256", "RS384", "rs256"]),
        json!([]),
        json!("ES256"),
        Value::Null,
    ] {
        let metadata = Endpoint::new(move |_| document(named.clone()));
        let settings = settings_from_metadata(&metadata);
        let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));

        stage.until(10).await;

        assert_eq!(algorithms(&stage), [Algorithm::Rs256]);
    }
}

#[tokio::test(start_paused = true)]
async fn f43_known_metadata_make_a_failing_key_endpoint_be_asked_no_more_often() {
    let metadata = Endpoint::new(|_| document(json!(["RS256"])));
    let stage = Stage::with(
        settings_from_metadata(&metadata),
        Endpoint::new(|_| Reply::refused()),
    );

    stage.until(600).await;

    let calls = stage.endpoint.calls();
    assert!(most_within(&calls, 60.0) <= 1 + 4 + 2, "{calls:?}");
    assert_eq!(metadata.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn metadata_without_keys_are_an_outage_that_costs_no_call() {
    let nowhere = json!({"issuer": ISSUER}).to_string();
    let metadata = Endpoint::new(move |_| Reply::body(nowhere.clone()));
    let stage = Stage::with(
        settings_from_metadata(&metadata),
        Endpoint::new(|_| Reply::keys(&["a"])),
    );

    stage.until(100).await;

    assert!(stage.ask("a").await.is_unavailable());
    assert_eq!(stage.endpoint.count(), 0);
    assert_eq!(
        stage.verifier.first_keys().await,
        Err("its metadata names no jwks_uri")
    );
}

#[tokio::test(start_paused = true)]
async fn whose_token_it_is_cannot_be_known_before_the_metadata_name_the_issuer() {
    let metadata = Endpoint::new(|_| Reply::refused());
    let mut settings = settings_from_metadata(&metadata);
    settings.issuers.accepted = vec!["https://accepted.test".to_owned()];
    settings.jwks_uri = Some("https://issuer.test/keys".parse().unwrap());
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));
    stage.fetched(1).await;

    assert_eq!(stage.verifier.issues("https://accepted.test"), Issues::Yes);
    assert_eq!(stage.verifier.issues(ISSUER), Issues::Unknown);
    metadata.follow(|_| document(json!(["RS256"])));
    stage.until(60).await;

    assert_eq!(stage.verifier.issues(ISSUER), Issues::Yes);
    assert_eq!(stage.verifier.issues("https://other.test"), Issues::No);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_waits_three_seconds_for_metadata_that_hang() {
    let metadata = Endpoint::new(|_| Reply::hangs().after(1e6));
    let settings = settings_from_metadata(&metadata);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));

    stage.fetched(1).await;

    assert_eq!(stage.clock.now(), Moment::at(Duration::from_secs(3)));
    let told = stage.verifier.first_keys().await;
    assert_eq!(told, Err("its metadata does not come in time"));
}

#[tokio::test(start_paused = true)]
async fn f3_missing_metadata_are_asked_for_ever_more_rarely_and_known_ones_once_a_day() {
    let endpoint = Endpoint::new(|_| Reply::refused());
    let settings = with_metadata(settings(), &endpoint);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));

    stage.until(600).await;
    let calls = endpoint.calls();
    let gaps: Vec<_> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps[0] <= 1.2, "{gaps:?}");
    assert!(
        gaps.iter().all(|gap| (0.5..=31.0).contains(gap)),
        "{gaps:?}"
    );
    assert!(gaps[gaps.len() - 1] >= 30.0, "{gaps:?}");

    endpoint.follow(|_| document(json!(["RS256"])));
    stage.until(700).await;
    let known = endpoint.count();
    stage.until(700 + 23 * HOUR).await;
    assert_eq!(endpoint.count(), known);
    stage.until(700 + 25 * HOUR).await;
    assert_eq!(endpoint.count(), known + 1);
}

#[tokio::test(start_paused = true)]
async fn f43_forged_tokens_make_missing_metadata_be_asked_for_no_more_often_than_keys() {
    let metadata = Endpoint::new(|_| Reply::refused());
    let settings = settings_from_metadata(&metadata);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));

    for number in 0..6_000 {
        drop(stage.asking(&format!("forged-{number}")).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // Its own back-off makes two a minute, each fetch of keys that waits for it one more.
    let calls = metadata.calls();
    assert!(
        most_within(&calls, 60.0) <= 2 * (1 + 4 + 2) + 5,
        "{calls:?}"
    );
    assert!(calls.len() <= 2 * (600 / 30) + 4 + 8, "{}", calls.len());
}
