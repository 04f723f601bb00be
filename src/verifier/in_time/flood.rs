//! Tokens with forged names of keys, thousands a second (F43, F44).

use std::time::Duration;

use super::stage::{Reply, Stage, Told, most_within, settle};

/// How many may wait for a fetch.
const MOST_WAITING: usize = 64;

#[tokio::test(start_paused = true)]
async fn f43_a_flood_of_unknown_keys_is_four_fetches_at_once_then_two_a_minute() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;

    for number in 0..12_000 {
        stage.ask(&format!("forged-{number}")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // Up to four minutes nothing else fetches.
    let demanded = &stage.endpoint.calls()[1..];
    assert_eq!(most_within(demanded, 1.0), 4);
    let later: Vec<_> = demanded
        .iter()
        .copied()
        .filter(|call| *call > 1.0)
        .collect();
    assert!(most_within(&later, 60.0) <= 2, "{later:?}");
    assert_eq!(demanded.len(), 4 + 240 / 30 - 1);
}

#[tokio::test(start_paused = true)]
async fn f43_once_the_bucket_is_empty_unknown_keys_are_no_keys_at_once() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"]).after(0.2)).await;
    for number in 0..4 {
        assert_eq!(stage.ask(&format!("{number}")).await, Told::Absent);
    }
    assert_eq!(stage.endpoint.count(), 1 + 4);

    for number in 4..5_000 {
        let told = stage.timed_ask(&format!("{number}")).await;
        assert_eq!(told, (Told::Absent, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn f43_a_flood_hides_no_rotation_for_longer_than_half_a_minute() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;
    for number in 0..1_000 {
        stage.ask(&format!("forged-{number}")).await;
    }
    stage.endpoint.follow(|_| Reply::keys(&["a", "new"]));

    stage.until(31).await;

    assert_eq!(stage.ask("new").await, Told::There);
}

#[tokio::test(start_paused = true)]
async fn f43_nothing_is_kept_of_unknown_keys() {
    let stage = Stage::with_keys(&["a"], |_| Reply::hangs()).await;
    for number in 0..1_000 {
        drop(stage.asking(&format!("forged-{number}")).await);
    }
    stage.until(10).await;

    let keyring = &stage.verifier.keyring;
    assert_eq!(keyring.usable().unwrap().keys.count(), 1);
    let watching = keyring.state.receiver_count();
    assert!(watching <= 1, "only the refresh itself, not {watching}");
    assert_eq!(stage.endpoint.most_at_once(), 1);
}

#[tokio::test(start_paused = true)]
async fn f44_while_the_endpoint_hangs_no_known_key_waits() {
    let stage = Stage::with_keys(&["a"], |_| Reply::hangs()).await;

    for number in 0..300 {
        drop(stage.asking(&format!("forged-{number}")).await);
        assert_eq!(stage.timed_ask("a").await, (Told::There, Duration::ZERO));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    assert!(stage.endpoint.count() > 1);
}

#[tokio::test(start_paused = true)]
async fn f44_at_most_sixty_four_wait_two_seconds_each_and_the_others_not_at_all() {
    let stage = Stage::with_keys(&["a"], |_| Reply::hangs()).await;

    let mut asking = Vec::new();
    for number in 0..200 {
        asking.push(stage.asking(&format!("forged-{number}")).await);
    }
    let mut waited = Vec::new();
    for task in asking {
        let (told, time) = task.await.unwrap();
        assert!(told.is_unavailable());
        waited.push(time);
    }

    let at_once = waited.iter().filter(|time| time.is_zero());
    assert_eq!(at_once.count(), 200 - MOST_WAITING);
    let longest = waited
        .iter()
        .filter(|time| **time == Duration::from_secs(2));
    assert_eq!(longest.count(), MOST_WAITING);
}

#[tokio::test(start_paused = true)]
async fn f44_who_hangs_up_gives_its_place_to_another() {
    let stage = Stage::with_keys(&["a"], |_| Reply::hangs()).await;
    for number in 0..100 {
        let asking = stage.asking(&format!("forged-{number}")).await;
        asking.abort();
        settle().await;
    }

    let (_, waited) = stage.timed_ask("another").await;

    assert_eq!(waited, Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn f44_two_seconds_are_the_whole_wait_also_over_two_fetches() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"]).after(1.5)).await;
    let first = stage.asking("x").await;

    let (told, waited) = stage.timed_ask("y").await;

    assert!(
        told.is_unavailable(),
        "the wait was too short to know: {told:?}"
    );
    assert_eq!(waited, Duration::from_secs(2));
    assert_eq!(
        first.await.unwrap(),
        (Told::Absent, Duration::from_millis(1500))
    );
}
