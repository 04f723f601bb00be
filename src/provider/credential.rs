//! The credentials of one provider: which one is in use, and what happens when it is refused.
//!
//! A new content of a file is used at once. Refused, it makes way for the one that worked before, and gets another
//! chance a minute later, and a minute after that. When nothing that worked is left, one flight reads the files
//! again and tries what else there is, at most once a minute; the others wait for what comes of it.

mod alternative;
mod expiry;
mod files;
mod known;
mod roster;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

pub use alternative::Alternative;
use expiry::Expiry;
use files::Files;
pub use known::Credential;
use roster::Roster;

use crate::client_auth::CredentialSources;
use crate::clock::{Clock, Deadline};
use crate::oauth::ProviderName;

/// How much time has to pass between two tries with a credential that may well be refused (contract §6).
const BETWEEN_TRIES: Duration = Duration::from_secs(60);

/// The credentials of one provider.
#[derive(Debug)]
pub struct Credentials {
    provider: ProviderName,
    clock: Clock,
    files: Files,
    roster: Mutex<Roster>,
    /// When the next try may begin; locked while one runs, so that who is refused meanwhile waits for its outcome.
    next_try: tokio::sync::Mutex<Option<Deadline>>,
    changes: watch::Sender<u64>,
    expiry: Expiry,
}

impl Credentials {
    /// The credentials that were there at start.
    #[must_use]
    pub fn new(provider: ProviderName, sources: &CredentialSources, clock: Clock) -> Self {
        let files = Files::of(provider, sources);
        Self {
            provider,
            clock,
            files,
            roster: Mutex::new(Roster::new(sources)),
            next_try: tokio::sync::Mutex::default(),
            changes: watch::Sender::new(0),
            expiry: Expiry::default(),
        }
    }

    /// The credential to use.
    #[must_use]
    pub fn current(&self) -> Arc<Credential> {
        self.roster().current()
    }

    /// The provider issued a token for this one.
    pub fn accepted(&self, credential: &Credential) {
        if self.roster().accept(credential, self.clock.now()) {
            self.log_accepted(credential);
        }
    }

    /// The provider refused `used` with `invalid_client`: what to try once more with, if anything.
    /// May wait for another flight's try; say of the alternative what came of it.
    pub async fn after_refusal(&self, used: &Credential) -> Option<Alternative<'_>> {
        if let Some(other) = self.refuse(used) {
            return Some(Alternative::of(self, other));
        }
        let mut next_try = self.next_try.lock().await;
        if let Some(other) = self.other_than(used) {
            return Some(Alternative::of(self, other));
        }
        if next_try.is_some_and(|next_try| !next_try.passed(self.clock.now())) {
            return None;
        }
        self.look_at_files().await;
        if let Some(other) = self.other_than(used) {
            *next_try = Some(self.next_try());
            return Some(Alternative::of(self, other));
        }
        let candidate = self.roster().candidate(used);
        if candidate.is_none() {
            *next_try = Some(self.next_try());
        }
        candidate.map(|candidate| Alternative::on_trial(self, candidate, next_try))
    }

    /// Looks at the files once: call it every 30 s, so that a change is used within 60 s.
    pub async fn reload(&self) {
        self.look_at_files().await;
        self.roster().reconsider(self.clock.now());
    }

    /// A number that changes when there is another credential to try: reason to forget remembered refusals.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// When the credential in use ends, if it says so. Logs a warning, once for each, when that comes near.
    pub fn expiry(&self) -> Option<SystemTime> {
        let (current, now) = (self.current(), self.clock.now().wall());
        self.expiry.of(self.provider, &current, now)
    }

    /// How often a file could not be used since the start.
    #[must_use]
    pub fn reload_errors(&self) -> u64 {
        self.files.errors()
    }

    async fn look_at_files(&self) {
        let look = self.files.read().await;
        let now = self.clock.now();
        for (source, auth) in look.found {
            if self.roster().update(source, auth, now) {
                self.log_new(source);
                self.signal_change();
            }
        }
    }

    fn refuse(&self, used: &Credential) -> Option<Arc<Credential>> {
        let now = self.clock.now();
        let mut roster = self.roster();
        let is_news = roster.refuse(used, now.after(BETWEEN_TRIES));
        roster.fall_back(used);
        drop(roster);
        if is_news {
            self.log_refused(used);
        }
        self.other_than(used)
    }

    fn adopt(&self, credential: &Arc<Credential>) {
        self.roster().adopt(credential);
        self.accepted(credential);
        self.signal_change();
    }

    fn other_than(&self, used: &Credential) -> Option<Arc<Credential>> {
        let current = self.current();
        (!current.is_same_as(used)).then_some(current)
    }

    fn next_try(&self) -> Deadline {
        self.clock.now().after(BETWEEN_TRIES)
    }

    fn signal_change(&self) {
        self.changes
            .send_modify(|number| *number = number.wrapping_add(1));
    }

    /// What the lock guards is whole between any two statements, so a panic elsewhere spoils nothing.
    fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_new(&self, source: usize) {
        tracing::info!(
            identity_provider = self.provider.as_str(),
            variable = self.files.variable(source),
            "a new version of the credential was read"
        );
    }

    fn log_accepted(&self, credential: &Credential) {
        tracing::info!(
            identity_provider = self.provider.as_str(),
            variable = credential.variable(),
            key_id = credential.auth().key_id(),
            version = credential.number(),
            "the identity provider takes this credential"
        );
    }

    fn log_refused(&self, credential: &Credential) {
        tracing::error!(
            identity_provider = self.provider.as_str(),
            variable = credential.variable(),
            key_id = credential.auth().key_id(),
            version = credential.number(),
            "the identity provider refuses this credential (invalid_client)"
        );
    }
}

#[cfg(test)]
mod tests;
