//! The keys of one provider: who asks for one that is there never waits; who asks for another may wait for a
//! fetch, within bounds that no forged token can stretch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::bucket::Bucket;
use super::jwk::is_key_id;
use super::trust::Trust;
use super::verdict::Failure;
use crate::clock::{Clock, Deadline, Moment};

/// How many requests may wait for a fetch.
const MOST_WAITING: usize = 64;
/// For how long each of them may.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// The fetch that runs when a token comes may have begun before its key was published: only the second is sure.
const FETCHES_AWAITED: usize = 2;
/// What callers are told at least and at most, when they ask when to come again.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// What is trusted, and what is being done about it.
#[derive(Debug)]
pub(super) struct Keyring {
    pub(super) state: watch::Sender<State>,
    bucket: Mutex<Bucket>,
    waiting: Semaphore,
    clock: Clock,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) trust: Option<Arc<Trust>>,
    pub(super) phase: Phase,
    /// Fetches that have ended.
    pub(super) ended: u64,
    /// Fetches that have failed since the last that did not.
    pub(super) failures: u32,
    /// Why the last one did, in a fixed text.
    pub(super) cause: &'static str,
    pub(super) next_fetch: Option<Deadline>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Resting,
    /// A fetch has been asked for and will begin.
    Demanded,
    Fetching,
}

/// A fetch that is worth waiting for.
struct Demand {
    /// It has ended when so many have.
    ended: u64,
    has_begun: bool,
}

impl State {
    /// Whether the fetch that all is well for should have begun. One after a failure waits for the bucket, too.
    fn is_due(&self, now: Moment) -> bool {
        let due = self.next_fetch.is_some_and(|next| next.passed(now));
        due && self.phase == Phase::Resting && self.failures == 0
    }

    fn demand_if_due(&mut self, now: Moment) -> bool {
        let is_due = self.is_due(now);
        if is_due {
            self.phase = Phase::Demanded;
        }
        is_due
    }
}

impl Keyring {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            state: watch::Sender::default(),
            bucket: Mutex::default(),
            waiting: Semaphore::new(MOST_WAITING),
            clock,
        }
    }

    /// The keys and rules that were fetched last, however old.
    pub(super) fn latest(&self) -> Option<Arc<Trust>> {
        self.state.borrow().trust.clone()
    }

    /// Waits for the first fetch: the number of keys, or why there are none.
    pub(super) async fn first_fetch(&self) -> Result<usize, &'static str> {
        let mut states = self.state.subscribe();
        // It fails only when there is no sender, and this is one.
        let _ = states.wait_for(|state| state.ended > 0).await;
        let state = self.state.borrow();
        let keys = state.trust.as_ref().map(|trust| trust.keys.count());
        keys.ok_or(state.cause)
    }

    /// Keys and rules that may be used now. A timer may be late, as after a sleep of the machine: who sees that keys
    /// are due has them fetched, and does not wait.
    pub(super) fn usable(&self) -> Option<Arc<Trust>> {
        let now = self.clock.now();
        let (trust, is_due) = {
            let state = self.state.borrow();
            (state.trust.clone(), state.is_due(now))
        };
        if is_due {
            self.state
                .send_if_modified(|state| state.demand_if_due(now));
        }
        trust.filter(|trust| trust.is_usable(now))
    }

    /// Keys and rules, if there is a key of that name; it may take a fetch to find out.
    ///
    /// # Errors
    /// If the keys are not there, or the provider does not tell whether it has this one.
    pub(super) async fn with_key(&self, id: &str) -> Result<Option<Arc<Trust>>, Failure> {
        if let Some(trust) = self.with_known_key(id) {
            return Ok(Some(trust));
        }
        if !is_key_id(id) {
            return self.without_key();
        }
        let fetched = timeout(LONGEST_WAIT, self.with_fetched_key(id)).await;
        fetched.unwrap_or_else(|_| Err(self.unavailable()))
    }

    fn with_known_key(&self, id: &str) -> Option<Arc<Trust>> {
        self.usable()
            .filter(|trust| !trust.keys.named(id).is_empty())
    }

    async fn with_fetched_key(&self, id: &str) -> Result<Option<Arc<Trust>>, Failure> {
        for _ in 0..FETCHES_AWAITED {
            let Some(demand) = self.demand() else {
                return self.without_key();
            };
            let Ok(_place) = self.waiting.try_acquire() else {
                return Err(self.unavailable());
            };
            let mut states = self.state.subscribe();
            // It fails only when there is no sender, and this is one.
            let _ = states.wait_for(|state| state.ended >= demand.ended).await;
            if let Some(trust) = self.with_known_key(id) {
                return Ok(Some(trust));
            }
            if !demand.has_begun || self.state.borrow().failures > 0 {
                break;
            }
        }
        self.without_key()
    }

    /// What is said of a key that is not there when no fetch is waited for: unless the last one failed, the
    /// provider has no such key.
    fn without_key(&self) -> Result<Option<Arc<Trust>>, Failure> {
        let has_failed = self.state.borrow().failures > 0;
        if has_failed || self.usable().is_none() {
            return Err(self.unavailable());
        }
        Ok(None)
    }

    /// Has a fetch begin if none is under way and the bucket allows it. `None`: there will be none now.
    fn demand(&self) -> Option<Demand> {
        let mut demand = None;
        self.state.send_if_modified(|state| {
            let is_new = state.phase == Phase::Resting && self.may_fetch();
            if is_new {
                state.phase = Phase::Demanded;
            }
            demand = (state.phase != Phase::Resting).then(|| Demand {
                ended: state.ended.saturating_add(1),
                has_begun: state.phase == Phase::Fetching,
            });
            is_new
        });
        demand
    }

    /// Takes one fetch out of the bucket.
    pub(super) fn may_fetch(&self) -> bool {
        let now = self.clock.now();
        self.bucket().take(now)
    }

    /// When a fetch is next allowed, if none is now.
    pub(super) fn next_allowed(&self) -> Option<Deadline> {
        let now = self.clock.now();
        self.bucket().next(now)
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn unavailable(&self) -> Failure {
        let (least, most) = RETRY_AFTER;
        let next = self.state.borrow().next_fetch;
        let remaining = next.map(|next| next.remaining(self.clock.now()));
        Failure::KeysUnavailable {
            retry_after: remaining.unwrap_or(least).clamp(least, most),
        }
    }
}
