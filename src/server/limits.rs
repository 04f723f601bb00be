//! How much of what a client may take.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// Bounds on connections, as the contract has them (§1, §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections, 1 or more; one more is answered 503.
    pub connections: usize,
    /// From accept, or from the first byte of a later request, to the end of the request's head.
    pub head: Duration,
    /// From the end of the head to the end of the body.
    pub body: Duration,
    /// From the first write that a client holds up to the end of the answer.
    pub write: Duration,
    /// From one answer to the next request.
    pub idle: Duration,
    /// From the end of accepting to the end of the last request.
    pub drain: Duration,
}

/// File descriptors left for upstream calls.
const UPSTREAM_DESCRIPTORS: usize = 8;
/// File descriptors left for all else: listeners, standard streams, timers, files, connections that get a 503.
const OTHER_DESCRIPTORS: usize = 16;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            write: Duration::from_secs(10),
            idle: Duration::from_secs(600),
            drain: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Limits for a listener that only probes and a metrics collector use.
    #[must_use]
    pub fn for_operations() -> Self {
        Self {
            connections: 16,
            drain: Duration::from_secs(1),
            ..Self::default()
        }
    }

    /// The same limits with as many connections as this process may open (`RLIMIT_NOFILE`).
    #[must_use]
    pub fn within_descriptors(self) -> Self {
        self.within(getrlimit(Resource::Nofile).current)
    }

    fn within(self, descriptors: Option<u64>) -> Self {
        let room = descriptors
            .and_then(|count| usize::try_from(count).ok())
            .map_or(usize::MAX, |count| {
                count.saturating_sub(UPSTREAM_DESCRIPTORS + OTHER_DESCRIPTORS)
            });
        Self {
            connections: self.connections.min(room).max(1),
            ..self
        }
    }

    /// From this many connections on, those that idle make room for new ones.
    pub(super) fn crowded(&self) -> usize {
        self.connections.saturating_mul(3).div_ceil(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f50_a_small_descriptor_limit_lowers_the_cap_and_leaves_a_reserve() {
        let limits = Limits::default().within(Some(64));

        assert_eq!(limits.connections, 40);
    }

    #[test]
    fn an_ample_or_absent_descriptor_limit_leaves_the_cap() {
        assert_eq!(Limits::default().within(Some(4096)), Limits::default());
        assert_eq!(Limits::default().within(None), Limits::default());
    }

    #[test]
    fn one_connection_is_always_allowed() {
        assert_eq!(Limits::default().within(Some(3)).connections, 1);
    }
}
