//! Before the first keys are there (F38, K16).

use std::time::Duration;

use super::stage::{Reply, Stage, Told, settle};

#[tokio::test(start_paused = true)]
async fn f38_keys_that_were_never_fetched_are_an_outage_told_with_when_to_come_again() {
    let stage = Stage::new(|_| Reply::refused());

    for second in [0, 1, 5, 60, 600] {
        stage.until(second).await;
        let told = stage.ask("any").await;

        let Told::Unavailable(retry_after) = told else {
            panic!("{told:?} at {second}");
        };
        let range = Duration::from_secs(1)..=Duration::from_secs(5);
        assert!(range.contains(&retry_after), "{retry_after:?} at {second}");
    }
}

#[tokio::test(start_paused = true)]
async fn f38_the_first_keys_are_used_as_soon_as_they_are_there() {
    let stage = Stage::new(|number| match number {
        1 | 2 => Reply::refused(),
        _ => Reply::keys(&["a"]),
    });

    let told = stage.asking("a").await;
    stage.fetched(3).await;

    assert!(
        stage.endpoint.calls()[2] < 4.0,
        "{:?}",
        stage.endpoint.calls()
    );
    assert_eq!(stage.ask("a").await, Told::There);
    told.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn k16_sixty_four_requests_before_the_first_keys_are_one_fetch() {
    let stage = Stage::new(|_| Reply::keys(&["a"]).after(1.0));

    let mut asking = Vec::new();
    for _ in 0..64 {
        asking.push(stage.asking("a").await);
    }
    for task in asking {
        let (told, waited) = task.await.unwrap();
        assert_eq!(told, Told::There);
        assert!(waited <= Duration::from_secs(1), "{waited:?}");
    }

    settle().await;
    assert_eq!(stage.endpoint.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn f38_a_token_that_comes_before_anything_was_tried_waits_for_the_first_fetch() {
    let stage = Stage::new(|_| Reply::keys(&["a"]).after(1.5));

    let (told, waited) = stage.timed_ask("a").await;

    assert_eq!(told, Told::There);
    assert_eq!(waited, Duration::from_millis(1500));
}
