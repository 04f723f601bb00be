//! What all connections of one server share.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use tokio::time::Instant;

use super::Limits;

const NOT_YET: u64 = u64::MAX;

/// Limits, time, and how far the stop has come.
pub(super) struct House {
    pub(super) limits: Limits,
    panicked: Box<dyn Fn() + Send + Sync>,
    opened: Instant,
    closing: AtomicBool,
    drained_since: AtomicU64,
}

impl House {
    pub(super) fn open(limits: Limits, panicked: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            limits,
            panicked: Box::new(panicked),
            opened: Instant::now(),
            closing: AtomicBool::new(false),
            drained_since: AtomicU64::new(NOT_YET),
        }
    }

    /// Milliseconds since this server began.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(NOT_YET)
    }

    pub(super) fn instant(&self, millis: u64) -> Instant {
        self.opened
            .checked_add(Duration::from_millis(millis))
            .unwrap_or(self.opened)
    }

    /// From now on every answer is its connection's last.
    pub(super) fn announce_stop(&self) {
        self.closing.store(true, Relaxed);
    }

    /// From now on connections between two requests end.
    pub(super) fn drain(&self) {
        self.announce_stop();
        self.drained_since.store(self.now(), Relaxed);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    pub(super) fn drained_since(&self) -> Option<u64> {
        match self.drained_since.load(Relaxed) {
            NOT_YET => None,
            since => Some(since),
        }
    }

    /// A request's handler panicked, or else its connection's task.
    pub(super) fn note_panic(&self) {
        tracing::error!("answering a request panicked, which is a fault in Laredo");
        (self.panicked)();
    }
}
