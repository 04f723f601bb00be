//! One more try after `invalid_client`.

use super::*;

#[tokio::test]
async fn f20_a_refused_flight_tries_once_more_with_the_credential_that_came_meanwhile() {
    let mounted = Mounted::new("old");
    let credentials = mounted.credentials(&Clock::system(), None);
    let used = credentials.current();
    mounted.swap(b"new");
    credentials.reload().await;

    let alternative = credentials.after_refusal(&used).await.unwrap();

    assert_eq!(text(alternative.credential()), "new");
}

#[tokio::test]
async fn f20_a_lone_credential_leaves_nothing_to_try() {
    let credentials = fixed(&Clock::system(), "only", None);

    assert!(
        credentials
            .after_refusal(&credentials.current())
            .await
            .is_none()
    );
}

#[tokio::test]
async fn f20_the_next_credential_takes_over_when_the_first_is_refused() {
    let provider = Provider::knowing(["second"]);
    let credentials = fixed(&Clock::system(), "first", Some("second"));

    assert!(provider.flight(&credentials).await);
    assert!(provider.flight(&credentials).await);

    assert_eq!(provider.asked(), ["first", "second", "second"]);
    assert_eq!(credentials.current().variable(), "NEXT");
}

#[tokio::test]
async fn f20_what_else_there_is_is_tried_at_most_once_a_minute() {
    let clock = Clock::system();
    let provider = Provider::default();
    let credentials = fixed(&clock, "first", Some("second"));

    for _ in 0..5 {
        assert!(!provider.flight(&credentials).await);
    }
    assert_eq!(
        provider
            .asked()
            .iter()
            .filter(|secret| *secret == "second")
            .count(),
        1
    );

    clock.advance(MINUTE);
    provider.learns(["second"]);
    assert!(provider.flight(&credentials).await);
}

#[tokio::test]
async fn f20_flights_refused_meanwhile_wait_for_the_outcome() {
    let credentials = fixed(&Clock::system(), "first", Some("second"));
    let used = credentials.current();
    let trial = credentials.after_refusal(&used).await.unwrap();
    let mut waiting = begun(credentials.after_refusal(&used));

    assert!(waiting.is_pending().await);
    trial.accepted();

    let alternative = waiting.finish().await.unwrap();
    assert_eq!(text(alternative.credential()), "second");
}

#[tokio::test]
async fn f20_who_waited_for_a_try_that_failed_gets_nothing() {
    let credentials = fixed(&Clock::system(), "first", Some("second"));
    let used = credentials.current();
    let trial = credentials.after_refusal(&used).await.unwrap();
    let mut waiting = begun(credentials.after_refusal(&used));

    assert!(waiting.is_pending().await);
    trial.refused();

    assert!(waiting.finish().await.is_none());
}

#[tokio::test]
async fn a_try_that_is_dropped_passes_to_who_waits() {
    let credentials = fixed(&Clock::system(), "first", Some("second"));
    let used = credentials.current();
    let trial = credentials.after_refusal(&used).await.unwrap();
    let mut waiting = begun(credentials.after_refusal(&used));

    assert!(waiting.is_pending().await);
    drop(trial);

    let alternative = waiting.finish().await.unwrap();
    assert_eq!(text(alternative.credential()), "second");
}

#[tokio::test]
async fn who_waits_may_be_dropped() {
    let credentials = fixed(&Clock::system(), "first", Some("second"));
    let used = credentials.current();
    let trial = credentials.after_refusal(&used).await.unwrap();
    let mut waiting = begun(credentials.after_refusal(&used));
    assert!(waiting.is_pending().await);

    drop(waiting);
    trial.accepted();

    assert!(credentials.after_refusal(&used).await.is_some());
}

#[tokio::test]
async fn an_accepted_alternative_signals_a_change() {
    let provider = Provider::knowing(["second"]);
    let credentials = fixed(&Clock::system(), "first", Some("second"));
    let changes = credentials.changes();

    assert!(provider.flight(&credentials).await);

    assert!(changes.has_changed().unwrap());
}

#[tokio::test]
async fn f20_the_log_names_the_variable_and_never_the_secret() {
    let log = Log::begin();
    let provider = Provider::knowing(["hunter3"]);
    let credentials = fixed(&Clock::system(), "hunter2", Some("hunter3"));

    for _ in 0..3 {
        assert!(provider.flight(&credentials).await);
    }

    assert_eq!(log.count("refuses this credential"), 1);
    assert_eq!(log.count("takes this credential"), 1);
    assert_eq!(log.count("NEXT"), 1);
    assert_eq!(log.count("hunter"), 0);
}

#[test]
fn s2_debug_output_hides_the_secrets() {
    let credentials = fixed(&Clock::system(), "hunter2", Some("hunter3"));

    assert!(!format!("{credentials:?}").contains("hunter"));
}

#[tokio::test]
async fn f20_a_try_that_succeeded_counts_for_its_minute_too() {
    let provider = Provider::knowing(["second"]);
    let credentials = fixed(&Clock::system(), "first", Some("second"));
    assert!(provider.flight(&credentials).await);
    provider.learns([]);
    provider.asked();

    assert!(!provider.flight(&credentials).await);

    assert_eq!(provider.asked(), ["second"]);
}

#[tokio::test]
async fn f20_refused_flights_look_at_the_files_once_a_minute() {
    let clock = Clock::system();
    let mounted = Mounted::new("old");
    let provider = Provider::default();
    let credentials = mounted.credentials(&clock, None);
    mounted.swap(b"");

    for _ in 0..5 {
        assert!(!provider.flight(&credentials).await);
    }
    assert_eq!(credentials.reload_errors(), 1);

    clock.advance(MINUTE);
    assert!(!provider.flight(&credentials).await);
    assert_eq!(credentials.reload_errors(), 2);
}
