//! `Retry-After`, and errors remembered.

use std::time::Duration;

use tokio::time::sleep;

use super::stage::{HOUR, Reply, Stage};
use crate::cache::Source;
use crate::oauth::{Error, ProviderName};

#[tokio::test(start_paused = true)]
async fn f13_no_call_goes_upstream_inside_retry_after() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::throttled(7),
        _ => Reply::token(HOUR),
    });
    assert!(stage.ask("a").await.is_err());

    for tenth in 1..70u32 {
        stage.until(f64::from(tenth) / 10.0).await;
        let left = Duration::from_millis(7_000) - Duration::from_millis(100) * tenth;
        for failed in [stage.ask("a").await, stage.force("a").await] {
            let failed = failed.unwrap_err();
            assert!(matches!(*failed.error, Error::Throttled { .. }));
            assert_eq!(failed.retry_after, left);
        }
    }

    assert_eq!(stage.count(), 1);
    stage.until(7.0).await;
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn f13_a_valid_token_is_served_inside_retry_after() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.until(3_485.0 - 1.0).await;
    stage.follow(|_| Reply::throttled(7));
    let before = stage.count();
    assert!(stage.force("a").await.is_err());

    for _ in 0..69 {
        sleep(Duration::from_millis(100)).await;
        let (got, waited) = stage.timed_ask("a").await;
        assert!(got.is_ok());
        assert!(waited.is_zero());
    }

    assert_eq!(stage.count(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn f13_another_key_is_not_held_up_by_retry_after() {
    let stage = Stage::new(|call| match call.target.as_str() {
        "a" => Reply::throttled(7),
        _ => Reply::token(HOUR),
    });
    assert!(stage.ask("a").await.is_err());

    assert!(stage.ask("b").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn f16_a_503_with_retry_after_keeps_its_status_for_that_whole_time() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::unavailable(Some(1)),
        _ => Reply::token(HOUR),
    });
    assert!(stage.ask("a").await.is_err());

    stage.until(0.999).await;
    let failed = stage.ask("a").await.unwrap_err();

    assert!(matches!(*failed.error, Error::Unavailable { .. }));
    assert_eq!(failed.retry_after, Duration::from_millis(1));
    assert_eq!(stage.count(), 1);
    stage.until(1.0).await;
    assert!(stage.ask("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn f19_a_refusal_is_answered_from_memory_for_two_seconds() {
    let stage = Stage::new(|_| Reply::refused());
    assert!(stage.ask("a").await.is_err());

    for millis in [0, 1_000, 999] {
        sleep(Duration::from_millis(millis)).await;
        for failed in [stage.ask("a").await, stage.force("a").await] {
            assert!(matches!(*failed.unwrap_err().error, Error::Refused(_)));
        }
    }

    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f19_refusals_do_not_make_the_back_off_grow() {
    let stage = Stage::new(|_| Reply::refused());

    for round in 0..10u32 {
        stage.until(f64::from(round) * 2.0).await;
        assert!(stage.ask("a").await.is_err());
    }

    assert_eq!(stage.count(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_refused_renewal_leaves_the_held_token_and_backs_off() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::refused());
    stage.until(2_000.0).await;

    stage.ask("a").await.unwrap();
    sleep(Duration::from_millis(900)).await;

    assert_eq!(stage.ask("a").await.unwrap().source, Source::Stale);
    assert_eq!(stage.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_changed_credential_clears_refusals_and_back_off_of_its_provider() {
    let stage = Stage::new(|call| match call.target.as_str() {
        "refused" => Reply::refused(),
        _ => Reply::down(),
    });
    assert!(stage.ask("refused").await.is_err());
    assert!(stage.ask("down").await.is_err());
    stage.follow(|_| Reply::token(HOUR));

    stage.cache.forget_failures(ProviderName::Maskinporten);
    assert!(stage.ask("refused").await.is_err());
    assert!(stage.ask("down").await.is_err());
    stage.cache.forget_failures(ProviderName::EntraId);

    assert!(stage.ask("refused").await.is_ok());
    assert!(stage.ask("down").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_changed_credential_does_not_end_a_retry_after() {
    let stage = Stage::new(|_| Reply::throttled(7));
    assert!(stage.ask("a").await.is_err());

    stage.cache.forget_failures(ProviderName::EntraId);

    assert!(stage.ask("a").await.is_err());
    assert!(stage.force("a").await.is_err());
    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_changed_credential_lets_the_timer_try_at_once() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::refused());
    stage.until(3_000.0).await;
    stage.follow(|_| Reply::token(HOUR));
    let before = stage.count();

    stage.cache.forget_failures(ProviderName::EntraId);
    sleep(Duration::from_millis(200)).await;

    assert_eq!(stage.count(), before + 1);
}
