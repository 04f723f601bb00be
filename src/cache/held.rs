//! A token in memory and the moments of its life at which the cache behaves differently.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::flight::FetchId;
use crate::clock::{Deadline, Moment};
use crate::oauth::Token;

/// A token is no longer served when this is left of its life, or a tenth of it if that is less.
const END_MARGIN: Duration = Duration::from_secs(10);
/// Callers wait for a running renewal when this is left, or a quarter of the life if that is less.
const URGENT_MARGIN: Duration = Duration::from_secs(120);
/// However short a token's life, the next fetch for it begins no sooner.
const SHORTEST_RENEWAL: Duration = Duration::from_secs(1);

/// A token that can be served until it ends.
#[derive(Debug)]
pub struct Held {
    token: Token,
    pub(super) fetch: FetchId,
    pub(super) renewable_from: Deadline,
    urgent_from: Deadline,
    pub(super) ends: Deadline,
    used: AtomicBool,
    renewal_failed: AtomicBool,
}

/// What part of its life a token is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Served from memory.
    Fresh,
    /// Served from memory, renewed in the background.
    Renewable,
    /// Callers wait a moment for its renewal.
    Urgent,
    /// It no longer exists.
    Ended,
}

impl Held {
    pub(super) fn new(token: Token, fetch: FetchId) -> Self {
        let lifetime = token.lifetime;
        let kept = lifetime.kept();
        let before_end = |margin: Duration| lifetime.begun.after(kept.saturating_sub(margin));
        let ends = before_end(END_MARGIN.min(kept.mul_f64(0.1)));
        let (renewable_from, urgent_from) = if lifetime.is_capped() {
            (ends, ends)
        } else {
            (
                lifetime.begun.after(renewal_age(kept, lifetime.refresh_in)),
                before_end(URGENT_MARGIN.min(kept.mul_f64(0.25))),
            )
        };
        Self {
            fetch,
            renewable_from,
            urgent_from,
            ends,
            used: AtomicBool::new(false),
            renewal_failed: AtomicBool::new(false),
            token,
        }
    }

    /// The token itself.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// For how long the token can still be served.
    #[must_use]
    pub fn remaining(&self, now: Moment) -> Duration {
        self.ends.remaining(now)
    }

    pub(super) fn phase(&self, now: Moment) -> Phase {
        if self.ends.passed(now) {
            Phase::Ended
        } else if self.urgent_from.passed(now) {
            Phase::Urgent
        } else if self.renewable_from.passed(now) {
            Phase::Renewable
        } else {
            Phase::Fresh
        }
    }

    /// For how long the token is kept, from the moment at which the request for it was sent.
    pub(super) fn kept(&self) -> Duration {
        self.token.lifetime.kept()
    }

    pub(super) fn is_in_last_quarter(&self, now: Moment) -> bool {
        let first_three = self.kept().mul_f64(0.75);
        self.token.lifetime.begun.after(first_three).passed(now)
    }

    /// Notes that the token was asked for: only such tokens are renewed by the timer.
    pub(super) fn mark_used(&self) {
        if !self.is_used() {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn mark_renewal_failed(&self) {
        self.renewal_failed.store(true, Ordering::Relaxed);
    }

    pub(super) fn mark_renewal_done(&self) {
        self.renewal_failed.store(false, Ordering::Relaxed);
    }

    /// Whether the last attempt to renew the token failed.
    #[must_use]
    pub fn renewal_failed(&self) -> bool {
        self.renewal_failed.load(Ordering::Relaxed)
    }

    /// Whether `self` is no gain over `other`: it expires earlier, or it is the same token once more
    /// (its expiry may then seem a little later, `expires_in` being whole seconds).
    pub(super) fn is_no_better_than(&self, other: &Self, now: Moment) -> bool {
        let remaining = |held: &Self| held.token.lifetime.begun.after(held.kept()).remaining(now);
        let (mine, theirs) = (remaining(self), remaining(other));
        mine < theirs
            || (self.token.is_same_as(&other.token)
                && mine < theirs.saturating_add(Duration::from_secs(1)))
    }
}

/// At what age a token is renewed: half its life, or when the provider says, moved a little at random so
/// that the pods of a node do not all come at once.
fn renewal_age(kept: Duration, refresh_in: Option<Duration>) -> Duration {
    let wished = refresh_in.filter(|age| (kept.mul_f64(0.1)..=kept.mul_f64(0.75)).contains(age));
    let jitter = kept.mul_f64(0.05);
    wished
        .unwrap_or_else(|| kept.mul_f64(0.5))
        .saturating_sub(jitter)
        .saturating_add(jitter.mul_f64(2.0 * fastrand::f64()))
        .max(SHORTEST_RENEWAL)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::oauth::Lifetime;
    use crate::secret::Secret;

    fn held(stated: u64, refresh_in: Option<u64>) -> Held {
        let lifetime = Lifetime {
            begun: Moment::at(Duration::ZERO),
            stated: Duration::from_secs(stated),
            refresh_in: refresh_in.map(Duration::from_secs),
            cap: None,
        };
        Held::new(
            Token::new(&Secret::from("t".to_owned()), lifetime).unwrap(),
            1,
        )
    }

    fn phase_at(held: &Held, seconds: f64) -> Phase {
        held.phase(Moment::at(Duration::from_secs_f64(seconds)))
    }

    #[test]
    fn an_hour_long_token_lives_through_four_phases() {
        let held = held(3600, None);

        assert_eq!(phase_at(&held, 1619.0), Phase::Fresh);
        assert_eq!(phase_at(&held, 1981.0), Phase::Renewable);
        assert_eq!(phase_at(&held, 3479.0), Phase::Renewable);
        assert_eq!(phase_at(&held, 3480.0), Phase::Urgent);
        assert_eq!(phase_at(&held, 3589.0), Phase::Urgent);
        assert_eq!(phase_at(&held, 3590.0), Phase::Ended);
    }

    #[rstest]
    #[case(360, 180..=540)]
    #[case(2700, 2520..=2880)]
    #[case(359, 1620..=1980)]
    #[case(2701, 1620..=1980)]
    fn refresh_in_is_followed_between_a_tenth_and_three_quarters_of_the_life(
        #[case] refresh_in: u64,
        #[case] expected: std::ops::RangeInclusive<u64>,
    ) {
        let age = renewal_age(
            Duration::from_secs(3600),
            Some(Duration::from_secs(refresh_in)),
        );

        assert!(expected.contains(&age.as_secs()), "{age:?}");
    }

    #[rstest]
    fn f29_short_lives_keep_their_windows_in_order(#[values(1, 2, 5, 10, 19, 20, 21)] stated: u64) {
        let held = held(stated, None);
        let life = Duration::from_secs(stated);
        let start = Moment::at(Duration::ZERO);

        assert_eq!(phase_at(&held, 0.0), Phase::Fresh);
        assert_eq!(held.phase(Moment::at(life)), Phase::Ended);
        assert!(held.renewable_from.remaining(start) >= SHORTEST_RENEWAL);
        assert!(held.urgent_from.remaining(start) < held.ends.remaining(start));
        assert!(held.ends.remaining(start) >= life.mul_f64(0.89));
    }

    #[test]
    fn the_kept_life_is_cut_to_a_day() {
        assert_eq!(phase_at(&held(1_000_000_000, None), 86_390.0), Phase::Ended);
    }

    #[test]
    fn the_same_token_again_is_no_better() {
        let now = Moment::at(Duration::ZERO);
        assert!(held(3600, None).is_no_better_than(&held(3600, None), now));
        assert!(held(3599, None).is_no_better_than(&held(3600, None), now));
        assert!(!held(3601, None).is_no_better_than(&held(3600, None), now));
    }
}
