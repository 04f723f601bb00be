//! Tokens that cannot be renewed and are about to end, or have ended.

use super::stage::{HOUR, Reply, Stage, request};
use crate::oauth::{Freshness, ProviderName, TokenRequest};

fn at_risk(stage: &Stage) -> usize {
    let numbers = stage.cache.at_risk();
    numbers.values().sum()
}

/// Only a token that was asked for since it came is renewed by the timer.
async fn held_and_used() -> Stage {
    let stage = Stage::issuing(HOUR).with_timer();
    for _ in 0..2 {
        stage.ask("a").await.unwrap();
    }
    stage
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_renewals_fail_is_at_risk_in_its_last_quarter_until_one_succeeds() {
    let stage = held_and_used().await;
    stage.follow(|_| Reply::down());

    stage.until(2_690.0).await;
    assert!(stage.count() > 2);
    assert_eq!(at_risk(&stage), 0);
    stage.until(2_710.0).await;
    assert_eq!(at_risk(&stage), 1);

    stage.follow(|_| Reply::token(HOUR));
    stage.until(2_750.0).await;
    assert_eq!(at_risk(&stage), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_nobody_has_tried_to_renew_is_not_at_risk() {
    let stage = Stage::issuing(HOUR);
    stage.ask("a").await.unwrap();

    stage.until(3_500.0).await;

    assert_eq!(at_risk(&stage), 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_token_stays_at_risk_while_it_is_asked_for_and_for_a_minute_after() {
    let stage = held_and_used().await;
    stage.follow(|_| Reply::down());

    for second in (3_595..4_200).step_by(20) {
        stage.until(f64::from(second)).await;
        stage.ask("a").await.unwrap_err();
        assert_eq!(at_risk(&stage), 1, "{second}");
    }
    stage.until(4_300.0).await;

    assert_eq!(at_risk(&stage), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_without_being_asked_for_is_at_risk_for_a_minute_more() {
    let stage = held_and_used().await;
    stage.follow(|_| Reply::down());

    stage.until(3_589.0).await;
    assert_eq!(at_risk(&stage), 1);
    stage.until(3_660.0).await;

    assert_eq!(at_risk(&stage), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_never_came_is_at_risk_whatever_the_error() {
    for error in [Reply::down, Reply::refused, || Reply::throttled(30)] {
        let stage = Stage::new(move |_| error());

        stage.ask("a").await.unwrap_err();
        assert_eq!(at_risk(&stage), 1);

        stage.follow(|_| Reply::token(HOUR));
        stage.until(31.0).await;
        stage.ask("a").await.unwrap();
        assert_eq!(at_risk(&stage), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_at_risk_are_counted_by_provider() {
    let stage = Stage::new(|_| Reply::down());
    let of_maskinporten = TokenRequest::new(ProviderName::Maskinporten, "a");

    for request in [request("a"), request("b"), of_maskinporten] {
        let asked = stage.request(request, Freshness::Cached).await;
        asked.unwrap_err();
    }

    let numbers = stage.cache.at_risk();
    assert_eq!(numbers.get(&ProviderName::EntraId), Some(&2));
    assert_eq!(numbers.get(&ProviderName::Maskinporten), Some(&1));
}
