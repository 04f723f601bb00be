//! Clocks that jump and machines that sleep.

use std::time::Duration;

use super::stage::{HOUR, Reply, Stage};
use crate::oauth::{Error, Freshness};

const TWO_HOURS: Duration = Duration::from_secs(2 * HOUR);
const TWO_HOURS_MILLIS: i64 = 7_200_000;

#[tokio::test(start_paused = true)]
async fn f65_a_wall_clock_set_back_changes_nothing() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();

    stage.clock.shift_wall(-TWO_HOURS_MILLIS);

    assert_eq!(stage.ask("a").await.unwrap().token, "a-1");
    stage.until(3_590.0).await;
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn f65_a_wall_clock_set_ahead_costs_one_fetch() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();

    stage.clock.shift_wall(TWO_HOURS_MILLIS);

    for _ in 0..10 {
        assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
    }
    stage.clock.shift_wall(-TWO_HOURS_MILLIS);
    assert_eq!(stage.ask("a").await.unwrap().token, "a-2");
}

#[tokio::test(start_paused = true)]
async fn f66_no_expired_token_is_served_after_a_sleep() {
    let stage = Stage::issuing(HOUR).with_timer();
    stage.ask("a").await.unwrap();
    stage.follow(|_| Reply::down());

    stage.clock.advance(TWO_HOURS);

    assert!(stage.ask("a").await.is_err());
    assert!(
        stage
            .cache
            .token(super::stage::request("a"), None, Freshness::Renewed)
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn f66_an_answer_that_expired_while_the_machine_slept_is_a_time_out() {
    let stage = Stage::new(|_| Reply::token(HOUR).after_millis(1_000));
    let caller = stage.asking("a", Freshness::Cached).await;

    stage.clock.advance(TWO_HOURS);

    assert!(matches!(
        *caller.got().await.unwrap_err().error,
        Error::TimedOut
    ));
    assert!(stage.ask("a").await.is_err());
    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f66_a_sleep_ends_back_off_and_retry_after() {
    let stage = Stage::new(|call| match call.target.as_str() {
        "throttled" => Reply::throttled(300),
        _ => Reply::down(),
    });
    assert!(stage.ask("throttled").await.is_err());
    assert!(stage.ask("down").await.is_err());
    stage.follow(|_| Reply::token(HOUR));

    stage.clock.advance(TWO_HOURS);

    assert!(stage.ask("throttled").await.is_ok());
    assert!(stage.ask("down").await.is_ok());
}
