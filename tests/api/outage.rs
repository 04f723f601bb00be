//! The provider is away or slow (F4–F10).

use std::time::Duration;

use laredo::dev::Fault;

use crate::log::Log;
use crate::scripted::Step;
use crate::support::{TARGET, TestApp};
use crate::upstream::{OTHER, TOKEN, ask, only_for_target, outage};

/// The default of 3 s is tested where the configuration is read; nobody should wait for it here.
const SHORT_TIMEOUT: (&str, &str) = ("LAREDO_HTTP_TIMEOUT_MILLIS", "300");

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
async fn f4_nobody_waits_for_a_renewal_while_there_is_time() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.provider.calls().close_gate();
    app.advance_secs(3000);

    let first = app.token(TARGET).await;
    app.provider.calls().wait_for(2).await;
    let second = app.token(TARGET).await;

    assert_eq!(app.ended_calls().await, 1, "the renewal is still under way");
    assert_eq!(first.access_token(), before.access_token());
    assert_eq!(second.access_token(), before.access_token());
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
async fn f5_shortly_before_the_floor_a_try_that_hangs_ends_in_the_old_token() {
    let app = TestApp::start_with(&[SHORT_TIMEOUT]).await;
    let before = app.token(TARGET).await;
    app.break_provider(Fault {
        hang: true,
        ..Fault::default()
    });
    app.advance_secs(3500);

    let during = app.token(TARGET).await;

    assert_eq!(during.access_token(), before.access_token());
    assert_eq!(app.provider.calls().count(), 2);
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
