//! Keys that cannot be fetched any more (F39), and how often it is tried.

use std::time::Duration;

use rstest::rstest;

use super::stage::{HOUR, Reply, Stage, Told, most_within};

#[tokio::test(start_paused = true)]
async fn f39_known_keys_are_good_for_24_h_after_the_last_success_and_not_longer() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused()).await;

    stage.until(24 * HOUR - 1).await;
    assert_eq!(stage.timed_ask("a").await, (Told::There, Duration::ZERO));

    stage.until(24 * HOUR).await;
    assert!(stage.ask("a").await.is_unavailable());
}

#[tokio::test(start_paused = true)]
async fn f39_each_success_makes_24_h_of_its_own() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;
    stage.until(HOUR).await;
    let last = *stage.endpoint.calls().last().unwrap();
    stage.endpoint.follow(|_| Reply::refused());

    stage.until(last as u64 + 24 * HOUR - 1).await;
    assert_eq!(stage.ask("a").await, Told::There);

    stage.until(last as u64 + 24 * HOUR + 1).await;
    assert!(stage.ask("a").await.is_unavailable());
}

#[tokio::test(start_paused = true)]
async fn f39_keys_that_are_too_old_are_used_again_after_one_success() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused()).await;
    stage.until(25 * HOUR).await;
    assert!(stage.ask("a").await.is_unavailable());

    stage.endpoint.follow(|_| Reply::keys(&["a"]));
    stage.until(25 * HOUR + 61).await;

    assert_eq!(stage.ask("a").await, Told::There);
}

#[rstest]
#[case::empty("")]
#[case::not_printable("a\u{1}")]
#[case::too_long(&"a".repeat(257))]
#[tokio::test(start_paused = true)]
async fn j12_a_name_that_no_key_can_have_starts_no_fetch(#[case] id: &str) {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;

    let told = stage.timed_ask(id).await;

    assert_eq!(told, (Told::Absent, Duration::ZERO));
    assert_eq!(stage.endpoint.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f39_an_unknown_key_is_an_outage_while_the_last_fetch_failed() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused()).await;
    stage.until(600).await;
    let fetches = stage.endpoint.count();

    assert!(stage.ask("new").await.is_unavailable());
    assert_eq!(stage.timed_ask("a").await, (Told::There, Duration::ZERO));
    assert!(stage.endpoint.count() > 1 && fetches > 1);
}

#[tokio::test(start_paused = true)]
async fn f39_an_unknown_key_is_no_key_again_after_the_outage() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused()).await;
    stage.until(600).await;
    assert!(stage.ask("new").await.is_unavailable());

    stage.endpoint.follow(|_| Reply::keys(&["a"]));
    stage.until(700).await;

    assert_eq!(stage.ask("new").await, Told::Absent);
}

#[rstest]
#[case::refused(Reply::refused)]
#[case::hanging(Reply::hangs)]
#[case::nonsense(|| Reply::body("nonsense"))]
#[tokio::test(start_paused = true)]
async fn f39_a_failing_endpoint_is_asked_after_one_second_then_more_rarely(
    #[case] reply: fn() -> Reply,
) {
    let stage = Stage::new(move |_| reply());

    stage.until(900).await;

    let calls = stage.endpoint.calls();
    let gaps: Vec<_> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((1.0..=4.0).contains(&gaps[0]), "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap >= 1.0), "{gaps:?}");
    // The longest pause, and the time-out of the call before it.
    assert!(gaps.iter().all(|gap| *gap <= 33.1), "{gaps:?}");
    assert!(most_within(&calls, 60.0) <= 1 + 4 + 2, "{calls:?}");
}

#[rstest]
#[case::refused(Reply::refused)]
#[case::hanging(Reply::hangs)]
#[tokio::test(start_paused = true)]
async fn f43_forged_names_make_a_failing_endpoint_be_asked_no_more_often(
    #[case] reply: fn() -> Reply,
) {
    let stage = Stage::with_keys(&["a"], move |_| reply()).await;

    for tenth in 0..6000_u64 {
        drop(stage.asking(&format!("forged-{tenth}")).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let calls = stage.endpoint.calls();
    let demanded: Vec<_> = calls[1..].to_vec();
    assert!(demanded[0] < 1.0, "{demanded:?}");
    assert!(demanded.windows(2).all(|pair| pair[1] - pair[0] >= 1.0));
    assert!(most_within(&demanded, 30.0) <= 4 + 1, "{demanded:?}");
    assert!(demanded.len() <= 4 + 600 / 30, "{}", demanded.len());
}

#[tokio::test(start_paused = true)]
async fn k18_a_failure_while_two_wait_loses_nobody_and_asks_no_more_than_once_each_time() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused().after(0.5)).await;

    let (first, second) = (stage.asking("x").await, stage.asking("y").await);
    let told = [first.await.unwrap(), second.await.unwrap()];

    for (told, waited) in told {
        assert!(told.is_unavailable());
        assert_eq!(waited, Duration::from_millis(500));
    }
    assert_eq!(stage.endpoint.count(), 2);
    assert_eq!(stage.endpoint.most_at_once(), 1);
}
