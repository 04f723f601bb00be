//! A machine that slept, and a wall clock that was set (F65, F66).

use std::time::Duration;

use super::stage::{HOUR, Reply, Stage, Told, settle};

const HOUR_MILLIS: i64 = 3_600_000;

#[tokio::test(start_paused = true)]
async fn f66_after_a_sleep_of_the_machine_the_first_request_has_keys_that_are_due_fetched_at_once()
{
    let stage = Stage::with_keys(&["stays", "goes"], |_| Reply::keys(&["stays"])).await;

    stage.sleep_of_machine(2 * HOUR);
    assert_eq!(
        stage.timed_ask("stays").await,
        (Told::There, Duration::ZERO)
    );
    settle().await;

    assert_eq!(stage.endpoint.count(), 2);
    assert_eq!(stage.ask("goes").await, Told::Absent);
}

#[tokio::test(start_paused = true)]
async fn f66_keys_that_became_too_old_in_the_sleep_are_waited_for() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"]).after(0.2)).await;

    stage.sleep_of_machine(25 * HOUR);
    let told = stage.timed_ask("a").await;

    assert_eq!(told, (Told::There, Duration::from_millis(200)));
}

#[tokio::test(start_paused = true)]
async fn f66_a_sleep_of_the_machine_ends_a_back_off_within_half_a_minute() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused()).await;
    stage.until(1_000).await;
    stage.endpoint.follow(|_| Reply::keys(&["b"]));

    stage.sleep_of_machine(HOUR);
    stage.until(1_031).await;

    assert_eq!(stage.ask("b").await, Told::There);
}

#[tokio::test(start_paused = true)]
async fn f65_a_wall_clock_set_ahead_brings_one_fetch_forward() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;

    stage.clock.shift_wall(2 * HOUR_MILLIS);
    for _ in 0..100 {
        assert_eq!(stage.ask("a").await, Told::There);
        settle().await;
    }

    assert_eq!(stage.endpoint.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn f65_a_wall_clock_set_back_delays_nothing() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;

    stage.clock.shift_wall(-2 * HOUR_MILLIS);
    stage.until(361).await;
    assert_eq!(stage.endpoint.count(), 2);

    stage.endpoint.follow(|_| Reply::refused());
    stage.until(361 + 24 * HOUR).await;
    assert!(
        stage.ask("a").await.is_unavailable(),
        "24 h have passed on one clock"
    );
}

#[tokio::test(start_paused = true)]
async fn f65_a_wall_clock_set_far_ahead_and_back_recovers() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;

    stage.clock.shift_wall(48 * HOUR_MILLIS);
    assert_eq!(stage.ask("a").await, Told::There);
    stage.clock.shift_wall(-48 * HOUR_MILLIS);

    assert_eq!(stage.ask("a").await, Told::There);
    stage.until(361).await;
    assert_eq!(stage.ask("a").await, Told::There);
}
