//! The provider wants fewer requests (F13–F16).

use std::time::Duration;

use laredo::clock::Clock;
use laredo::dev::Fault;
use rstest::rstest;

use crate::support::{TARGET, TestApp};
use crate::upstream::{OTHER, answer, only_for_target, status};

/// 429 with this `Retry-After`.
fn throttle(retry_after: &str) -> Fault {
    Fault {
        throttle: Some(retry_after.to_owned()),
        ..Fault::default()
    }
}

#[tokio::test]
async fn f13_the_app_is_told_the_seconds_that_are_left() {
    let app = TestApp::with_fault(throttle("7")).await;
    let first = app.token(TARGET).await;

    app.advance_secs(5);
    let later = app.token(TARGET).await;

    first.assert_failed(429, "temporarily_unavailable");
    assert_eq!(first.retry_after(), 7);
    later.assert_failed(429, "temporarily_unavailable");
    assert!((1..=2).contains(&later.retry_after()), "{later:?}");
}

#[tokio::test]
async fn f13_no_call_goes_upstream_inside_retry_after() {
    let app = TestApp::with_fault(throttle("200")).await;

    for _ in 0..10 {
        app.token(TARGET)
            .await
            .assert_failed(429, "temporarily_unavailable");
        app.fresh_token(TARGET)
            .await
            .assert_failed(429, "temporarily_unavailable");
        app.advance_secs(19);
    }

    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f13_the_first_call_after_retry_after_goes_upstream() {
    let app = TestApp::with_fault(throttle("7")).await;
    app.token(TARGET).await;
    app.provider.faults().clear();

    app.advance_secs(7);
    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 200);
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f13_a_valid_token_is_served_inside_retry_after() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.break_provider(throttle("300"));
    app.advance_secs(2500);

    for _ in 0..10 {
        let during = app.token(TARGET).await;
        app.calls_ended(2).await;
        app.advance_secs(20);

        assert_eq!(during.access_token(), before.access_token());
    }

    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f13_other_keys_are_not_held_up() {
    let app = TestApp::with_fault(only_for_target(throttle("7"))).await;
    app.token(TARGET).await;

    let other = app.token(OTHER).await;

    assert_eq!(other.status, 200);
}

#[rstest]
#[case::imf_fixdate("Sun, 06 Nov 1994 08:49:37 GMT")]
#[case::rfc_850("Sunday, 06-Nov-94 08:49:37 GMT")]
#[case::asctime("Sun Nov  6 08:49:37 1994")]
#[tokio::test]
async fn f14_a_date_is_read_against_the_answers_own(
    #[case] retry_after: &str,
    #[values(429, 503)] code: u16,
) {
    let headers = format!("Date: Sun, 06 Nov 1994 08:49:30 GMT\nRetry-After: {retry_after}");
    let app = TestApp::with_fault(status(code, &headers, None)).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(code, "temporarily_unavailable");
    assert_eq!(answer.retry_after(), 7);
}

#[tokio::test]
async fn f14_without_the_answers_own_date_the_local_clock_counts() {
    let in_two_minutes =
        httpdate::fmt_http_date(Clock::system().now().wall() + Duration::from_secs(120));
    let headers = format!("Retry-After: {in_two_minutes}\r\n");
    let (app, _peer) = TestApp::facing(vec![answer("429 Slow", &headers, "")], &[]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(429, "temporarily_unavailable");
    assert!((60..=121).contains(&answer.retry_after()), "{answer:?}");
}

#[rstest]
#[case::none("", 5)]
#[case::empty("Retry-After:", 5)]
#[case::negative("Retry-After: -1", 5)]
#[case::fraction("Retry-After: 1.5", 5)]
#[case::word("Retry-After: abc", 5)]
#[case::past("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", 5)]
#[case::two("Retry-After: 7\nRetry-After: 8", 5)]
#[case::huge("Retry-After: 1000000000000000000000000000000", 300)]
#[case::zero("Retry-After: 0", 1)]
#[tokio::test]
async fn f15_a_429_without_a_usable_time_is_a_pause_all_the_same(
    #[case] headers: &str,
    #[case] seconds: u64,
) {
    let app = TestApp::with_fault(status(429, headers, None)).await;

    let first = app.token(TARGET).await;
    app.advance_secs(seconds);
    app.token(TARGET).await;

    first.assert_failed(429, "temporarily_unavailable");
    assert_eq!(first.retry_after(), seconds);
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f15_no_call_goes_upstream_inside_the_assumed_pause() {
    let app = TestApp::with_fault(status(429, "Retry-After: abc", None)).await;

    let first = app.token(TARGET).await;
    let second = app.token(TARGET).await;

    first.assert_failed(429, "temporarily_unavailable");
    second.assert_failed(429, "temporarily_unavailable");
    assert_eq!(app.provider.calls().count(), 1);
}

#[rstest]
#[case::oauth_body(None)]
#[case::html(Some("<html>canary</html>"))]
#[case::empty(Some(""))]
#[tokio::test]
async fn f16_a_503_with_retry_after_is_passed_on_without_a_retry(#[case] body: Option<&str>) {
    let app = TestApp::with_fault(status(503, "Retry-After: 1", body)).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(503, "temporarily_unavailable");
    assert_eq!(answer.retry_after(), 1);
    assert!(!answer.text().contains("canary"));
    assert_eq!(app.provider.calls().count(), 1);
}

#[rstest]
#[tokio::test]
async fn an_outage_in_oauth_terms_is_a_503_with_the_providers_description(
    #[values(500, 502, 503, 504)] code: u16,
) {
    let app = TestApp::with_fault(status(code, "", None)).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(503, "temporarily_unavailable");
    assert!(answer.error().2.starts_with("AADSTS90033: "));
    assert!((1..=5).contains(&answer.retry_after()));
}

#[tokio::test]
async fn f16_no_call_goes_upstream_for_that_whole_time() {
    let app = TestApp::with_fault(status(503, "Retry-After: 100", None)).await;

    for _ in 0..5 {
        app.token(TARGET)
            .await
            .assert_failed(503, "temporarily_unavailable");
        app.fresh_token(TARGET)
            .await
            .assert_failed(503, "temporarily_unavailable");
        app.advance_secs(18);
    }
    let calls_inside = app.provider.calls().count();
    app.advance_secs(10);
    app.token(TARGET).await;

    assert_eq!((calls_inside, app.provider.calls().count()), (1, 2));
}

#[tokio::test]
async fn f16_a_valid_token_is_served_inside_retry_after() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.break_provider(status(503, "Retry-After: 300", None));
    app.advance_secs(2500);

    app.token(TARGET).await;
    app.calls_ended(2).await;
    app.advance_secs(200);
    let during = app.token(TARGET).await;

    assert_eq!(during.access_token(), before.access_token());
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f13_a_retry_after_holds_though_the_body_breaks_off() {
    let fault = Fault {
        truncate: true,
        ..throttle("7")
    };
    let app = TestApp::with_fault(fault).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(429, "temporarily_unavailable");
    assert_eq!(answer.retry_after(), 7);
    assert_eq!(app.provider.calls().count(), 1);
}
