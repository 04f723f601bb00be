//! What a caller gets in the end: a token, and where it came from, or the reason why there is none.

use std::sync::Arc;
use std::time::Duration;

use super::held::Held;
use crate::clock::Moment;
use crate::oauth::{Error, Freshness};

/// A token, and where it came from.
#[derive(Debug)]
pub struct Served {
    /// The token.
    pub held: Arc<Held>,
    /// How it was come by.
    pub source: Source,
    /// When it was found: the moment from which its remaining life is told.
    pub at: Moment,
}

/// Where an answer came from, as metrics tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From memory.
    Hit,
    /// From memory, although the last renewal failed.
    Stale,
    /// From a fetch that the caller waited for, or from none.
    Miss,
    /// From a fetch on the caller's own demand.
    Bypass,
}

/// Why there is no token, and when to ask again.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The error, shared by all who waited.
    pub error: Arc<Error>,
    /// The time until a call upstream is next allowed.
    pub retry_after: Duration,
}

impl Served {
    pub(super) fn from_memory(held: Arc<Held>, at: Moment) -> Self {
        let source = if held.renewal_failed() {
            Source::Stale
        } else {
            Source::Hit
        };
        Self { held, source, at }
    }

    pub(super) fn fetched(held: Arc<Held>, freshness: Freshness, at: Moment) -> Self {
        let source = match freshness {
            Freshness::Cached => Source::Miss,
            Freshness::Renewed => Source::Bypass,
        };
        Self { held, source, at }
    }
}
