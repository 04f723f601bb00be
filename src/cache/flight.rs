//! One fetch under way: who began it waits for it no differently from who came later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use super::held::Held;
use crate::oauth::Error;
pub(super) use crate::oauth::Purpose;

/// Names a fetch; fetches that begin later have greater ones.
pub(super) type FetchId = u64;

/// Hands out the names of fetches.
#[derive(Debug, Default)]
pub(super) struct FetchIds(AtomicU64);

impl FetchIds {
    pub(super) fn next(&self) -> FetchId {
        self.0.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}

/// How a fetch ended, for all who wait for it.
pub(super) type Outcome = Result<Arc<Held>, Arc<Error>>;

/// The waiting side of a fetch.
#[derive(Clone, Debug)]
pub(super) struct Flight(watch::Receiver<Option<Outcome>>);

/// The other side: whoever holds it tells the outcome.
#[derive(Debug)]
pub(super) struct Landing(watch::Sender<Option<Outcome>>);

/// A fetch that was decided on: its owner must carry it out and land it.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) fetch: FetchId,
    pub(super) purpose: Purpose,
    pub(super) landing: Landing,
}

pub(super) fn flight() -> (Landing, Flight) {
    let (sender, receiver) = watch::channel(None);
    (Landing(sender), Flight(receiver))
}

impl Landing {
    /// Tells the outcome to everyone who waits, now or later.
    pub(super) fn tell(&self, outcome: Outcome) {
        self.0.send_replace(Some(outcome));
    }
}

impl Flight {
    /// Waits for the outcome. Whoever stops waiting changes nothing for the others.
    pub(super) async fn outcome(mut self) -> Outcome {
        match self.0.wait_for(Option::is_some).await {
            Ok(outcome) => outcome
                .clone()
                .unwrap_or_else(|| Err(Arc::new(Error::Internal))),
            Err(_) => Err(Arc::new(Error::Internal)),
        }
    }
}
