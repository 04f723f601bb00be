//! Another credential, to be tried after a refusal.

use std::sync::Arc;

use tokio::sync::MutexGuard;

use super::{Credential, Credentials};
use crate::clock::Deadline;

/// Another credential for the flight's one more try. Dropped without a word, as when the flight is cancelled or gets
/// no answer, it lets the next refused flight try.
#[must_use = "others wait for what comes of it"]
#[derive(Debug)]
pub struct Alternative<'a> {
    credentials: &'a Credentials,
    credential: Arc<Credential>,
    /// Held while others wait for the outcome.
    trial: Option<MutexGuard<'a, Option<Deadline>>>,
}

impl<'a> Alternative<'a> {
    /// The one that everybody uses by now.
    pub(super) fn of(credentials: &'a Credentials, credential: Arc<Credential>) -> Self {
        Self {
            credentials,
            credential,
            trial: None,
        }
    }

    /// One that nobody but this flight tries.
    pub(super) fn on_trial(
        credentials: &'a Credentials,
        credential: Arc<Credential>,
        trial: MutexGuard<'a, Option<Deadline>>,
    ) -> Self {
        Self {
            credentials,
            credential,
            trial: Some(trial),
        }
    }

    /// The credential to try.
    #[must_use]
    pub fn credential(&self) -> &Arc<Credential> {
        &self.credential
    }

    /// The provider issued a token for it: everybody uses it from now on.
    pub fn accepted(self) {
        if let Some(mut next_try) = self.trial {
            self.credentials.adopt(&self.credential);
            *next_try = Some(self.credentials.next_try());
        } else {
            self.credentials.accepted(&self.credential);
        }
    }

    /// The provider refused it too, with `invalid_client`.
    pub fn refused(self) {
        self.credentials.refuse(&self.credential);
        if let Some(mut next_try) = self.trial {
            *next_try = Some(self.credentials.next_try());
        }
    }
}
