//! A provider that is down while tokens are held, as they end, and afterwards.

use std::time::Duration;

use tokio::time::sleep;

use super::stage::{HOUR, Reply, Stage, gaps, request};
use crate::cache::{Purpose, Source};
use crate::oauth::Error;

#[tokio::test(start_paused = true)]
async fn f4_a_held_token_hides_an_outage_and_tries_follow_the_back_off() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());

    for second in 1..3_480 {
        stage.until(f64::from(second)).await;
        let (got, waited) = stage.timed_ask("a").await;
        assert_eq!(got.unwrap().token, "a-1");
        assert!(waited.is_zero());
    }

    let tries = &stage.calls()[1..];
    let waits = gaps(tries);
    assert!(tries[0].at >= Duration::from_secs(1_620));
    assert!(tries[0].at <= Duration::from_secs(1_981));
    assert!(tries.iter().all(|call| call.purpose == Purpose::Renewal));
    for (wait, least) in waits.iter().zip([1, 2, 4, 8, 16]) {
        assert!(*wait >= Duration::from_secs(least), "{waits:?}");
    }
    for wait in &waits[5..] {
        assert!((24..=31).contains(&wait.as_secs()), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn f5_callers_wait_at_most_two_seconds_and_only_for_a_try() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down().after_millis(3_000));
    let mut waited_for_a_try = 0;

    for tick in 0..200 {
        stage.until(3_481.0 + f64::from(tick) / 2.0).await;
        let (before, running) = (stage.count(), stage.running());
        let (got, waited) = stage.timed_ask("a").await;
        assert_eq!(got.unwrap().token, "a-1");
        assert!(waited <= Duration::from_secs(2));
        if waited.is_zero() {
            assert_eq!(stage.count(), before);
        } else {
            assert!(running > 0 || stage.count() > before);
            waited_for_a_try += 1;
        }
    }

    assert!(waited_for_a_try > 1);
}

#[tokio::test(start_paused = true)]
async fn f5_nobody_is_served_the_held_token_past_its_end_for_having_waited() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down().after_millis(1_500));

    stage.until(3_589.0).await;
    let (got, waited) = stage.timed_ask("a").await;

    assert!(matches!(*got.unwrap_err().error, Error::Unreachable(_)));
    assert_eq!(waited, Duration::from_millis(1_500));
}

#[tokio::test(start_paused = true)]
async fn f6_past_the_end_errors_come_at_once_during_back_off() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down().after_millis(100));
    stage.until(3_590.0).await;
    let mut at_once = 0;

    for tick in 0..600 {
        stage.until(3_590.0 + f64::from(tick) / 10.0).await;
        let before = stage.count();
        let (got, waited) = stage.timed_ask("a").await;
        let failed = got.unwrap_err();
        assert!(matches!(*failed.error, Error::Unreachable(_)));
        if stage.count() == before {
            assert!(waited.is_zero());
            at_once += 1;
        }
    }

    assert!(at_once > 500);
    for wait in gaps(&stage.calls()[1..]) {
        assert!(wait <= Duration::from_millis(5_300), "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn f6_a_back_off_that_runs_when_the_token_ends_is_cut_to_five_seconds_from_then() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());
    stage.until(3_585.0).await;
    for _ in 0..8 {
        assert!(stage.force("a").await.is_err());
    }
    stage.follow(|_| Reply::token(HOUR));

    stage.until(3_594.9).await;
    assert!(stage.ask("a").await.is_err());
    stage.until(3_595.0).await;

    assert!(stage.ask("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn f6_a_retry_after_that_runs_when_the_token_ends_is_not_cut() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::throttled(60));
    stage.until(3_585.0).await;
    assert!(stage.force("a").await.is_err());

    stage.until(3_644.9).await;

    assert!(stage.ask("a").await.is_err());
    assert_eq!(stage.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_long_back_off_answers_no_miss_for_more_than_five_seconds() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());
    for _ in 0..8 {
        assert!(stage.force("a").await.is_err());
    }
    stage.follow(|_| Reply::token(HOUR));
    stage.cache.slots.evict(&request("a"));

    assert!(stage.ask("a").await.is_err());
    stage.until(4.9).await;
    assert!(stage.ask("a").await.is_err());
    stage.until(5.0).await;

    assert!(stage.ask("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn when_the_token_has_ended_only_requests_start_fetches() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());
    stage.until(3_590.0).await;
    let before = stage.count();

    stage.until(7_200.0).await;

    assert_eq!(stage.count(), before);
    assert!(before > 10);
}

#[tokio::test(start_paused = true)]
async fn f7_after_an_outage_each_key_is_renewed_once_and_sixteen_at_a_time() {
    const KEYS: usize = 40;
    let stage = Stage::issuing(2 * HOUR).with_timer();
    for key in 0..KEYS {
        stage.ask(&key.to_string()).await.unwrap();
        stage.ask(&key.to_string()).await.unwrap();
    }
    stage.follow(|_| Reply::down());
    stage.until(5_000.0).await;
    stage.follow(|_| Reply::token(2 * HOUR).after_millis(200));
    let before = stage.count();

    stage.until(5_031.0).await;

    let calls = stage.calls().split_off(before);
    let mut renewed: Vec<_> = calls.iter().map(|call| call.target.as_str()).collect();
    renewed.sort_unstable();
    renewed.dedup();
    assert_eq!((calls.len(), renewed.len()), (KEYS, KEYS));
    assert!(stage.most_at_once() <= 16, "{}", stage.most_at_once());
}

async fn storm(stage: &Stage, keys: u32, seconds: u32) {
    let start = stage.seconds();
    for tick in 0..seconds * 5 {
        stage.until(start + f64::from(tick) / 5.0).await;
        for key in 0..keys {
            drop(stage.ask(&key.to_string()).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn f17_a_storm_with_tokens_stays_within_the_renewals_schedule() {
    let stage = Stage::issuing(HOUR).with_timer();
    for key in 0..5 {
        stage.ask(&key.to_string()).await.unwrap();
    }
    stage.follow(|_| Reply::unavailable(None));
    stage.until(2_000.0).await;
    let before = stage.count();

    storm(&stage, 5, 600).await;

    let calls = stage.count() - before;
    assert!(calls <= 5 * (600 / 24 + 6), "{calls}");
}

#[tokio::test(start_paused = true)]
async fn f17_a_storm_without_tokens_stays_within_the_misses_schedule() {
    let stage = Stage::new(|_| Reply::unavailable(None));

    storm(&stage, 5, 600).await;

    assert!(stage.count() <= 5 * (600 / 4 + 3), "{}", stage.count());
    assert!(stage.count() >= 5 * (600 / 6), "{}", stage.count());
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_renewal_failed_is_stale_until_one_succeeds() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.until(2_000.0).await;
    stage.follow(|_| Reply::down());
    stage.ask("a").await.unwrap();
    sleep(Duration::from_millis(10)).await;
    assert_eq!(stage.ask("a").await.unwrap().source, Source::Stale);

    stage.follow(|_| Reply::token(100));
    sleep(Duration::from_millis(1_300)).await;
    stage.ask("a").await.unwrap();
    sleep(Duration::from_millis(10)).await;

    let got = stage.ask("a").await.unwrap();
    assert_eq!((got.token.as_str(), got.source), ("a-1", Source::Hit));
}
