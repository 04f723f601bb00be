//! The provider cannot be reached when the daemon starts (F1–F3).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use tokio::time::Instant;

use crate::scripted::{ScriptedPeer, Step};
use crate::support::{Answer, TARGET, TestApp, built_in_provider};
use crate::upstream::answer;

/// Every caller has an answer within this.
const ANSWER_TIME: Duration = Duration::from_secs(4);

/// A daemon that was started while its provider was down.
async fn started_in_an_outage(variables: &[(&str, &str)]) -> TestApp {
    let provider = built_in_provider().await;
    provider.stop().await;
    let endpoint = provider.token_endpoint().to_owned();
    TestApp::start_at(provider, &endpoint, variables).await
}

/// Asks until there is a token: a back-off or an attempt under way may still bring an error or two.
async fn first_success(app: &TestApp) -> Answer {
    let begun = Instant::now();
    loop {
        app.advance_secs(5);
        let answer = app.token(TARGET).await;
        if answer.status == 200 || begun.elapsed() > Duration::from_secs(20) {
            return answer;
        }
    }
}

#[tokio::test]
async fn f1_a_daemon_started_in_an_outage_is_healthy_and_ready() {
    let app = started_in_an_outage(&[]).await;

    let health = app.operations("/healthz").await;
    let readiness = app.operations("/readyz").await;

    assert_eq!((health.status, readiness.status), (200, 200));
}

#[tokio::test]
async fn f1_an_outage_at_start_is_a_503_that_says_when_to_come_back() {
    let app = started_in_an_outage(&[]).await;
    let begun = Instant::now();

    let answer = app.token(TARGET).await;

    answer.assert_failed(503, "temporarily_unavailable");
    assert!((1..=5).contains(&answer.retry_after()));
    assert!(begun.elapsed() < ANSWER_TIME);
}

#[tokio::test]
async fn f1_the_first_token_comes_without_restart_five_seconds_after_the_outage() {
    let app = started_in_an_outage(&[]).await;
    app.token(TARGET)
        .await
        .assert_failed(503, "temporarily_unavailable");

    app.provider.restart().await.unwrap();
    app.advance_secs(5);
    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn f2_a_name_that_does_not_resolve_is_a_503_in_time() {
    // Reserved for names that never exist (RFC 6761 §6.4). However the resolver takes it, at once or by silence, the
    // answer is the same.
    let endpoint = "https://canary.invalid/token";
    let variables = [("LAREDO_HTTP_CONNECT_TIMEOUT_MILLIS", "200")];
    let app = TestApp::start_at(built_in_provider().await, endpoint, &variables).await;
    let begun = Instant::now();

    let answer = app.token(TARGET).await;

    answer.assert_failed(503, "temporarily_unavailable");
    assert!(!answer.text().contains("canary"));
    assert!(begun.elapsed() < ANSWER_TIME);
}

/// Variables that leave the token endpoint to the document at `url`.
fn metadata_at(url: &str) -> [(&str, &str); 2] {
    [
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", ""),
        ("AZURE_APP_WELL_KNOWN_URL", url),
    ]
}

#[tokio::test]
async fn f3_metadata_out_of_reach_at_start_are_fetched_when_the_provider_is_back() {
    let provider = built_in_provider().await;
    provider.stop().await;
    let url = provider.metadata_url().to_owned();
    let app = TestApp::start_at(provider, "", &metadata_at(&url)).await;
    let during = app.token(TARGET).await;

    app.provider.restart().await.unwrap();
    let after = first_success(&app).await;

    during.assert_failed(503, "temporarily_unavailable");
    assert_eq!(after.status, 200);
    assert_eq!(app.operations("/readyz").await.status, 200);
}

#[rstest]
#[case::no_json("<html>canary</html>")]
#[case::cut(r#"{"issuer":"http://127.0.0.1/canary","#)]
#[case::no_endpoint(r#"{"issuer":"http://127.0.0.1/canary"}"#)]
#[case::endpoint_is_no_url(r#"{"issuer":"http://127.0.0.1","token_endpoint":"canary"}"#)]
#[tokio::test]
async fn f3_invalid_metadata_are_an_outage_until_they_are_valid(#[case] document: &'static str) {
    let provider = built_in_provider().await;
    let valid = json!({"issuer": provider.issuer(), "token_endpoint": provider.token_endpoint()});
    let is_mended = Arc::new(AtomicBool::new(false));
    let peer = ScriptedPeer::start_with({
        let (is_mended, valid) = (Arc::clone(&is_mended), valid.to_string());
        move |_| match is_mended.load(Ordering::Relaxed) {
            true => vec![answer("200 OK", "Connection: close\r\n", &valid)],
            false => vec![answer("200 OK", "Connection: close\r\n", document)],
        }
    })
    .await;
    let app = TestApp::start_at(provider, "", &metadata_at(&peer.base_url())).await;
    let before = app.token(TARGET).await;

    is_mended.store(true, Ordering::Relaxed);
    let after = first_success(&app).await;

    before.assert_failed(503, "temporarily_unavailable");
    assert!(!before.text().contains("canary"));
    assert_eq!(after.status, 200);
}

#[tokio::test]
async fn f3_a_configured_token_endpoint_needs_no_metadata() {
    let peer = ScriptedPeer::start(vec![Step::Reset]).await;
    let url = peer.base_url();
    let app = TestApp::start_with(&[("AZURE_APP_WELL_KNOWN_URL", &url)]).await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 200);
}
