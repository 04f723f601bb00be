//! What is counted of introspection and told of the keys (contract §7, S21).

use laredo::dev::Fault;
use serde_json::json;

use crate::inbound::keys_fault;
use crate::support::TestApp;

async fn introspections(app: &TestApp, provider: &str, result: &str) -> f64 {
    let labels = format!(r#"identity_provider="{provider}",result="{result}""#);
    app.metric(&format!("laredo_introspections_total{{{labels}}}"))
        .await
}

#[tokio::test]
async fn each_answer_is_counted_once_by_what_was_said() {
    let app = TestApp::with_keys(&[]).await;
    let good = app.inbound(0, json!({}));
    let expired = app.inbound(0, json!({"iat": 1, "exp": 2}));

    for token in [&good, &good, &expired, "no token", &good] {
        app.introspect(token).await;
    }
    app.break_with(Fault {
        outage: true,
        ..keys_fault()
    });
    app.introspect(&app.inbound(1, json!({})))
        .await
        .assert_unavailable();

    assert_eq!(introspections(&app, "entra_id", "active").await, 1.0 + 3.0);
    assert_eq!(introspections(&app, "entra_id", "inactive").await, 2.0);
    assert_eq!(introspections(&app, "entra_id", "unavailable").await, 1.0);
}

#[tokio::test]
async fn tokens_that_are_nobodys_are_counted_as_unknown() {
    let app = TestApp::with_keys(&[]).await;
    let foreign = app.inbound(0, json!({"iss": "https://issuer.test"}));
    let of_maskinporten = json!({"identity_provider": "maskinporten", "token": "a.b.c"});

    app.introspect_unnamed("no token").await;
    app.introspect_unnamed(&foreign).await;
    app.introspection(&of_maskinporten).await;
    app.introspect_unnamed(&app.inbound(0, json!({}))).await;

    assert_eq!(introspections(&app, "unknown", "inactive").await, 3.0);
    assert_eq!(introspections(&app, "unknown", "active").await, 0.0);
    assert_eq!(introspections(&app, "entra_id", "active").await, 2.0);
}

#[tokio::test]
async fn the_age_of_the_keys_grows_until_they_are_fetched() {
    let app = TestApp::with_keys(&[]).await;
    let age = "laredo_keys_age_seconds{identity_provider=\"entra_id\"}";
    assert!(app.metric(age).await < 30.0);

    app.advance_secs(200);
    assert!((200.0..230.0).contains(&app.metric(age).await));

    app.fetch_keys_in_time().await;
    app.until(async || app.metric(age).await < 30.0).await;
}

#[tokio::test]
async fn calls_for_keys_and_metadata_are_counted_as_what_they_are() {
    let app = TestApp::with_keys(&[]).await;
    let of = |outcome: &str| {
        format!(
            "laredo_upstream_requests_total{{identity_provider=\"entra_id\",operation=\"keys\",outcome=\"{outcome}\"}}"
        )
    };
    assert_eq!(app.metric(&of("success")).await, 1.0);

    app.break_with(Fault {
        body: Some("{}".to_owned()),
        ..keys_fault()
    });
    app.fetch_keys_in_time().await;

    assert_eq!(app.metric(&of("invalid")).await, 1.0);
}

#[tokio::test]
async fn s21_no_token_adds_a_series() {
    let app = TestApp::with_keys(&[]).await;
    let series = async || {
        let text = app.operations("/metrics").await.text();
        let lines = text.lines().filter(|line| line.starts_with("laredo_"));
        let names = lines.filter_map(|line| line.rsplit_once(' '));
        names.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    // Each outcome once, so that what exists from its first case on exists.
    app.introspect(&app.inbound(1, json!({}))).await;
    app.introspect_unnamed("x").await;
    let before = series().await;

    for number in 0..50 {
        let claims = json!({"iss": format!("https://{number}.test"), "sub": number});
        let forged = app.signed(&crate::inbound::key(1), &format!("forged-{number}"), claims);
        app.introspect(&forged).await;
        app.introspect_unnamed(&forged).await;
    }

    let after = series().await;
    assert_eq!(before, after);
    assert!(
        !after
            .iter()
            .any(|name| name.contains("forged") || name.contains(".test"))
    );
}
