//! Threads on one `Slots` in every order that a scheduler tries.
//!
//! Run with `cargo test --features schedules --lib cache::schedules`.

#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

mod world;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use shuttle::future::block_on;
use shuttle::thread;

use self::world::World;
use super::flight::Flight;
use super::held::Held;
use super::slot::Answer;
use crate::oauth::{Error, Freshness, ProviderName};

const RANDOM_SCHEDULES: usize = 3_000;
const PCT_SCHEDULES: usize = 1_500;
/// How many preemptions the PCT scheduler tries.
const PCT_DEPTH: usize = 3;
fn outcome(flight: Flight) -> Result<Arc<Held>, Arc<Error>> {
    block_on(flight.outcome())
}

/// What a caller gets in the end, if it waits for it.
fn wait(answer: Answer) -> Result<Arc<Held>, Arc<Error>> {
    match answer {
        Answer::Held(held) => Ok(held),
        Answer::Failed(error) => Err(error),
        Answer::Wait(flight) => outcome(flight),
        Answer::WaitBriefly(flight, held) => outcome(flight).or(Ok(held)),
    }
}

fn plain_caller(world: &Arc<World>) -> impl FnOnce() + Send + 'static {
    let world = Arc::clone(world);
    move || assert!(wait(world.ask(Freshness::Cached)).is_ok())
}

fn forced_caller(world: &Arc<World>) -> impl FnOnce() + Send + 'static {
    let world = Arc::clone(world);
    move || {
        let before = world.begun.load(Relaxed);
        let held = wait(world.ask(Freshness::Renewed)).unwrap();
        assert!(held.fetch > before, "a forced caller joined a fetch");
    }
}

fn caller_who_leaves(world: &Arc<World>) -> impl FnOnce() + Send + 'static {
    let world = Arc::clone(world);
    move || drop(world.ask(Freshness::Cached))
}

fn evictor(world: &Arc<World>) -> impl FnOnce() + Send + 'static {
    let world = Arc::clone(world);
    move || {
        world.slots.evict(&world.key);
        thread::yield_now();
        world.slots.evict(&world.key);
    }
}

fn renewer(world: &Arc<World>) -> impl FnOnce() + Send + 'static {
    let world = Arc::clone(world);
    move || {
        for _ in 0..3 {
            world.renew();
            thread::yield_now();
        }
    }
}

fn run(threads: Vec<Box<dyn FnOnce() + Send>>) {
    let threads: Vec<_> = threads.into_iter().map(thread::spawn).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Tries the scene in many orders.
fn explore(scene: impl Fn() + Send + Sync + Copy + 'static) {
    shuttle::check_random(scene, RANDOM_SCHEDULES);
    shuttle::check_pct(scene, PCT_SCHEDULES, PCT_DEPTH);
}

#[test]
fn callers_of_every_kind_are_answered_and_the_latest_success_is_held() {
    explore(|| {
        let world = World::new();

        run(vec![
            Box::new(plain_caller(&world)),
            Box::new(forced_caller(&world)),
            Box::new(plain_caller(&world)),
            Box::new(forced_caller(&world)),
            Box::new(caller_who_leaves(&world)),
            Box::new(forced_caller(&world)),
        ]);

        world.settle();
        let held = world.held().unwrap();
        assert_eq!(held.fetch, world.latest_success.load(Relaxed));
    });
}

#[test]
fn one_fetch_serves_plain_callers_even_if_the_first_leaves() {
    explore(|| {
        let world = World::new();

        run(vec![
            Box::new(caller_who_leaves(&world)),
            Box::new(plain_caller(&world)),
            Box::new(plain_caller(&world)),
            Box::new(plain_caller(&world)),
        ]);

        world.settle();
        assert_eq!(world.begun.load(Relaxed), 1);
    });
}

#[test]
fn a_token_may_be_pushed_out_at_any_moment() {
    explore(|| {
        let world = World::new();

        run(vec![
            Box::new(plain_caller(&world)),
            Box::new(evictor(&world)),
            Box::new(forced_caller(&world)),
            Box::new(plain_caller(&world)),
            Box::new(evictor(&world)),
        ]);

        world.settle();
        let latest = world.latest_success.load(Relaxed);
        assert!(world.held().is_none_or(|held| held.fetch == latest));
    });
}

#[test]
fn a_renewal_is_begun_once_by_timer_and_callers_together() {
    explore(|| {
        let world = World::new();
        plain_caller(&world)();
        world.held().unwrap();
        world.seconds.store(60, Relaxed);

        run(vec![
            Box::new(renewer(&world)),
            Box::new(plain_caller(&world)),
            Box::new(renewer(&world)),
            Box::new(plain_caller(&world)),
        ]);

        world.settle();
        assert_eq!(world.begun.load(Relaxed), 2);
        assert_eq!(world.held().unwrap().fetch, 2);
    });
}

#[test]
fn a_changed_credential_may_come_at_any_moment() {
    explore(|| {
        let world = World::new();
        plain_caller(&world)();
        world.held().unwrap();
        world.seconds.store(80, Relaxed);
        world.down.store(true, Relaxed);
        let changed = Arc::clone(&world);

        run(vec![
            Box::new(plain_caller(&world)),
            Box::new(renewer(&world)),
            Box::new(move || {
                changed.down.store(false, Relaxed);
                changed.slots.forget_failures(ProviderName::EntraId);
            }),
            Box::new(plain_caller(&world)),
            Box::new(forced_caller(&world)),
        ]);

        world.settle();
        let held = world.held().unwrap();
        assert_eq!(held.fetch, world.latest_success.load(Relaxed));
    });
}
