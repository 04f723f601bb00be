//! Random histories of one keyring, held against its bounds: how often it fetches, and that all who ask are told.

use std::time::Duration;

use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::time::Instant;

use super::stage::{Reply, Stage, Told, settle};
use crate::http_client::Failure;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A token comes that names the key that is always there.
    Known,
    /// So many tokens come at once whose keys nobody has.
    Forged(u8),
    /// Somebody asks and hangs up.
    HangsUp,
    /// The endpoint changes its ways.
    Endpoint(Mood),
    /// Milliseconds pass.
    Passes(u64),
    /// The wall clock is set back by an hour; ahead would let the fetches of that hour be made up for.
    WallSetBack,
}

#[derive(Clone, Copy, Debug)]
enum Mood {
    Well,
    Slow(u64),
    Refusing,
    Hanging,
    Nonsense,
}

impl Mood {
    fn reply(self) -> Reply {
        match self {
            Self::Well => Reply::keys(&["known"]),
            Self::Slow(millis) => {
                Reply::keys(&["known"]).after(Duration::from_millis(millis).as_secs_f64())
            }
            Self::Refusing => Reply::refused(),
            Self::Hanging => Reply::hangs(),
            Self::Nonsense => Reply::fails(Failure::Malformed).after(0.1),
        }
    }
}

fn event() -> impl Strategy<Value = Event> {
    let mood = prop_oneof![
        Just(Mood::Well),
        (1..2_900_u64).prop_map(Mood::Slow),
        Just(Mood::Refusing),
        Just(Mood::Hanging),
        Just(Mood::Nonsense),
    ];
    prop_oneof![
        2 => Just(Event::Known),
        4 => (1..100_u8).prop_map(Event::Forged),
        1 => Just(Event::HangsUp),
        2 => mood.prop_map(Event::Endpoint),
        3 => (1..2_000_u64).prop_map(Event::Passes),
        2 => (2_000..400_000_u64).prop_map(Event::Passes),
        1 => Just(Event::WallSetBack),
    ]
}

/// Whether any stretch of time saw more fetches than the bucket and the period allow together: 4 at once and one per
/// 30 s, beside one in 4 min and the first of all.
fn is_within_bounds(calls: &[f64]) -> bool {
    let allowed = |seconds: f64| 4.0 + (seconds / 30.0).floor() + (seconds / 240.0).floor() + 2.0;
    let mut stretches = calls.iter().enumerate().flat_map(|(index, begin)| {
        let ends = calls.iter().skip(index).enumerate();
        ends.map(move |(further, end)| (further + 1, end - begin))
    });
    stretches.all(|(fetches, seconds)| fetches as f64 <= allowed(seconds))
}

async fn live(events: Vec<Event>) {
    let stage = Stage::with_keys(&["known"], |_| Reply::keys(&["known"])).await;
    let mut asking = Vec::new();
    let mut forged = 0;
    for event in events {
        match event {
            Event::Known => {
                let told = stage.timed_ask("known").await;
                assert_eq!(told, (Told::There, Duration::ZERO));
            }
            Event::Forged(count) => {
                for _ in 0..count {
                    forged += 1;
                    asking.push(stage.asking(&format!("forged-{forged}")).await);
                }
            }
            Event::HangsUp => {
                let asking = stage.asking("left").await;
                asking.abort();
            }
            Event::Endpoint(mood) => stage.endpoint.follow(move |_| mood.reply()),
            Event::Passes(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Event::WallSetBack => stage.clock.shift_wall(-3_600_000),
        }
        settle().await;
    }
    let begun = Instant::now();
    for task in asking {
        let (told, waited) = task.await.unwrap();
        assert!(waited <= Duration::from_secs(2), "{waited:?}");
        assert_ne!(told, Told::There);
    }
    assert!(begun.elapsed() <= Duration::from_secs(2));
    assert_eq!(stage.endpoint.most_at_once(), 1);
    let calls = stage.endpoint.calls();
    assert!(is_within_bounds(&calls), "{calls:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn f43_whatever_happens_fetches_are_bounded_and_nobody_is_forgotten(
        events in prop::collection::vec(event(), 1..40),
    ) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();

        runtime.block_on(live(events));
    }
}
