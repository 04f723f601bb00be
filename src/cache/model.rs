//! One key's state machine against a simple model of the contract's table, over random histories.

#![expect(clippy::arithmetic_side_effects, reason = "a test may fail by panic")]

mod checks;
mod expected;
mod scripted;
mod world;

use proptest::prelude::*;

use self::world::World;
use crate::oauth::Freshness;

/// What may happen to a key.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A caller comes; `room` says whether the provider has room for a renewal.
    Ask { freshness: Freshness, room: bool },
    /// The timer looks at the held token.
    Timer,
    /// Time passes.
    Pass { millis: u64 },
    /// Time passes until shortly before, at or after a point in the held token's life.
    PassTo { point: Point, offset: i64 },
    /// A fetch that runs comes back.
    Land { newest: bool, result: Result },
    /// Time passes until a renewal may begin, a caller comes, and the fetch comes back.
    Renew { result: Result },
    /// The store drops the held token.
    Evict,
    /// The provider's credential changes.
    NewCredential,
}

#[derive(Clone, Copy, Debug)]
enum Point {
    Renewable,
    Urgent,
    End,
    BackOffOver,
    RenewalAllowed,
}

/// What a fetch brings. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Result {
    Token { lifetime: u64 },
    TheHeldTokenAgain,
    Refused,
    Unreachable,
    Nonsense,
    TimedOut,
    Throttled { retry_after: u64 },
    Unavailable { retry_after: Option<u64> },
    Overloaded,
    Internal,
}

fn result() -> impl Strategy<Value = Result> {
    let lifetime = prop_oneof![
        Just(0u64),
        Just(1),
        Just(2),
        Just(20),
        Just(3600),
        Just(1_000_000_000),
        0..200u64,
    ];
    let retry_after = prop_oneof![Just(1u64), Just(7), Just(300), 1..60u64];
    prop_oneof![
        8 => lifetime.prop_map(|lifetime| Result::Token { lifetime }),
        2 => Just(Result::TheHeldTokenAgain),
        3 => Just(Result::Refused),
        3 => Just(Result::Unreachable),
        1 => Just(Result::Nonsense),
        1 => Just(Result::TimedOut),
        2 => retry_after.clone().prop_map(|retry_after| Result::Throttled { retry_after }),
        2 => proptest::option::of(retry_after).prop_map(|retry_after| Result::Unavailable { retry_after }),
        1 => Just(Result::Overloaded),
        1 => Just(Result::Internal),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let freshness = prop_oneof![2 => Just(Freshness::Cached), 1 => Just(Freshness::Renewed)];
    let room = proptest::bool::weighted(0.8);
    let point = prop_oneof![
        Just(Point::Renewable),
        Just(Point::Urgent),
        Just(Point::End),
        Just(Point::BackOffOver),
        Just(Point::RenewalAllowed),
    ];
    let millis = prop_oneof![
        0..10u64,
        0..3_000u64,
        Just(1_000u64),
        Just(2_000),
        Just(5_000),
        0..60_000u64,
        0..4_000_000u64,
    ];
    prop_oneof![
        8 => (freshness, room).prop_map(|(freshness, room)| Step::Ask { freshness, room }),
        2 => Just(Step::Timer),
        4 => millis.prop_map(|millis| Step::Pass { millis }),
        2 => (point, -1..=1i64).prop_map(|(point, offset)| Step::PassTo { point, offset }),
        7 => (any::<bool>(), result()).prop_map(|(newest, result)| Step::Land { newest, result }),
        4 => result().prop_map(|result| Step::Renew { result }),
        1 => Just(Step::Evict),
        1 => Just(Step::NewCredential),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_of_a_key_keeps_the_contract(steps in proptest::collection::vec(step(), 1..100)) {
        let mut world = World::default();

        for step in steps {
            world.take(step);
        }

        world.land_everything();
    }
}
