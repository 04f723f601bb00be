//! Verdicts that are remembered, and what ends them (J38, F65).

use serde_json::json;

use crate::support::TestApp;

const HIT: &str = r#"laredo_cache_requests_total{cache="introspection",identity_provider="entra_id",result="hit"}"#;
const MISS: &str = r#"laredo_cache_requests_total{cache="introspection",identity_provider="entra_id",result="miss"}"#;
const EXPIRED: &str = "invalid token: ExpiredSignature";
const HOUR: u64 = 3600;
const HOUR_MILLIS: i64 = 3_600_000;

async fn hits_and_misses(app: &TestApp) -> (f64, f64) {
    (app.metric(HIT).await, app.metric(MISS).await)
}

#[tokio::test]
async fn a_token_that_was_found_valid_is_remembered() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({"name": "x"}));
    let (hits, misses) = hits_and_misses(&app).await;

    let answers = [app.introspect(&token).await, app.introspect(&token).await];

    assert_eq!(answers[0].body, answers[1].body);
    answers[0].assert_active();
    assert_eq!(hits_and_misses(&app).await, (hits + 1.0, misses + 1.0));
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_not_remembered() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({"aud": "elsewhere"}));
    let (hits, misses) = hits_and_misses(&app).await;

    for _ in 0..3 {
        app.introspect(&token)
            .await
            .assert_inactive("invalid token: InvalidAudience");
    }

    assert_eq!(hits_and_misses(&app).await, (hits, misses + 3.0));
}

#[tokio::test]
async fn j38_a_remembered_token_expires_on_time() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_active();

    app.advance_secs(HOUR + 55);
    app.introspect(&token).await.assert_active();

    app.advance_secs(5);
    app.introspect(&token).await.assert_inactive(EXPIRED);
}

#[tokio::test]
async fn f65_a_remembered_token_goes_by_the_wall_clock_and_recovers_with_it() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_active();

    app.clock.shift_wall(2 * HOUR_MILLIS);
    app.introspect(&token).await.assert_inactive(EXPIRED);

    app.clock.shift_wall(-4 * HOUR_MILLIS);
    app.introspect(&token)
        .await
        .assert_inactive("invalid token: ImmatureSignature");

    app.clock.shift_wall(2 * HOUR_MILLIS);
    app.introspect(&token).await.assert_active();
}

#[tokio::test]
async fn j38_a_token_that_differs_in_its_last_letter_is_another() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_active();

    let (head, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{head}.{first}{}", &signature[1..]);

    app.introspect(&forged)
        .await
        .assert_inactive("invalid token: InvalidSignature");
}

#[tokio::test]
async fn j39_a_verdict_for_one_provider_is_none_for_another() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_active();

    let body = json!({"identity_provider": "tokenx", "token": token});

    app.introspection(&body)
        .await
        .assert_inactive("identity provider 'tokenx' is not enabled");
}

#[tokio::test]
async fn f55_remembered_tokens_stay_within_a_quarter_of_the_cache() {
    let app = TestApp::with_keys(&[("LAREDO_CACHE_MAX_BYTES", "1048576")]).await;
    let large = "x".repeat(8 * 1024);

    for number in 0..100 {
        let token = app.inbound(0, json!({"number": number, "large": large}));
        app.introspect(&token).await.assert_active();
    }

    let bytes = app
        .metric(r#"laredo_cache_bytes{cache="introspection"}"#)
        .await;
    let entries = app
        .metric(r#"laredo_cache_entries{cache="introspection"}"#)
        .await;
    assert!((100_000.0..=262_144.0).contains(&bytes), "{bytes}");
    assert!((10.0..=32.0).contains(&entries), "{entries}");
}
