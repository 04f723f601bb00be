//! A provider whose keys cannot be had (F38, F39, F44).

use serde_json::json;

use crate::inbound::{UNKNOWN_KEY, keys_fault, provider};
use crate::support::{TARGET, TestApp};
use laredo::dev::Fault;

const DAY: u64 = 24 * 60 * 60;

fn down() -> Fault {
    Fault {
        outage: true,
        ..keys_fault()
    }
}

fn hanging() -> Fault {
    Fault {
        hang: true,
        ..keys_fault()
    }
}

/// An app whose provider has not had keys for it yet, and a token that they would verify.
async fn without_keys() -> (TestApp, String) {
    let provider = provider().await;
    provider.faults().set([down()]).unwrap();
    let app = TestApp::introspecting_with(provider, &[]).await;
    let token = app.inbound(0, json!({}));
    (app, token)
}

#[tokio::test]
async fn f38_before_the_first_keys_every_token_is_an_outage_and_nothing_else_suffers() {
    let (app, token) = without_keys().await;

    app.introspect(&token).await.assert_unavailable();
    app.introspect_unnamed(&token).await.assert_unavailable();

    assert_eq!(app.operations("/readyz").await.status, 200);
    assert_eq!(app.token(TARGET).await.status, 200);
}

#[tokio::test]
async fn f38_tokens_are_verified_once_the_provider_is_back() {
    let (app, token) = without_keys().await;
    app.introspect(&token).await.assert_unavailable();

    app.provider.faults().clear();

    app.until(async || app.introspect(&token).await.is_active())
        .await;
}

#[tokio::test]
async fn f39_known_keys_verify_for_24_h_without_their_provider_and_no_longer() {
    let app = TestApp::with_keys(&[]).await;
    app.break_with(down());

    app.advance_secs(DAY - 60);
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_active();

    app.advance_secs(120);
    app.introspect(&token).await.assert_unavailable();
    let new = app.inbound(0, json!({}));
    app.introspect(&new).await.assert_unavailable();
}

#[tokio::test]
async fn f39_an_unknown_key_is_an_outage_while_the_keys_cannot_be_fetched() {
    let app = TestApp::with_keys(&[]).await;
    app.break_with(down());

    app.introspect(&app.inbound(1, json!({})))
        .await
        .assert_unavailable();
    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_active();
}

#[tokio::test]
async fn f43_an_unknown_key_is_no_key_while_all_is_well() {
    let app = TestApp::with_keys(&[]).await;

    for _ in 0..20 {
        let token = app.inbound(1, json!({}));
        app.introspect(&token).await.assert_inactive(UNKNOWN_KEY);
    }

    assert_eq!(app.provider.calls().keys_count(), 1 + 4);
}

#[tokio::test]
async fn f44_while_the_key_endpoint_hangs_tokens_of_known_keys_are_answered() {
    let app = TestApp::with_keys(&[]).await;
    app.break_with(hanging());
    let (forged, good) = (app.inbound(1, json!({})), app.inbound(0, json!({})));

    let forged = app.introspect(&forged);
    tokio::pin!(forged);
    let (mut answered, mut asked) = (None, 0);
    while answered.is_none() {
        tokio::select! {
            biased;
            answer = app.introspect(&good) => {
                answer.assert_active();
                asked += 1;
            }
            answer = &mut forged => answered = Some(answer),
        }
        if asked > 20 && answered.is_none() {
            answered = Some(forged.as_mut().await);
        }
    }

    answered.unwrap().assert_unavailable();
    assert!(asked > 20, "{asked}");
}

#[tokio::test]
async fn keys_that_come_late_for_the_first_time_are_not_said_to_be_back() {
    let log = crate::log::Log::begin();
    let (app, token) = without_keys().await;
    app.introspect(&token).await.assert_unavailable();

    app.provider.faults().clear();
    app.until(async || app.introspect(&token).await.is_active())
        .await;

    assert_eq!(log.count("the signing keys can be fetched"), 1);
    assert_eq!(log.count("again"), 0);
}

#[tokio::test]
async fn an_outage_of_the_keys_is_one_line_in_the_log_and_its_end_another() {
    let log = crate::log::Log::begin();
    let app = TestApp::with_keys(&[]).await;
    app.break_with(down());

    let forged = app.inbound(1, json!({}));

    for _ in 0..2 {
        app.introspect(&forged).await.assert_unavailable();
    }
    app.provider.faults().clear();
    app.introspect(&forged).await.assert_inactive(UNKNOWN_KEY);

    assert_eq!(log.count("the signing keys can be fetched"), 1);
    assert_eq!(log.count("the signing keys cannot be fetched"), 1);
}
