//! What the client has registered besides its secrets, and the assertions that it has used up.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::RegisteredKey;
use super::registered_key::KeyName;

/// Assertions of which the `jti` is remembered, so that a provider may run for weeks.
const REMEMBERED: usize = 10_000;

/// An issuer whose tokens stand for the client (workload identity federation).
#[derive(Clone, Debug)]
pub struct FederatedIssuer {
    /// Its `iss`.
    pub issuer: String,
    /// The one `sub` that is the client.
    pub subject: String,
    /// Its keys.
    pub keys: Vec<RegisteredKey>,
}

#[derive(Debug)]
pub(super) struct Registrations {
    keys: Mutex<Vec<RegisteredKey>>,
    pub(super) federation: Option<FederatedIssuer>,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Registrations {
    pub(super) fn new(keys: Vec<RegisteredKey>, federation: Option<FederatedIssuer>) -> Self {
        Self {
            keys: Mutex::new(keys),
            federation,
            used: Mutex::default(),
        }
    }

    pub(super) fn replace(&self, keys: Vec<RegisteredKey>) {
        *self.keys() = keys;
    }

    pub(super) fn find(&self, name: &KeyName) -> Option<RegisteredKey> {
        self.keys().iter().find(|key| key.name == *name).cloned()
    }

    /// Whether this `jti` is seen for the first time.
    pub(super) fn use_up(&self, jti: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(jti)
    }

    fn keys(&self) -> MutexGuard<'_, Vec<RegisteredKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    fn insert(&mut self, id: &str) -> bool {
        if !self.ids.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}
