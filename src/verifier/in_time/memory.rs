//! How many verdicts are remembered, which, and for how long (F55, F57, J38).

use std::sync::Arc;
use std::time::Duration;

use super::stage::{HOUR, Reply, Stage};
use crate::verifier::{Question, Verdicts, Verified};

/// The verdicts of tokens of about 150 bytes of claims.
async fn verdicts(max_bytes: u64) -> (Stage, Verdicts, Arc<Verified>) {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;
    let verified = Arc::new(stage.verified("a").await);
    (stage, Verdicts::new(max_bytes), verified)
}

const AN_HOUR: Duration = Duration::from_secs(HOUR);

#[tokio::test(start_paused = true)]
async fn s23_verdicts_stay_within_their_bytes() {
    let (_stage, verdicts, verified) = verdicts(64 * 1024).await;

    for number in 0..2_000 {
        let question = Question::new(None, &format!("token {number}"));
        verdicts.remember(question, Arc::clone(&verified), AN_HOUR);
    }
    let (entries, bytes) = verdicts.size();

    assert!(bytes <= 64 * 1024, "{bytes}");
    let each = bytes / entries;
    let least = (verified.answer().len() + 400) as u64;
    assert!(each >= least, "key and overhead count: {each} < {least}");
    assert!(entries > 20, "{entries}");
}

#[tokio::test(start_paused = true)]
async fn f57_one_off_tokens_do_not_push_out_hot_ones() {
    let (_stage, verdicts, verified) = verdicts(64 * 1024).await;
    let ask = |token: &str| {
        let question = Question::new(None, token);
        let is_hit = verdicts.get(&question).is_some();
        if !is_hit {
            verdicts.remember(question, Arc::clone(&verified), AN_HOUR);
        }
        is_hit
    };
    let hot: Vec<_> = (0..20).map(|number| format!("hot {number}")).collect();
    for _ in 0..20 {
        hot.iter().for_each(|token| {
            ask(token);
        });
    }

    let (mut hits, mut asked) = (0, 0);
    for round in 0..500 {
        for number in 0..40 {
            ask(&format!("one-off {round} {number}"));
        }
        hits += hot.iter().filter(|token| ask(token)).count();
        asked += hot.len();
    }

    assert!(hits * 100 >= asked * 99, "{hits} of {asked}");
}

#[tokio::test(start_paused = true)]
async fn a_verdict_is_that_of_one_question_to_the_last_letter() {
    let (_stage, verdicts, verified) = verdicts(64 * 1024).await;
    let provider = Some(verified.provider());

    verdicts.remember(Question::new(provider, "a.b.c"), verified, AN_HOUR);

    assert!(verdicts.get(&Question::new(provider, "a.b.c")).is_some());
    for (provider, token) in [
        (None, "a.b.c"),
        (Some(crate::oauth::ProviderName::TokenX), "a.b.c"),
        (provider, "a.b.d"),
        (provider, "a.b.c "),
        (provider, "a.b."),
    ] {
        let question = Question::new(provider, token);
        assert!(verdicts.get(&question).is_none(), "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_verdict_takes_no_room_for_longer_than_its_token_lives() {
    let (stage, _, verified) = verdicts(64 * 1024).await;
    assert_eq!(
        stage.verifier.lifetime(&verified),
        AN_HOUR + Duration::from_secs(60)
    );

    stage.until(HOUR).await;

    assert_eq!(stage.verifier.lifetime(&verified), Duration::from_secs(60));
}

/// The cache of verdicts goes by the machine's clock, so this one waits for it.
#[tokio::test]
async fn a_verdict_that_has_ended_leaves_memory_without_being_asked_for() {
    let (_stage, verdicts, verified) = verdicts(64 * 1024).await;
    let remembered = Arc::downgrade(&verified);
    verdicts.remember(
        Question::new(None, "a.b.c"),
        verified,
        Duration::from_millis(1),
    );

    while remembered.upgrade().is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        verdicts.drop_ended();
    }

    assert_eq!(verdicts.size(), (0, 0));
}
