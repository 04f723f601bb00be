//! One provider's limits: 64 calls, 16 renewals, 256 flights that wait.

use std::time::Duration;

use tokio::time::sleep;

use super::stage::{HOUR, Reply, Stage, request, settle};
use crate::oauth::{Error, Freshness, ProviderName, TokenRequest};

/// Lets as many callers ask for targets of their own.
async fn crowd(stage: &Stage, callers: u32) {
    for caller in 0..callers {
        let stage = stage.clone();
        tokio::spawn(async move { stage.ask(&caller.to_string()).await });
    }
    while stage.running() < 64 {
        settle().await;
    }
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn f58_slow_targets_take_no_more_than_their_room() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(2_500));
    crowd(&stage, 64 + 256).await;

    let (got, waited) = stage.timed_ask("one too many").await;

    assert!(matches!(*got.unwrap_err().error, Error::Overloaded));
    assert!(waited.is_zero());
    assert_eq!((stage.count(), stage.most_at_once()), (64, 64));
}

#[tokio::test(start_paused = true)]
async fn f58_who_waits_gets_a_turn() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(2_500));
    crowd(&stage, 64).await;

    let (got, waited) = stage.timed_ask("next").await;

    assert!(got.is_err() || waited <= Duration::from_secs(4));
    sleep(Duration::from_secs(2)).await;
    assert!(stage.ask("next").await.is_ok());
    assert_eq!(stage.count(), 65);
}

#[tokio::test(start_paused = true)]
async fn f58_a_full_queue_starts_no_back_off() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(1_000));
    crowd(&stage, 64 + 256).await;
    assert!(stage.ask("next").await.is_err());

    sleep(Duration::from_millis(1_100)).await;

    assert!(stage.ask("next").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn f58_too_long_a_wait_for_a_turn_is_overload_rather_than_a_time_out() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(60_000));
    crowd(&stage, 64).await;

    let (got, waited) = stage.timed_ask("next").await;

    assert!(matches!(*got.unwrap_err().error, Error::Overloaded));
    assert!(waited <= Duration::from_secs(4) && waited > Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn f58_another_provider_never_feels_it() {
    let stage = Stage::new(|call| match call.target.as_str() {
        "fast" => Reply::token(HOUR),
        _ => Reply::token(HOUR).after_millis(60_000),
    });
    crowd(&stage, 64 + 256).await;
    let other = TokenRequest {
        provider: ProviderName::Maskinporten,
        ..request("fast")
    };

    assert!(stage.request(other, Freshness::Cached).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn f13_a_fetch_that_waits_for_its_turn_does_not_begin_inside_a_retry_after() {
    let stage = Stage::new(|call| match call.target.as_str() {
        "throttled" => Reply::throttled(7).after_millis(500),
        _ => Reply::token(HOUR).after_millis(60_000),
    });
    let first = stage.asking("throttled", Freshness::Renewed).await;
    crowd(&stage, 63).await;

    let failed = stage.force("throttled").await.unwrap_err();

    assert!(first.got().await.is_err());
    assert!(matches!(*failed.error, Error::Throttled { .. }));
    assert_eq!(failed.retry_after, Duration::from_secs(7));
    assert_eq!(stage.count(), 64);
}
