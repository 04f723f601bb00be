//! `skip_cache`: a token from a fetch that begins after the request.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::stage::{ANSWER_LIMIT, HOUR, Reply, Stage, request};
use crate::cache::Source;
use crate::oauth::{Error, Freshness};

/// The first call takes the first time, and so on; the last goes for all further ones.
fn taking(millis: &'static [u64]) -> Stage {
    Stage::new(move |call| {
        let index = (call.number - 1).min(millis.len() - 1);
        Reply::token(HOUR).after_millis(millis[index])
    })
}

#[tokio::test(start_paused = true)]
async fn a_forced_caller_gets_a_new_token_which_is_held_from_then_on() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();

    let forced = stage.force("a").await.unwrap();

    assert_eq!(
        (forced.token.as_str(), forced.source),
        ("a-2", Source::Bypass)
    );
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn a_forced_caller_never_joins_a_running_fetch() {
    let stage = taking(&[1_000, 500]);
    let plain = stage.asking("a", Freshness::Cached).await;
    sleep(Duration::from_millis(100)).await;

    let forced = stage.force("a").await.unwrap();

    assert_eq!(forced.token, "a-2");
    assert_eq!(plain.got().await.unwrap().token, "a-1");
    assert_eq!(stage.calls()[1].at, Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn callers_who_find_two_fetches_share_a_third_begun_when_either_ends() {
    let stage = taking(&[3_000, 1_000, 500]);
    let first = stage.asking("a", Freshness::Renewed).await;
    let second = stage.asking("a", Freshness::Renewed).await;
    let third = stage.asking("a", Freshness::Renewed).await;
    let fourth = stage.asking("a", Freshness::Renewed).await;
    assert_eq!(stage.count(), 2);

    assert_eq!(third.got().await.unwrap().token, "a-3");
    assert_eq!(fourth.got().await.unwrap().token, "a-3");

    assert_eq!(stage.calls()[2].at, Duration::from_secs(1));
    assert_eq!(first.got().await.unwrap().token, "a-1");
    assert_eq!(second.got().await.unwrap().token, "a-2");
    assert_eq!(stage.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_third_fetch_that_cannot_begin_in_time_is_a_time_out() {
    let stage = taking(&[10_000]);
    let _first = stage.asking("a", Freshness::Renewed).await;
    let _second = stage.asking("a", Freshness::Renewed).await;
    let start = Instant::now();

    let failed = stage.force("a").await.unwrap_err();

    assert!(matches!(*failed.error, Error::TimedOut));
    assert_eq!((start.elapsed(), stage.count()), (ANSWER_LIMIT, 2));
}

#[tokio::test(start_paused = true)]
async fn a_forced_failure_is_told_and_keeps_the_held_token() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());

    let failed = stage.force("a").await.unwrap_err();

    assert!(matches!(*failed.error, Error::Unreachable(_)));
    assert_eq!(stage.ask("a").await.unwrap().token, "a-1");
}

#[tokio::test(start_paused = true)]
async fn a_forced_success_is_held_even_if_it_expires_sooner() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::token(60));

    stage.force("a").await.unwrap();

    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn a_success_that_began_earlier_does_not_replace_a_later_one() {
    let stage = taking(&[2_000, 500]);
    let first = stage.asking("a", Freshness::Renewed).await;
    let second = stage.asking("a", Freshness::Renewed).await;

    assert_eq!(second.got().await.unwrap().token, "a-2");
    assert_eq!(first.got().await.unwrap().token, "a-1");

    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn a_success_that_began_earlier_is_not_held_even_if_the_later_token_was_pushed_out() {
    let stage = taking(&[2_000, 500, 0]);
    let first = stage.asking("a", Freshness::Renewed).await;
    stage
        .asking("a", Freshness::Renewed)
        .await
        .got()
        .await
        .unwrap();

    stage.cache.slots.evict(&request("a"));
    first.got().await.unwrap();

    assert_eq!(stage.ask("a").await.unwrap().token, "a-3");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_began_earlier_changes_nothing() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::down().after_millis(2_000),
        _ => Reply::token(HOUR),
    });
    let first = stage.asking("a", Freshness::Renewed).await;
    stage.force("a").await.unwrap();

    assert!(first.got().await.is_err());

    assert_eq!(stage.ask("a").await.unwrap().source, Source::Hit);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_counts_even_from_a_fetch_that_began_earlier() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::throttled(7).after_millis(2_000),
        _ => Reply::token(HOUR),
    });
    let first = stage.asking("a", Freshness::Renewed).await;
    stage.force("a").await.unwrap();
    assert!(first.got().await.is_err());

    assert!(stage.force("a").await.is_err());
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
    sleep(Duration::from_secs(7)).await;

    assert!(stage.force("a").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_queued_fetch_does_not_begin_inside_a_retry_after() {
    let stage = Stage::new(|_| Reply::throttled(7).after_millis(500));
    let _first = stage.asking("a", Freshness::Renewed).await;
    let _second = stage.asking("a", Freshness::Renewed).await;

    let failed = stage.force("a").await.unwrap_err();

    assert!(matches!(*failed.error, Error::Throttled { .. }));
    assert_eq!(stage.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn plain_callers_without_a_token_join_the_newest_fetch() {
    let stage = taking(&[2_000, 1_000]);
    let _first = stage.asking("a", Freshness::Cached).await;
    let _second = stage.asking("a", Freshness::Renewed).await;

    let got = stage.ask("a").await.unwrap();

    assert_eq!((got.token.as_str(), got.source), ("a-2", Source::Miss));
    assert_eq!(stage.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn plain_back_off_does_not_bind_forced_callers() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::down(),
        _ => Reply::token(HOUR),
    });
    assert!(stage.ask("a").await.is_err());
    assert!(stage.ask("a").await.is_err());

    assert_eq!(stage.force("a").await.unwrap().token, "a-2");

    assert_eq!(stage.ask("a").await.unwrap().source, Source::Hit);
}

#[tokio::test(start_paused = true)]
async fn f54_a_thousand_forced_callers_at_once_are_three_fetches() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down().after_millis(300));
    let mut herd = JoinSet::new();
    for _ in 0..1_000 {
        let stage = stage.clone();
        herd.spawn(async move { stage.force("a").await });
    }

    let all = herd.join_all().await;

    assert!(all.iter().all(Result::is_err));
    assert_eq!(stage.count(), 1 + 3);
    assert_eq!(stage.ask("a").await.unwrap().token, "a-1");
}
