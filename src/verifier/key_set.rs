//! A provider's keys as it publishes them (RFC 7517 §5): one odd entry never spoils the others.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::jwk::{self, Named};
use super::key::Key;
use crate::json::Bounded;

/// The most keys of one set that are used.
const MOST_KEYS: usize = 100;
/// The most keys with one name that are tried.
const MOST_KEYS_OF_ONE_NAME: usize = 4;

/// Whether the `issuer` that Entra ID gives its keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyIssuers {
    /// A key with an `issuer` is for that one's tokens.
    Named,
    /// To others the member means nothing (RFC 7517 §4).
    Ignored,
}

/// The keys of one set that can be used, by their names.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: HashMap<String, Vec<Arc<Key>>>,
    count: usize,
    oddities: Oddities,
}

/// What is odd about a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    /// Entries that could not be used.
    pub(super) skipped: usize,
    /// Keys that were one too many.
    pub(super) surplus: usize,
    /// Keys that were published with their private part.
    pub(super) private: usize,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl KeySet {
    /// Reads a set; `None` if it is not one, or has no key that can be used.
    ///
    /// A key that `before` has, too, stays the same in memory, so that what it verified stays verified.
    #[must_use]
    pub fn read(body: &[u8], issuers: KeyIssuers, before: Option<&Self>) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        serde_json::from_str::<Bounded>(text).ok()?;
        let document: Document<'_> = serde_json::from_str(text).ok()?;
        let mut set = Self::default();
        for entry in document.keys {
            match jwk::read(entry.get(), issuers) {
                Some(_) if set.count >= MOST_KEYS => count(&mut set.oddities.surplus),
                Some(named) => set.add(named, before),
                None => count(&mut set.oddities.skipped),
            }
        }
        (set.count > 0).then_some(set)
    }

    /// What is odd about the set.
    pub(super) fn oddities(&self) -> Oddities {
        self.oddities
    }

    /// How many keys can be used.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Entries that are not used.
    pub(super) fn unused(&self) -> usize {
        self.oddities.skipped.saturating_add(self.oddities.surplus)
    }

    /// The keys of that name.
    pub(super) fn named(&self, id: &str) -> &[Arc<Key>] {
        self.keys.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether the very key is still in the set.
    pub(super) fn holds(&self, id: &str, key: &Arc<Key>) -> bool {
        self.named(id).iter().any(|held| Arc::ptr_eq(held, key))
    }

    /// Every key with its name.
    #[cfg(feature = "dev")]
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Key>)> {
        let keys = self.keys.iter();
        keys.flat_map(|(id, keys)| keys.iter().map(move |key| (id.as_str(), key)))
    }

    fn add(&mut self, named: Named, before: Option<&Self>) {
        if named.is_private {
            count(&mut self.oddities.private);
        }
        let same_before = before.and_then(|before| before.same(&named.id, &named.key));
        let key = same_before.unwrap_or_else(|| Arc::new(named.key));
        let of_this_name = match self.keys.entry(named.id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Vec::new()),
        };
        if of_this_name.iter().any(|held| held.is_same_as(&key)) {
            return;
        }
        if of_this_name.len() >= MOST_KEYS_OF_ONE_NAME {
            return count(&mut self.oddities.surplus);
        }
        of_this_name.push(key);
        count(&mut self.count);
    }

    fn same(&self, id: &str, key: &Key) -> Option<Arc<Key>> {
        let mut held = self.named(id).iter();
        held.find(|held| held.is_same_as(key)).map(Arc::clone)
    }
}

fn count(counter: &mut usize) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
#[cfg(feature = "dev")]
#[path = "key_set_tests.rs"]
mod tests;
