//! What the threads of one schedule share: the slots, and counts of what goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use shuttle::thread;

use crate::cache::flight::Purpose;
use crate::cache::held::Held;
use crate::cache::slot::Answer;
use crate::cache::slots::{Slots, Start};
use crate::clock::Moment;
use crate::oauth::{Error, Freshness, Lifetime, ProviderName, Token, TokenRequest};
use crate::secret::Secret;

const LIFE_SECONDS: u64 = 100;

/// What all threads of one schedule share.
pub(super) struct World {
    pub(super) slots: Slots,
    pub(super) key: Arc<TokenRequest>,
    pub(super) seconds: AtomicU64,
    plain_running: AtomicUsize,
    running: AtomicUsize,
    /// Threads that carry out fetches.
    threads: AtomicUsize,
    pub(super) begun: AtomicU64,
    pub(super) latest_success: AtomicU64,
    pub(super) down: AtomicBool,
}

impl World {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            slots: Slots::new(1 << 20),
            key: Arc::new(TokenRequest::new(ProviderName::EntraId, "a")),
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
    pub(super) fn ask(self: &Arc<Self>, freshness: Freshness) -> Answer {
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
            cap: None,
        };
        let text = format!("token-{}", start.departure.fetch);
        Ok(Token::new(&Secret::from(text), lifetime).unwrap())
    }

    pub(super) fn renew(self: &Arc<Self>) {
        let (starts, _) = self.slots.renewals(self.now(), |_| Some(()));
        for (start, ()) in starts {
            self.carry_out_apart(start, true);
        }
    }

    pub(super) fn held(&self) -> Option<Arc<Held>> {
        match self
            .slots
            .ask(&self.key, Freshness::Cached, self.now(), false)
        {
            (Answer::Held(held), None) => Some(held),
            _ => None,
        }
    }

    /// Waits until every fetch has come back.
    pub(super) fn settle(&self) {
        while self.threads.load(Relaxed) > 0 {
            thread::yield_now();
        }
    }
}
