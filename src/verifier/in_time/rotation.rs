//! Keys that come, go and change (F40–F42, K17).

use std::time::Duration;

use serde_json::json;

use super::stage::{HOUR, Reply, Stage, Told};
use crate::verifier::published::{p256, rsa, set, with};

/// The longest time between two fetches while all is well.
const LONGEST_PERIOD: f64 = 360.0;

#[tokio::test(start_paused = true)]
async fn f40_the_first_token_of_a_new_key_is_active_within_one_fetch() {
    let stage = Stage::with_keys(&["old"], |_| Reply::keys(&["old", "new"]).after(0.3)).await;

    let told = stage.timed_ask("new").await;

    assert_eq!(told, (Told::There, Duration::from_millis(300)));
    assert_eq!(stage.endpoint.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn f40_tokens_of_other_keys_never_wait_meanwhile() {
    let stage = Stage::with_keys(&["old"], |_| Reply::keys(&["old", "new"]).after(1.9)).await;

    let new = stage.asking("new").await;
    let old = stage.timed_ask("old").await;

    assert_eq!(old, (Told::There, Duration::ZERO));
    assert_eq!(new.await.unwrap().0, Told::There);
}

#[tokio::test(start_paused = true)]
async fn f40_a_key_that_was_published_while_a_fetch_ran_takes_the_next_one() {
    let stage = Stage::with_keys(&["old"], |number| match number {
        2 => Reply::keys(&["old"]).after(0.5),
        _ => Reply::keys(&["old", "new"]).after(0.5),
    })
    .await;
    let forged = stage.asking("forged").await;

    let told = stage.timed_ask("new").await;

    assert_eq!(told, (Told::There, Duration::from_secs(1)));
    assert_eq!(forged.await.unwrap().0, Told::Absent);
    assert_eq!(stage.endpoint.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn f41_keys_are_fetched_every_four_to_six_minutes() {
    let stage = Stage::new(|_| Reply::keys(&["a"]));

    stage.until(48 * HOUR).await;

    let calls = stage.endpoint.calls();
    let gaps: Vec<_> = calls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        gaps.iter()
            .all(|gap| (240.0..=LONGEST_PERIOD).contains(gap))
    );
    let spread =
        gaps.iter().cloned().fold(0.0, f64::max) - gaps.iter().cloned().fold(1e9, f64::min);
    assert!(spread > 60.0, "pods must not all come at once: {spread}");
}

#[tokio::test(start_paused = true)]
async fn f41_a_key_that_was_removed_is_gone_after_the_next_fetch() {
    let stage = Stage::with_keys(&["stays", "goes"], |_| Reply::keys(&["stays"])).await;
    assert_eq!(stage.ask("goes").await, Told::There);

    stage.until(LONGEST_PERIOD as u64).await;

    assert_eq!(stage.ask("goes").await, Told::Absent);
    assert_eq!(stage.ask("stays").await, Told::There);
}

#[tokio::test(start_paused = true)]
async fn f42_new_material_under_the_old_name_is_used_after_the_next_fetch() {
    let old = p256("same");
    let body = set(&[old.clone(), rsa("a")]);
    let stage = Stage::new(move |_| Reply::body(body.clone()));
    stage.fetched(1).await;
    let before = stage.verifier.keyring.usable().unwrap();
    let body = set(&[p256("same"), rsa("a")]);
    stage.endpoint.follow(move |_| Reply::body(body.clone()));

    stage.until(LONGEST_PERIOD as u64).await;

    let after = stage.verifier.keyring.usable().unwrap();
    assert!(!after.keys.holds("same", &before.keys.named("same")[0]));
    assert!(after.keys.holds("a", &before.keys.named("a")[0]));
}

/// Each generation has two keys, and which of them is for which issuer is swapped with it.
#[tokio::test(start_paused = true)]
async fn k17_readers_see_one_whole_generation() {
    let body = |number: usize| {
        let algorithm = if number.is_multiple_of(2) {
            "PS256"
        } else {
            "RS256"
        };
        set(&["a", "b"].map(|id| with(rsa(id), "alg", json!(algorithm))))
    };
    let stage = Stage::new(move |number| Reply::body(body(number)).after(0.01));
    stage.fetched(1).await;
    let mut seen = std::collections::HashSet::new();

    for round in 0..200 {
        if round % 10 == 0 {
            stage.sleep_of_machine(HOUR);
        }
        let trust = stage.verifier.keyring.usable().unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
        let of = |id| trust.keys.named(id)[0].algorithm();
        assert_eq!(of("a"), of("b"));
        seen.insert(format!("{:?}", of("a")));
    }

    assert_eq!(seen.len(), 2);
    assert!(stage.endpoint.count() > 10);
}
