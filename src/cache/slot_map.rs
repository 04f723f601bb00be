//! The slots by their keys, bounded in number and in bytes.

use std::collections::HashMap;
use std::sync::Arc;

use super::slot::Slot;
use crate::clock::Moment;
use crate::oauth::TokenRequest;

/// How many keys may have their failures remembered; beyond it half of them are forgotten, whichever
/// they are.
pub(super) const FAILURES_REMEMBERED_FOR: usize = 4096;
/// What these keys and failures may take, in bytes: an app may ask with long ones.
const FAILURES_REMEMBERED_BYTES: usize = 2 * 1024 * 1024;
/// What a slot takes beside its key's and errors' texts.
const SLOT_OVERHEAD: usize = 400;

pub(super) type Key = Arc<TokenRequest>;

/// What goes on for each key.
#[derive(Debug, Default)]
pub(super) struct SlotMap {
    slots: HashMap<Key, Weighed>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Weighed {
    slot: Slot,
    bytes: usize,
}

impl SlotMap {
    pub(super) fn get(&self, key: &TokenRequest) -> Option<&Slot> {
        self.slots.get(key).map(|weighed| &weighed.slot)
    }

    /// The key's slot, a new one if there is none. Call [`SlotMap::settle`] when done with it.
    pub(super) fn slot(&mut self, key: &Key) -> &mut Slot {
        &mut self.slots.entry(Arc::clone(key)).or_default().slot
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Slot)> {
        self.slots
            .iter_mut()
            .map(|(key, weighed)| (key, &mut weighed.slot))
    }

    /// The keys for which fetches fail, as long as that is remembered: while somebody asks, and for a minute after.
    pub(super) fn failing(&self, now: Moment) -> impl Iterator<Item = &Key> {
        let fails =
            move |weighed: &Weighed| weighed.slot.is_failing() && matters(&weighed.slot, now);
        let failing = self.slots.iter().filter(move |(_, weighed)| fails(weighed));
        failing.map(|(key, _)| key)
    }

    /// Drops a slot that has nothing to remember; keeps the rest within its bounds.
    pub(super) fn settle(&mut self, key: &Key, now: Moment) {
        let Some(weighed) = self.slots.get_mut(key) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(weighed.bytes);
        if !matters(&weighed.slot, now) {
            self.slots.remove(key);
            return;
        }
        // A slot with a fetch under way cannot be forgotten, so its bytes are no reason to forget others.
        weighed.bytes = if weighed.slot.is_busy() {
            0
        } else {
            weight(key, &weighed.slot)
        };
        self.bytes = self.bytes.saturating_add(weighed.bytes);
        if self.is_over(FAILURES_REMEMBERED_FOR, FAILURES_REMEMBERED_BYTES) {
            self.make_room(now);
        }
    }

    fn is_over(&self, slots: usize, bytes: usize) -> bool {
        self.slots.len() > slots || self.bytes > bytes
    }

    /// Slots with a fetch under way always stay: to forget one would break single flight.
    fn make_room(&mut self, now: Moment) {
        self.retain(|slot, _| matters(slot, now));
        let half = (FAILURES_REMEMBERED_FOR / 2, FAILURES_REMEMBERED_BYTES / 2);
        if self.is_over(half.0, half.1) {
            self.retain(|slot, kept| slot.is_busy() || !kept.is_over(half.0, half.1));
        }
    }

    /// Moves over one by one what is to stay; `stays` is told what has stayed so far.
    fn retain(&mut self, stays: impl Fn(&Slot, &Self) -> bool) {
        let all = std::mem::take(&mut self.slots);
        self.bytes = 0;
        for (key, weighed) in all {
            if stays(&weighed.slot, self) {
                self.bytes = self.bytes.saturating_add(weighed.bytes);
                self.slots.insert(key, weighed);
            }
        }
    }

    /// How many slots there are, and what they take in bytes.
    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        (self.slots.len(), self.bytes)
    }
}

fn matters(slot: &Slot, now: Moment) -> bool {
    slot.is_busy() || slot.forgettable_from().is_some_and(|end| !end.passed(now))
}

fn weight(key: &TokenRequest, slot: &Slot) -> usize {
    [key.size(), slot.size(), SLOT_OVERHEAD]
        .into_iter()
        .fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cache::Purpose;
    use crate::cache::flight::FetchIds;
    use crate::oauth::{Error, Freshness, ProviderName, Refusal};

    /// Has `count` keys refused, each with this much text in it and in its refusal.
    fn refused(count: usize, text: usize) -> SlotMap {
        let mut slots = SlotMap::default();
        refuse(&mut slots, count, text);
        slots
    }

    fn refuse(slots: &mut SlotMap, count: usize, text: usize) {
        let (ids, now) = (FetchIds::default(), moment());
        for number in 0..count {
            let mut request = TokenRequest::new(ProviderName::EntraId, &number.to_string());
            request.resource = Some("r".repeat(text));
            let key = Arc::new(request);
            let slot = slots.slot(&key);
            let (_, departure) = slot.ask(None, Freshness::Cached, now, &ids, false);
            let fetch = departure.unwrap().fetch;
            let error = Error::Refused(Box::new(refusal(text)));
            slot.land(fetch, Purpose::Caller, Err(error), None, now, &ids);
            slots.settle(&key, now);
        }
    }

    fn refusal(text: usize) -> Refusal {
        Refusal {
            status: 400,
            error: "invalid_scope".to_owned(),
            description: None,
            further: [("claims".to_owned(), json!("c".repeat(text)))]
                .into_iter()
                .collect(),
        }
    }

    fn moment() -> Moment {
        Moment::at(Duration::from_secs(1))
    }

    #[test]
    fn f60_long_keys_and_refusals_are_remembered_within_their_bytes() {
        let (slots, bytes) = refused(500, 16 * 1024).size();

        assert!(slots >= 30, "{slots}");
        assert!(bytes <= FAILURES_REMEMBERED_BYTES, "{bytes}");
    }

    #[test]
    fn f60_the_failures_of_many_keys_are_remembered_within_their_number() {
        let (slots, _) = refused(3 * FAILURES_REMEMBERED_FOR, 0).size();

        assert!((FAILURES_REMEMBERED_FOR / 2..=FAILURES_REMEMBERED_FOR).contains(&slots));
    }

    #[test]
    fn a_slot_with_a_fetch_under_way_is_never_forgotten_nor_a_reason_to_forget() {
        let mut slots = refused(1, 0);
        let (ids, now) = (FetchIds::default(), moment());
        let long = "t".repeat(FAILURES_REMEMBERED_BYTES / 10);
        let keys: Vec<Key> = (0..20)
            .map(|number| format!("{number}{long}"))
            .map(|target| Arc::new(TokenRequest::new(ProviderName::EntraId, &target)))
            .collect();

        for key in &keys {
            slots
                .slot(key)
                .ask(None, Freshness::Cached, now, &ids, false);
            slots.settle(key, now);
        }
        assert_eq!(slots.size().0, 1 + keys.len());

        refuse(&mut slots, 500, 16 * 1024);
        assert!(
            keys.iter()
                .all(|key| slots.get(key).is_some_and(Slot::is_busy))
        );
    }

    #[test]
    fn a_slot_with_nothing_to_remember_is_dropped() {
        let mut slots = refused(1, 0);
        let key = slots.slots.keys().next().map(Arc::clone).unwrap();

        slots.settle(&key, Moment::at(Duration::from_secs(1000)));

        assert_eq!(slots.size(), (0, 0));
    }
}
