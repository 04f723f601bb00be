//! Keys that come, go and change while the daemon runs (F40–F42).

use serde_json::json;

use crate::inbound::{UNKNOWN_KEY, key, published};
use crate::support::TestApp;

#[tokio::test]
async fn f40_the_first_token_of_a_new_key_is_active_after_one_fetch() {
    let app = TestApp::with_keys(&[]).await;

    app.provider.publish_keys(vec![key(1), key(0)]).await;

    app.introspect(&app.inbound(1, json!({})))
        .await
        .assert_active();
    assert_eq!(app.provider.calls().keys_count(), 2);
    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_active();
}

#[tokio::test]
async fn f41_tokens_of_a_key_that_was_removed_are_not_valid_six_minutes_later() {
    let app = TestApp::with_keys(&[]).await;
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_active();

    app.provider.publish_keys(vec![key(1)]).await;
    app.fetch_keys_in_time().await;

    app.introspect(&token).await.assert_inactive(UNKNOWN_KEY);
    app.introspect(&app.inbound(1, json!({})))
        .await
        .assert_active();
}

#[tokio::test]
async fn f42_other_keys_under_the_old_names_verify_six_minutes_later() {
    let app = TestApp::with_keys(&[]).await;
    let old = app.inbound(0, json!({}));
    let new = app.signed(&key(1), key(0).id(), json!({}));
    app.introspect(&old).await.assert_active();
    app.introspect(&new)
        .await
        .assert_inactive("invalid token: InvalidSignature");

    let mut entry = key(1).jwk(app.provider.issuer());
    entry["kid"] = json!(key(0).id());
    app.break_with(published(&[entry]));
    app.fetch_keys_in_time().await;

    app.introspect(&new).await.assert_active();
    app.introspect(&old)
        .await
        .assert_inactive("invalid token: InvalidSignature");
}

#[tokio::test]
async fn k3_of_two_keys_with_one_name_either_verifies() {
    let app = TestApp::introspecting(&[]).await;
    let mut second = key(1).jwk(app.provider.issuer());
    second["kid"] = json!(key(0).id());
    app.break_with(published(&[second, key(0).jwk(app.provider.issuer())]));
    app.until(async || app.introspect(&app.inbound(0, json!({}))).await.is_active())
        .await;
    app.fetch_keys_in_time().await;

    let of_second = app.signed(&key(1), key(0).id(), json!({}));
    let of_neither = app.signed(&key(2), key(0).id(), json!({}));

    app.introspect(&of_second).await.assert_active();
    app.introspect(&of_neither)
        .await
        .assert_inactive("invalid token: InvalidSignature");
}

#[tokio::test]
async fn k12_a_certificate_that_disagrees_with_its_entry_counts_for_nothing() {
    let app = TestApp::with_keys(&[]).await;
    let mut entry = key(0).jwk(app.provider.issuer());
    entry["x5c"] = json!([key(1).jwk("")["n"]]);

    app.break_with(published(&[entry]));
    app.fetch_keys_in_time().await;

    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_active();
    let of_certificate = app.signed(&key(1), key(0).id(), json!({}));
    app.introspect(&of_certificate)
        .await
        .assert_inactive("invalid token: InvalidSignature");
}
