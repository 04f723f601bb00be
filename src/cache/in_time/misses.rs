//! Callers without a token: one fetch for all, whatever becomes of the one who began it.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::stage::{ANSWER_LIMIT, HOUR, Reply, Stage, request, settle};
use crate::cache::Source;
use crate::oauth::{Error, Freshness, ProviderName, TokenRequest};

#[tokio::test(start_paused = true)]
async fn f34_a_caller_dropped_at_any_point_leaves_exactly_one_fetch() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(fastrand::u64(0..10)));

    for round in 0..10_000 {
        let target = round.to_string();
        let patience = Duration::from_millis(fastrand::u64(0..12));
        drop(timeout(patience, stage.ask(&target)).await);
        assert!(stage.ask(&target).await.is_ok());

        assert_eq!(stage.count(), round + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn f35_a_fetch_that_panics_fails_its_waiters_and_wedges_nothing() {
    let stage = Stage::new(|call| match call.number {
        1 => Reply::panics().after_millis(10),
        _ => Reply::token(HOUR),
    });
    let first = stage.asking("a", Freshness::Cached).await;
    let second = stage.asking("a", Freshness::Cached).await;

    assert!(matches!(
        *first.got().await.unwrap_err().error,
        Error::Internal
    ));
    assert!(matches!(
        *second.got().await.unwrap_err().error,
        Error::Internal
    ));
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn f36_requests_that_differ_in_anything_share_nothing() {
    let stage = Stage::issuing(HOUR);
    let text = |text: &str| Some(text.to_owned());
    let requests = [
        request("a"),
        request("A"),
        request("a b"),
        request("b a"),
        TokenRequest {
            provider: ProviderName::Maskinporten,
            ..request("a")
        },
        TokenRequest {
            resource: text("r"),
            ..request("a")
        },
        TokenRequest {
            resource: text(""),
            ..request("a")
        },
        TokenRequest {
            authorization_details: text("r"),
            ..request("a")
        },
    ];

    for round in 0..2 {
        for (number, request) in requests.iter().enumerate() {
            let got = stage
                .request(request.clone(), Freshness::Cached)
                .await
                .unwrap();
            let own = format!("{}-{}", request.target.replace(' ', "_"), number + 1);
            assert_eq!(got.token, own, "round {round}");
        }
    }
    assert_eq!(stage.count(), requests.len());
}

async fn herd(
    stage: &Stage,
    callers: usize,
) -> JoinSet<Result<super::stage::Got, crate::cache::Failed>> {
    let mut herd = JoinSet::new();
    for _ in 0..callers {
        let stage = stage.clone();
        herd.spawn(async move { stage.ask("a").await });
    }
    settle().await;
    herd
}

#[tokio::test(start_paused = true)]
async fn f51_ten_thousand_misses_at_once_are_one_call() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(200));

    let all = herd(&stage, 10_000).await.join_all().await;

    assert_eq!(stage.count(), 1);
    assert_eq!(all.len(), 10_000);
    for got in all {
        let got = got.unwrap();
        assert_eq!((got.token.as_str(), got.source), ("a-1", Source::Miss));
    }
}

#[tokio::test(start_paused = true)]
async fn f51_a_herd_survives_the_caller_that_began_the_fetch() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(200));
    let first = stage.asking("a", Freshness::Cached).await;
    let others = herd(&stage, 199).await;

    first.0.abort();

    assert!(others.join_all().await.iter().all(Result::is_ok));
    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f52_a_herd_shares_one_error_and_the_next_call_comes_after_the_pause() {
    let stage = Stage::new(|_| Reply::down().after_millis(200));

    let all = herd(&stage, 100).await.join_all().await;

    assert!(all.iter().all(Result::is_err));
    for _ in 0..9 {
        assert!(stage.ask("a").await.is_err());
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(stage.count(), 1);
    sleep(Duration::from_millis(400)).await;
    assert!(stage.ask("a").await.is_err());
    assert_eq!(stage.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_within_four_seconds_whatever_the_provider_does() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(60_000));
    let start = Instant::now();

    let failed = stage.ask("a").await.unwrap_err();

    assert!(matches!(*failed.error, Error::TimedOut));
    assert_eq!(start.elapsed(), ANSWER_LIMIT);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_goes_on_when_its_callers_time_is_over() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(6_000));
    assert!(stage.ask("a").await.is_err());

    sleep(Duration::from_secs(3)).await;

    assert_eq!(stage.ask("a").await.unwrap().source, Source::Hit);
    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f28_a_token_without_life_is_delivered_and_not_kept() {
    let stage = Stage::issuing(0);

    let first = stage.ask("a").await.unwrap();
    let second = stage.ask("a").await.unwrap();

    assert_eq!((first.token.as_str(), first.expires_in), ("a-1", 0));
    assert_eq!(second.token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn expires_in_counts_down_from_the_moment_the_request_was_sent() {
    let stage = Stage::new(|_| Reply::token(100).after_millis(2_000));
    assert_eq!(stage.ask("a").await.unwrap().expires_in, 98);

    sleep(Duration::from_secs(10)).await;

    assert_eq!(stage.ask("a").await.unwrap().expires_in, 88);
}
