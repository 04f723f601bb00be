//! The claims that are times (RFC 7519 §2, "NumericDate").

use std::time::SystemTime;

use serde_json::Number;

use super::Reason;

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 60;
/// The end of the year 9999: what is later is no date.
const LATEST: i64 = 253_402_300_799;

/// A moment in seconds since 1970, fractions cut off. What is no date at all is kept as one beyond the earliest
/// or latest, so that it can still be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumericDate(i64);

impl NumericDate {
    pub(super) fn of(time: SystemTime) -> Self {
        let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs());
        Self(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => seconds(since).unwrap_or(i64::MAX),
            Err(before) => seconds(before.duration())
                .unwrap_or(i64::MAX)
                .saturating_neg(),
        })
    }

    /// Reads a JSON number.
    pub(super) fn read(number: &Number) -> Self {
        let float = || number.as_f64().unwrap_or(f64::MAX);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float that is too large becomes the largest integer, which is no date"
        )]
        Self(number.as_i64().unwrap_or_else(|| float().floor() as i64))
    }

    fn is_sane(self) -> bool {
        (0..=LATEST).contains(&self.0)
    }

    fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// `exp`, `iat` and, if it is there, `nbf`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) expires: NumericDate,
    pub(super) issued: NumericDate,
    pub(super) not_before: Option<NumericDate>,
}

impl Times {
    /// Whether the token is of now. It has expired when [`LEEWAY`] has passed since `exp`, to the second.
    pub(super) fn check(&self, now: NumericDate) -> Result<(), Reason> {
        if now >= self.expires.plus(LEEWAY) {
            return Err(Reason::Expired);
        }
        let latest_begin = now.plus(LEEWAY);
        let begins = [Some(self.issued), self.not_before];
        match begins
            .into_iter()
            .flatten()
            .any(|begin| begin > latest_begin)
        {
            true => Err(Reason::Immature),
            false => Ok(()),
        }
    }

    /// Whether all three are dates, and the token was not issued after its end.
    pub(super) fn are_sane(&self) -> bool {
        let all = [Some(self.expires), Some(self.issued), self.not_before];
        all.into_iter().flatten().all(NumericDate::is_sane) && self.issued <= self.expires
    }

    /// For how many seconds the token can still be valid.
    pub(super) fn seconds_left(&self, now: NumericDate) -> u64 {
        let left = self.expires.plus(LEEWAY).0.saturating_sub(now.0);
        u64::try_from(left).unwrap_or(0)
    }
}
