//! Accepting rests while it fails, as it does when descriptors run out, and does not spin.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);

/// The pause that grows from one failure to the next.
#[derive(Debug, Default)]
pub(super) struct Pause {
    /// The length of the last pause, if nothing was accepted since.
    length: Option<Duration>,
    until: Option<Instant>,
}

impl Pause {
    pub(super) fn is_on(&self) -> bool {
        self.until.is_some()
    }

    /// Waits for the end of the pause. Cancel safe.
    pub(super) async fn over(&mut self) {
        if let Some(until) = self.until {
            sleep_until(until).await;
        }
        self.until = None;
    }

    pub(super) fn failed(&mut self, error: &io::Error) {
        if self.length.is_none() {
            tracing::warn!(%error, "new connections cannot be accepted; trying again until they can");
        }
        let length = self
            .length
            .map_or(FIRST, |length| length.saturating_mul(2).min(LONGEST));
        self.length = Some(length);
        self.until = Instant::now().checked_add(length);
    }

    pub(super) fn accepted(&mut self) {
        if self.length.take().is_some() {
            tracing::info!("new connections are accepted again");
        }
    }
}
