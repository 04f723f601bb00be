//! All keys: finished tokens in a store bounded by bytes, and beside it what goes on for each key.
//!
//! The two live apart because the store may drop a token at any moment, which must break neither
//! single flight nor back-off. One lock guards every decision; it is never held across an await.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

#[cfg(feature = "schedules")]
use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(feature = "schedules"))]
use std::sync::{Mutex, MutexGuard};

use super::flight::{Departure, FetchIds};
use super::held::{Held, Phase};
use super::slot::Answer;
use super::slot_map::{Key, SlotMap};
use crate::clock::{Deadline, Moment};
use crate::oauth::{Error, Freshness, ProviderName, Token, TokenRequest};

/// What a token takes in the store beside its own bytes: the key's and value's counts and the store's lists.
const OVERHEAD: usize = 400;

/// A fetch to carry out for a key.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) key: Key,
    pub(super) departure: Departure,
}

/// The tokens held and the fetches under way.
#[derive(Debug)]
pub(super) struct Slots {
    tokens: moka::sync::Cache<Key, Arc<Held>>,
    slots: Mutex<SlotMap>,
    ids: FetchIds,
}

impl Slots {
    /// Holds tokens of up to `max_bytes` in all, keys and overhead counted.
    pub(super) fn new(max_bytes: u64) -> Self {
        let tokens = moka::sync::Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|key: &Key, held: &Arc<Held>| {
                u32::try_from(weight(key, held)).unwrap_or(u32::MAX)
            })
            .build();
        Self {
            tokens,
            slots: Mutex::default(),
            ids: FetchIds::default(),
        }
    }

    /// The way of nearly every request: a token that needs no renewal yet, found without any lock.
    pub(super) fn fresh(&self, request: &TokenRequest, now: Moment) -> Option<Arc<Held>> {
        let held = self.tokens.get(request)?;
        if held.phase(now) != Phase::Fresh {
            return None;
        }
        held.mark_used();
        Some(held)
    }

    /// Decides what a caller gets; the returned fetch must be carried out and landed.
    pub(super) fn ask(
        &self,
        key: &Key,
        freshness: Freshness,
        now: Moment,
        room: bool,
    ) -> (Answer, Option<Start>) {
        let mut slots = self.lock();
        let held = self.tokens.get(key);
        let slot = slots.slot(key);
        let (answer, departure) = slot.ask(held.as_ref(), freshness, now, &self.ids, room);
        slots.settle(key, now);
        (answer, departure.map(|departure| start(key, departure)))
    }

    /// Takes in a fetch's result and tells all who wait; the returned fetch is the next to carry out.
    pub(super) fn land(
        &self,
        Start { key, departure }: Start,
        result: Result<Token, Error>,
        now: Moment,
    ) -> Option<Start> {
        let mut slots = self.lock();
        let held = self.tokens.get(&key);
        let slot = slots.slot(&key);
        let Departure {
            fetch,
            purpose,
            landing,
        } = departure;
        let landed = slot.land(fetch, purpose, result, held.as_ref(), now, &self.ids);
        if let Some(held) = landed.hold {
            self.tokens.insert(Arc::clone(&key), held);
        }
        landing.tell(landed.outcome);
        slots.settle(&key, now);
        landed.departure.map(|departure| start(&key, departure))
    }

    /// The renewals that are due, as many as `admit` lets begin, and when to look again. Only tokens
    /// that were asked for since they came are renewed; tokens that have ended are dropped.
    pub(super) fn renewals<Permit>(
        &self,
        now: Moment,
        admit: impl Fn(&TokenRequest) -> Option<Permit>,
    ) -> (Vec<(Start, Permit)>, Option<Deadline>) {
        let mut slots = self.lock();
        let mut starts = Vec::new();
        let mut next: Option<Deadline> = None;
        for (key, held) in self.tokens.iter() {
            if held.phase(now) == Phase::Ended {
                self.tokens.invalidate(&**key);
                continue;
            }
            let slot = slots.get(&key);
            let due = slot.map_or(Some(held.renewable_from), |slot| slot.renewal_due(&held));
            let later = due.filter(|due| !due.passed(now)).unwrap_or(held.ends);
            next = Some(next.map_or(later, |next| next.earlier(later)));
            if due.is_some_and(|due| due.passed(now))
                && held.is_used()
                && let Some(permit) = admit(&key)
            {
                let slot = slots.slot(&key);
                let departure = slot.renew(&held, now, &self.ids);
                starts.extend(departure.map(|departure| (start(&key, departure), permit)));
                slots.settle(&key, now);
            }
        }
        (starts, next)
    }

    /// The error for a fetch that was decided on before a `Retry-After` came, and has not begun yet.
    pub(super) fn too_late(&self, key: &TokenRequest, now: Moment) -> Option<Error> {
        self.lock().get(key).and_then(|slot| slot.too_late(now))
    }

    /// When a call upstream is next allowed for the key.
    pub(super) fn next_call(&self, key: &TokenRequest, freshness: Freshness) -> Option<Deadline> {
        self.lock()
            .get(key)
            .and_then(|slot| slot.next_call(freshness))
    }

    /// Forgets one provider's refusals and back-off, as its credential has changed.
    pub(super) fn forget_failures(&self, provider: ProviderName) {
        for (key, slot) in self.lock().iter_mut() {
            if key.provider == provider {
                slot.forget_failures();
            }
        }
    }

    /// How many tokens of each provider are asked for and cannot be fetched now, while none is held or less than a
    /// quarter of its life is left. The store is asked after the lock is released.
    pub(super) fn at_risk(&self, now: Moment) -> HashMap<ProviderName, usize> {
        let failing: Vec<Key> = self.lock().failing(now).map(Arc::clone).collect();
        let mut numbers = HashMap::new();
        for key in failing {
            let held = self.tokens.get(&key);
            if held.is_none_or(|held| held.is_in_last_quarter(now)) {
                let number: &mut usize = numbers.entry(key.provider).or_default();
                *number = number.saturating_add(1);
            }
        }
        numbers
    }

    /// Drops the tokens that have ended. The lock keeps away one that comes meanwhile under the same key.
    pub(super) fn drop_ended(&self, now: Moment) {
        let slots = self.lock();
        for (key, held) in self.tokens.iter() {
            if held.phase(now) == Phase::Ended {
                self.tokens.invalidate(&**key);
            }
        }
        drop(slots);
        // Until then the store keeps what was invalidated.
        self.tokens.run_pending_tasks();
    }

    /// How many tokens are held that have not ended, and how many bytes they take.
    pub(super) fn size(&self, now: Moment) -> (u64, u64) {
        self.drop_ended(now);
        (self.tokens.entry_count(), self.tokens.weighted_size())
    }

    /// A lock is never poisoned for good: what it guards is whole between any two statements.
    fn lock(&self) -> MutexGuard<'_, SlotMap> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn evict(&self, key: &TokenRequest) {
        self.tokens.invalidate(key);
    }
}

fn start(key: &Key, departure: Departure) -> Start {
    Start {
        key: Arc::clone(key),
        departure,
    }
}

fn weight(key: &TokenRequest, held: &Held) -> usize {
    [held.token().size(), key.size(), OVERHEAD]
        .into_iter()
        .fold(0, usize::saturating_add)
}
