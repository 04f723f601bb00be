//! What is held is bounded by bytes, and what is hot stays.

use std::sync::Arc;

use super::stage::{HOUR, Stage};
use crate::oauth::Freshness;

const BYTES: u64 = 128 * 1024;

#[tokio::test(start_paused = true)]
async fn f55_held_tokens_stay_within_their_bytes() {
    let stage = Stage::with_bytes(BYTES, |_| super::stage::Reply::token(HOUR));

    for target in 0..3_000 {
        stage.ask(&target.to_string()).await.unwrap();
    }

    let (entries, bytes) = stage.cache.size();
    assert!(bytes <= BYTES, "{bytes}");
    assert!(entries > 50, "{entries}");
}

#[tokio::test(start_paused = true)]
async fn f57_one_off_targets_do_not_push_out_hot_ones() {
    const HOT: usize = 20;
    const ONE_OFF: usize = 4_000;
    let stage = Stage::with_bytes(BYTES, |_| super::stage::Reply::token(HOUR));
    for round in 0..20 {
        for hot in 0..HOT {
            stage.ask(&format!("hot-{hot}")).await.unwrap();
        }
        assert_eq!(stage.cache.size().0 as usize, HOT, "round {round}");
    }

    for one_off in 0..ONE_OFF {
        stage.ask(&format!("one-off-{one_off}")).await.unwrap();
        stage.ask(&format!("hot-{}", one_off % HOT)).await.unwrap();
    }

    let calls = stage.calls();
    let hot_misses = calls
        .iter()
        .filter(|call| call.target.starts_with("hot"))
        .count()
        - HOT;
    assert!(hot_misses * 100 <= ONE_OFF, "{hot_misses} of {ONE_OFF}");
}

#[tokio::test(start_paused = true)]
async fn a_full_store_does_not_break_single_flight() {
    let stage = Stage::with_bytes(1, |_| super::stage::Reply::token(HOUR).after_millis(100));
    let mut callers = Vec::new();
    for _ in 0..50 {
        callers.push(stage.asking("a", Freshness::Cached).await);
    }

    for caller in callers {
        assert_eq!(caller.got().await.unwrap().token, "a-1");
    }
    assert_eq!(stage.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_leaves_memory_without_being_asked_for() {
    let stage = Stage::new(|call| match call.target.as_str() {
        "long" => super::stage::Reply::token(2 * HOUR),
        _ => super::stage::Reply::token(HOUR),
    });
    let mut held = Vec::new();
    for target in ["short", "long"] {
        let request = super::stage::request(target);
        let served = stage.cache.token(request, None, Freshness::Cached);
        held.push(Arc::downgrade(&served.await.unwrap().held));
    }

    stage.until(HOUR as f64).await;
    stage.cache.drop_ended();

    assert!(held[0].upgrade().is_none());
    assert!(held[1].upgrade().is_some());
    assert_eq!(stage.cache.size().0, 1);
}

#[tokio::test(start_paused = true)]
async fn f65_what_is_counted_as_held_goes_by_both_clocks() {
    for jump in [
        |stage: &Stage| stage.clock.advance(std::time::Duration::from_secs(HOUR)),
        |stage: &Stage| stage.clock.shift_wall(HOUR as i64 * 1000),
    ] {
        let stage = Stage::issuing(HOUR);
        stage.ask("a").await.unwrap();
        assert_eq!(stage.cache.size().0, 1);

        jump(&stage);

        assert_eq!(stage.cache.size(), (0, 0));
    }
}
