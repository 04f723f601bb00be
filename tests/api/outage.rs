//! The provider is away, slow or cut off (F1–F12, F18).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use laredo::dev::Fault;
use rstest::rstest;
use serde_json::json;

use crate::log::Log;
use crate::scripted::{ScriptedPeer, Step};
use crate::support::{Answer, TARGET, TestApp, built_in_provider};
use crate::upstream::{OTHER, TOKEN, answer, ask, only_for_target, outage};

/// Every caller has an answer within this, with room for a busy machine.
const ANSWER_TIME: Duration = Duration::from_secs(4);
/// The default of 3 s is tested where the configuration is read; nobody should wait for it here.
const SHORT_TIMEOUT: (&str, &str) = ("LAREDO_HTTP_TIMEOUT_MILLIS", "300");

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

#[tokio::test]
async fn f4_an_outage_costs_no_error_while_the_token_is_fresh() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.break_provider(outage());

    for _ in 0..15 {
        app.advance_secs(100);
        let answer = app.token(TARGET).await;

        assert_eq!(answer.access_token(), before.access_token());
    }
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f4_a_hundred_requests_in_an_outage_are_no_hundred_tries() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.break_provider(outage());
    app.advance_secs(2500);

    for _ in 0..100 {
        assert_eq!(
            app.token(TARGET).await.access_token(),
            before.access_token()
        );
    }

    // One token, then tries after 1, 2, 4 … s; a machine on which this takes longer than 15 s is broken.
    let calls = app.provider.calls().count();
    assert!((2..=6).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn f5_the_old_token_is_served_until_its_floor() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.break_provider(outage());

    // Ages 2000, 3000, 3500 (callers wait for a renewal by now) and 3580 of 3599 s.
    for seconds in [2000, 1000, 500, 80] {
        app.advance_secs(seconds);
        let answer = app.token(TARGET).await;

        assert_eq!(answer.access_token(), before.access_token());
        assert_eq!(answer.header("retry-after"), None);
    }
}

#[tokio::test]
async fn f5_an_outage_and_its_end_are_logged_once_each() {
    let log = Log::begin();
    let app = TestApp::start().await;
    app.token(TARGET).await;

    app.break_provider(outage());
    app.advance_secs(2000);
    for tries in 1..=3 {
        app.advance_secs(60);
        app.token(TARGET).await;
        app.calls_ended(1 + tries).await;
    }
    app.mend_provider();
    app.advance_secs(3600);
    assert_eq!(app.token(TARGET).await.status, 200);

    assert_eq!(log.count("held tokens are served"), 1);
    assert_eq!(log.count("answers again"), 1);
    let stale =
        r#"laredo_cache_requests_total{cache="token",identity_provider="entra_id",result="stale"}"#;
    assert!(app.metric(stale).await >= 1.0);
}

#[tokio::test]
async fn f6_an_expired_token_is_never_served() {
    let app = TestApp::start().await;
    app.token(TARGET).await;
    app.break_provider(outage());

    app.advance_secs(3590);
    let answer = app.token(TARGET).await;

    answer.assert_failed(503, "temporarily_unavailable");
    assert!((1..=5).contains(&answer.retry_after()));
}

#[tokio::test]
async fn f6_during_back_off_the_error_comes_without_a_call() {
    let app = TestApp::start().await;
    app.break_provider(outage());
    // After four failures in a row the back-off takes 4 to 5 s, time enough for two requests.
    for _ in 0..4 {
        app.advance_secs(5);
        app.token(TARGET)
            .await
            .assert_failed(503, "temporarily_unavailable");
    }
    let calls = app.provider.calls().count();

    let answers = [app.token(TARGET).await, app.token(TARGET).await];

    for answer in answers {
        answer.assert_failed(503, "temporarily_unavailable");
        assert!((1..=5).contains(&answer.retry_after()));
    }
    assert_eq!(app.provider.calls().count(), calls);
}

#[tokio::test]
async fn f8_a_provider_that_never_answers_is_a_504_after_one_call() {
    let (app, peer) = TestApp::facing(vec![Step::Hang], &[SHORT_TIMEOUT]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(504, "temporarily_unavailable");
    assert_eq!(peer.seen().requests.len(), 1);
}

#[tokio::test]
async fn f8_other_keys_are_served_while_one_hangs() {
    let hang = Fault {
        hang: true,
        ..Fault::default()
    };
    let app = TestApp::with_fault(only_for_target(hang)).await;
    let hanging = tokio::spawn(ask(app.api, TARGET));
    app.provider.calls().wait_for(1).await;

    let other = app.token(OTHER).await;

    assert_eq!(other.status, 200);
    assert!(!hanging.is_finished());
    hanging.abort();
}

#[tokio::test]
async fn f9_a_late_answer_is_shared_by_all_who_wait() {
    let late = Fault {
        delay: Some(400),
        ..Fault::default()
    };
    // Far later than a connection may take, as 2.9 s are with the defaults.
    let app = TestApp::start_with(&[("LAREDO_HTTP_CONNECT_TIMEOUT_MILLIS", "100")]).await;
    app.break_provider(late);

    let (first, second) = tokio::join!(app.token(TARGET), app.token(TARGET));

    assert_eq!(first.status, 200);
    assert_eq!(second.access_token(), first.access_token());
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f10_a_dribbling_body_is_a_504_and_its_connection_not_used_again() {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", TOKEN.len());
    let dribbled = Step::dribble(TOKEN.as_bytes(), Duration::from_millis(100));
    let script = [vec![Step::text(&head)], dribbled].concat();
    let (app, peer) = TestApp::facing(script, &[SHORT_TIMEOUT]).await;

    let first = app.token(TARGET).await;
    app.advance_secs(5);
    app.token(TARGET).await;

    first.assert_failed(504, "temporarily_unavailable");
    assert_eq!(peer.seen().connections, 2);
}
