//! What failures forbid: calls within a `Retry-After`, after a refusal and during back-off.

use std::sync::Arc;
use std::time::Duration;

use super::back_off;
use super::held::Held;
use crate::clock::{Deadline, Moment};
use crate::oauth::{Error, Freshness};

/// For how long a refusal is answered from memory while there is no token.
const REFUSAL_REMEMBERED: Duration = Duration::from_secs(2);

/// What is remembered of one key's failures.
#[derive(Debug, Default)]
pub(super) struct Setbacks {
    failures: u32,
    back_off: Option<Setback>,
    refusal: Option<Setback>,
    retry_after: Option<Setback>,
}

/// A time in which no call goes upstream, and the error that began it.
#[derive(Clone, Debug)]
struct Setback {
    until: Deadline,
    error: Arc<Error>,
}

impl Setbacks {
    /// What the remembered errors take, in bytes.
    pub(super) fn size(&self) -> usize {
        let setbacks = [&self.back_off, &self.refusal, &self.retry_after];
        let sizes = setbacks
            .into_iter()
            .flatten()
            .map(|setback| setback.error.size());
        sizes.fold(0, usize::saturating_add)
    }

    /// Of a `Retry-After` that runs and a new one, the one that ends later counts.
    pub(super) fn note_retry_after(&mut self, error: &Arc<Error>, now: Moment) {
        let Some(retry_after) = error.retry_after() else {
            return;
        };
        let remaining = |other: &Setback| other.until.remaining(now);
        if self.retry_after.as_ref().map_or(Duration::ZERO, remaining) < retry_after {
            self.retry_after = setback(now.after(retry_after), error);
        }
    }

    /// A fetch has failed while `held` is served, or nothing is.
    pub(super) fn note_failure(
        &mut self,
        error: &Arc<Error>,
        held: Option<&Arc<Held>>,
        now: Moment,
    ) {
        if matches!(error.as_ref(), Error::Overloaded) {
            return;
        }
        if let Some(held) = held {
            held.mark_renewal_failed();
        }
        self.failures = self.failures.saturating_add(1);
        match (held, error.as_ref()) {
            _ if error.retry_after().is_some() => {}
            (Some(held), _) => {
                let wait = now.after(back_off::with_token(self.failures));
                let longest = held.ends.plus(back_off::LONGEST_WITHOUT_TOKEN);
                self.back_off = setback(wait.earlier(longest), error);
            }
            (None, Error::Internal) => {}
            (None, Error::Refused(_)) => {
                self.failures = 0;
                self.back_off = None;
                self.refusal = setback(now.after(REFUSAL_REMEMBERED), error);
            }
            (None, _) => {
                let wait = back_off::without_token(self.failures);
                self.back_off = setback(now.after(wait), error);
            }
        }
    }

    /// Whether the last attempt that counts failed.
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0 || self.refusal.is_some()
    }

    /// Forgets refusals and back-off; a `Retry-After` stays.
    pub(super) fn forget_failures(&mut self) {
        self.failures = 0;
        self.back_off = None;
        self.refusal = None;
    }

    /// The error that answers every caller in place of a call, forced ones too.
    pub(super) fn forbidding(&self, now: Moment) -> Option<Arc<Error>> {
        [&self.retry_after, &self.refusal]
            .into_iter()
            .flatten()
            .find(|setback| setback.runs(now))
            .map(|setback| Arc::clone(&setback.error))
    }

    /// The error for a fetch that was decided on before a `Retry-After` came, and has not begun yet.
    pub(super) fn too_late(&self, now: Moment) -> Option<Error> {
        let setback = self.retry_after.as_ref().filter(|other| other.runs(now))?;
        let retry_after = setback.until.remaining(now);
        Some(match setback.error.as_ref() {
            Error::Unavailable { description, .. } => Error::Unavailable {
                retry_after: Some(retry_after),
                description: description.clone(),
            },
            _ => Error::Throttled { retry_after },
        })
    }

    /// The error that answers a plain caller without a token. Nobody is put off for longer than
    /// five seconds, however long renewals have failed.
    pub(super) fn putting_off(&mut self, now: Moment) -> Option<Arc<Error>> {
        let back_off = self.back_off.as_mut()?;
        let longest = now.after(back_off::LONGEST_WITHOUT_TOKEN);
        back_off.until = back_off.until.earlier(longest);
        back_off.runs(now).then(|| Arc::clone(&back_off.error))
    }

    /// Whether no renewal may begin, so that nobody waits for one.
    pub(super) fn bind_renewals(&self, now: Moment) -> bool {
        [&self.retry_after, &self.back_off]
            .into_iter()
            .flatten()
            .any(|setback| setback.runs(now))
    }

    /// When a call upstream is next allowed; `None` if nothing was ever in its way. Back-off does not bind
    /// who wants a new token.
    pub(super) fn next_call(&self, freshness: Freshness) -> Option<Deadline> {
        let back_off = self
            .back_off
            .as_ref()
            .filter(|_| freshness == Freshness::Cached);
        [self.retry_after.as_ref(), back_off, self.refusal.as_ref()]
            .into_iter()
            .flatten()
            .map(|setback| setback.until)
            .reduce(Deadline::later)
    }
}

impl Setback {
    fn runs(&self, now: Moment) -> bool {
        !self.until.passed(now)
    }
}

fn setback(until: Deadline, error: &Arc<Error>) -> Option<Setback> {
    let error = Arc::clone(error);
    Some(Setback { until, error })
}
