//! Threads on one `Slots` in every order that a scheduler tries.
//!
//! Run with `cargo test --features schedules --lib cache::schedules`.

#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use shuttle::future::block_on;
use shuttle::thread;

use super::flight::{Flight, Purpose};
use super::held::Held;
use super::slot::Answer;
use super::slots::{Slots, Start};
use crate::clock::Moment;
use crate::oauth::{Error, Freshness, Lifetime, ProviderName, Token, TokenRequest};
use crate::secret::Secret;

const RANDOM_SCHEDULES: usize = 3_000;
const PCT_SCHEDULES: usize = 1_500;
/// How many preemptions the PCT scheduler tries.
const PCT_DEPTH: usize = 3;
const LIFE_SECONDS: u64 = 100;

/// What all threads of one schedule share.
struct World {
    slots: Slots,
    key: Arc<TokenRequest>,
    seconds: AtomicU64,
    plain_running: AtomicUsize,
    running: AtomicUsize,
    /// Threads that carry out fetches.
    threads: AtomicUsize,
    begun: AtomicU64,
    latest_success: AtomicU64,
    down: AtomicBool,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            slots: Slots::new(1 << 20),
            key: Arc::new(TokenRequest {
                provider: ProviderName::EntraId,
                target: "a".into(),
                resource: None,
                authorization_details: None,
            }),
            seconds: AtomicU64::new(0),
            plain_running: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            threads: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            latest_success: AtomicU64::new(0),
            down: AtomicBool::new(false),
        })
    }

    fn now(&self) -> Moment {
        Moment::at(Duration::from_secs(self.seconds.load(Relaxed)))
    }

    /// Asks as a caller does; the fetch that it may begin is carried out by a thread of its own.
    fn ask(self: &Arc<Self>, freshness: Freshness) -> Answer {
        let (answer, start) = self.slots.ask(&self.key, freshness, self.now(), true);
        if let Some(start) = start {
            self.carry_out_apart(start, freshness == Freshness::Cached);
        }
        answer
    }

    fn carry_out_apart(self: &Arc<Self>, start: Start, plain: bool) {
        self.depart(&start, plain);
        self.threads.fetch_add(1, Relaxed);
        let world = Arc::clone(self);
        thread::spawn(move || world.carry_out(start, plain));
    }

    fn carry_out(&self, start: Start, plain: bool) {
        thread::yield_now();
        let mut next = self.land(start, plain);
        while let Some(start) = next {
            self.depart(&start, false);
            thread::yield_now();
            next = self.land(start, false);
        }
        self.threads.fetch_sub(1, Relaxed);
    }

    fn land(&self, start: Start, plain: bool) -> Option<Start> {
        let (fetch, result) = (start.departure.fetch, self.result(&start));
        if result.is_ok() {
            self.latest_success.fetch_max(fetch, Relaxed);
        }
        self.running.fetch_sub(1, Relaxed);
        if plain {
            self.plain_running.fetch_sub(1, Relaxed);
        }
        self.slots.land(start, result, self.now())
    }

    fn depart(&self, start: &Start, plain: bool) {
        self.begun.fetch_max(start.departure.fetch, Relaxed);
        assert!(self.running.fetch_add(1, Relaxed) < 2, "three fetches");
        if plain {
            let others = self.plain_running.fetch_add(1, Relaxed);
            assert_eq!(others, 0, "two fetches for plain callers");
        }
    }

    fn result(&self, start: &Start) -> Result<Token, Error> {
        if self.down.load(Relaxed) && start.departure.purpose == Purpose::Renewal {
            return Err(Error::TimedOut);
        }
        let lifetime = Lifetime {
            begun: self.now(),
            stated: Duration::from_secs(LIFE_SECONDS),
            refresh_in: None,
        };
        let text = format!("token-{}", start.departure.fetch);
        Ok(Token::new(&Secret::from(text), lifetime).unwrap())
    }

    fn renew(self: &Arc<Self>) {
        let (starts, _) = self.slots.renewals(self.now(), |_| Some(()));
        for (start, ()) in starts {
            self.carry_out_apart(start, true);
        }
    }

    fn held(&self) -> Option<Arc<Held>> {
        match self
            .slots
            .ask(&self.key, Freshness::Cached, self.now(), false)
        {
            (Answer::Held(held), None) => Some(held),
            _ => None,
        }
    }
}

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

        settle(&world);
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

        settle(&world);
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

        settle(&world);
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

        settle(&world);
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

        settle(&world);
        let held = world.held().unwrap();
        assert_eq!(held.fetch, world.latest_success.load(Relaxed));
    });
}

/// Waits until every fetch has come back.
fn settle(world: &World) {
    while world.threads.load(Relaxed) > 0 {
        thread::yield_now();
    }
}
