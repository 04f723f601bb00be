//! What a newcomer does first.

use serde_json::json;

use crate::support::{TARGET, TestApp};

#[tokio::test]
async fn an_app_gets_a_token_and_gets_it_again_from_memory() {
    let app = TestApp::start().await;

    let first = app.token(TARGET).await;
    let second = app.token(TARGET).await;

    assert_eq!(first.status, 200);
    assert_eq!(first.json()["token_type"], json!("Bearer"));
    assert_eq!(second.access_token(), first.access_token());
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn the_short_form_of_a_target_is_the_same_target() {
    let app = TestApp::start().await;

    let long = app.token("api://dev.team.app/.default").await;
    let short = app.token("dev:team:app").await;

    assert_eq!(short.access_token(), long.access_token());
}

#[tokio::test]
async fn azuread_and_entra_id_share_a_token() {
    let app = TestApp::start().await;

    let one = app
        .post_json(&json!({"identity_provider": "azuread", "target": TARGET}))
        .await;
    let other = app
        .post_json(&json!({"identity_provider": "entra_id", "target": TARGET}))
        .await;

    assert_eq!(one.access_token(), other.access_token());
}

#[tokio::test]
async fn a_form_is_as_good_as_json() {
    let app = TestApp::start().await;

    let answer = app
        .post_form("identity_provider=azuread&target=api%3A%2F%2Fa%2F.default")
        .await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_token_outlives_an_outage_of_the_provider() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;

    app.provider.stop().await;
    app.advance_secs(600);
    let during = app.token(TARGET).await;

    assert_eq!(during.access_token(), before.access_token());
}
