//! Tokens renewed ahead of need.

use std::time::Duration;

use rstest::rstest;
use tokio::time::sleep;

use super::stage::{HOUR, Reply, Stage, gaps};
use crate::cache::{Purpose, Source};
use crate::oauth::Freshness;

#[tokio::test(start_paused = true)]
async fn the_timer_renews_a_used_token_without_any_request() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.ask("a").await.unwrap();

    stage.until(1_982.0).await;

    let renewal = stage.calls().remove(1);
    assert_eq!(renewal.purpose, Purpose::Renewal);
    assert!(renewal.at >= Duration::from_secs(1_620));
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_nobody_asked_for_since_it_came_is_not_renewed() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();

    stage.until(10_000.0).await;

    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_must_be_asked_for_again_to_be_renewed_again() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.ask("a").await.unwrap();

    stage.until(10_000.0).await;

    assert_eq!(stage.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_past_half_the_life_is_served_and_starts_one_renewal() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::token(HOUR),
        _ => Reply::token(HOUR).after_millis(1_000),
    });
    stage.ask("a").await.unwrap();
    stage.until(1_981.0).await;

    for _ in 0..10 {
        let (got, waited) = stage.timed_ask("a").await;
        assert_eq!(got.unwrap().token, "a-1");
        assert!(waited.is_zero());
    }
    sleep(Duration::from_millis(1_001)).await;

    assert_eq!(stage.count(), 2);
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[rstest]
#[case(900, 719, 1_081)]
#[case(100, 1_619, 1_981)]
#[tokio::test(start_paused = true)]
async fn the_provider_may_say_when_to_renew(
    #[case] refresh_in: u64,
    #[case] earliest: u64,
    #[case] latest: u64,
) {
    let stage = Stage::new(move |_| Reply::token(HOUR).refresh_in(refresh_in)).with_timer();
    stage.ask("a").await.unwrap();
    stage.ask("a").await.unwrap();

    stage.until(2_000.0).await;

    let renewal = stage.calls().remove(1);
    assert!(
        (earliest..=latest).contains(&renewal.at.as_secs()),
        "{renewal:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn in_the_last_minutes_callers_wait_for_a_renewal_and_get_it() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::token(HOUR).after_millis(1_900));
    stage.until(3_480.0).await;

    let (got, waited) = stage.timed_ask("a").await;

    let got = got.unwrap();
    assert_eq!((got.token.as_str(), got.source), ("a-2", Source::Miss));
    assert_eq!(waited, Duration::from_millis(1_900));
}

#[tokio::test(start_paused = true)]
async fn in_the_last_minutes_callers_wait_two_seconds_and_then_get_the_held_token() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::token(HOUR).after_millis(2_500));
    stage.until(3_480.0).await;

    let (got, waited) = stage.timed_ask("a").await;

    let got = got.unwrap();
    assert_eq!((got.token.as_str(), got.source), ("a-1", Source::Hit));
    assert_eq!(waited, Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn before_the_last_minutes_nobody_waits() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::token(HOUR).after_millis(1_000));
    stage.until(3_479.9).await;

    let (got, waited) = stage.timed_ask("a").await;

    assert_eq!(got.unwrap().token, "a-1");
    assert!(waited.is_zero());
}

#[tokio::test(start_paused = true)]
async fn in_the_last_minutes_nobody_gets_a_token_without_life_in_place_of_the_held_one() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::token(0).after_millis(500));
    stage.until(3_500.0).await;
    let forced = stage.asking("a", Freshness::Renewed).await;

    let got = stage.ask("a").await.unwrap();

    assert_eq!(got.token, "a-1");
    assert_eq!(forced.got().await.unwrap().expires_in, 0);
}

#[rstest]
#[case::the_same_token(Reply::token(1_500).named("a-1"))]
#[case::a_shorter_life(Reply::token(1_500))]
#[case::no_life(Reply::token(0))]
#[tokio::test(start_paused = true)]
async fn f25_a_renewal_without_gain_keeps_the_held_token_and_pauses(#[case] reply: Reply) {
    let mut reply = Some(reply);
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.follow(move |_| reply.take().unwrap_or_else(|| Reply::token(10)));
    stage.until(2_000.0).await;

    for tick in 0..600 {
        stage.until(2_000.0 + f64::from(tick) / 10.0).await;
        let (got, waited) = stage.timed_ask("a").await;
        let got = got.unwrap();
        assert_eq!((got.token.as_str(), got.source), ("a-1", Source::Hit));
        assert!(waited.is_zero());
    }

    let waits = gaps(&stage.calls()[1..]);
    assert_eq!(waits.len(), 1);
    assert!(waits[0] >= Duration::from_secs(30), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_answers_no_miss() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::token(10));
    stage.until(3_585.0).await;
    assert_eq!(stage.ask("a").await.unwrap().token, "a-1");

    stage.until(3_590.0).await;

    assert_eq!(stage.ask("a").await.unwrap().token, "a-3");
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn f29_short_lives_are_renewed_no_more_than_once_a_second(
    #[values(1, 2, 5, 10, 19, 20, 21)] life: u64,
    #[values(false, true)] down: bool,
) {
    let stage = Stage::new(move |call| match call.number {
        1 => Reply::token(life),
        _ if down => Reply::down(),
        _ => Reply::token(life),
    })
    .with_timer();

    for tick in 0..600 {
        stage.until(f64::from(tick) / 10.0).await;
        if let Ok(got) = stage.ask("a").await {
            assert!(got.expires_in <= life);
        }
    }

    let mut calls = stage.calls();
    let floor = Duration::from_millis(900);
    assert!(gaps(&calls).iter().all(|gap| *gap >= floor), "{calls:?}");
    calls.retain(|call| call.purpose == Purpose::Renewal);
    let second = Duration::from_secs(1);
    assert!(gaps(&calls).iter().all(|gap| *gap >= second), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn f53_tokens_that_age_together_are_renewed_sixteen_at_a_time_and_nobody_waits() {
    const KEYS: usize = 100;
    let stage = Stage::issuing(HOUR).with_timer();
    for key in 0..KEYS {
        stage.ask(&key.to_string()).await.unwrap();
    }
    stage.follow(|_| Reply::token(HOUR).after_millis(500));
    stage.until(2_000.0).await;

    for _ in 0..100 {
        for key in 0..KEYS {
            let (got, waited) = stage.timed_ask(&key.to_string()).await;
            assert!(got.is_ok());
            assert!(waited.is_zero());
        }
        sleep(Duration::from_millis(100)).await;
    }

    assert_eq!(stage.count(), 2 * KEYS);
    assert_eq!(stage.most_at_once(), 16);
}

#[tokio::test(start_paused = true)]
async fn f53_the_timer_alone_renews_no_more_than_sixteen_at_a_time() {
    const KEYS: usize = 50;
    let stage = Stage::issuing(HOUR).with_timer();
    for key in 0..2 * KEYS {
        stage.ask(&(key % KEYS).to_string()).await.unwrap();
    }
    stage.follow(|_| Reply::token(HOUR).after_millis(500));

    stage.clock.advance(Duration::from_secs(2_000));
    sleep(Duration::from_secs(35)).await;

    assert_eq!(stage.count(), 2 * KEYS);
    assert_eq!(stage.most_at_once(), 16);
}

#[tokio::test(start_paused = true)]
async fn the_timer_tries_again_as_soon_as_the_back_off_allows() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());

    stage.until(2_100.0).await;

    let waits = gaps(&stage.calls()[1..]);
    assert!(waits[0] <= Duration::from_millis(1_500), "{waits:?}");
    assert!(waits[1] <= Duration::from_millis(2_800), "{waits:?}");
}
