//! The claims that are times (RFC 7519 §2, "NumericDate").

use std::time::SystemTime;

use serde_json::Number;

use super::Reason;

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 60;
/// The end of the year 9999: what is later is no date.
const LATEST: i64 = 253_402_300_799;

/// A moment in whole seconds since 1970. What is no date at all is kept as one beyond the earliest or latest, so that
/// it can still be compared.
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

    /// Reads the moment up to which something holds: a fraction is cut off.
    pub(super) fn end(number: &Number) -> Self {
        let float = || number.as_f64().unwrap_or(f64::MAX);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float that is too large becomes the largest integer, which is no date"
        )]
        Self(number.as_i64().unwrap_or_else(|| float().floor() as i64))
    }

    /// Reads the moment from which something holds: a fraction counts as a whole second, for otherwise the leeway
    /// would be longer by it.
    pub(super) fn begin(number: &Number) -> Self {
        let whole = Self::end(number);
        let has_fraction = number.as_f64().is_some_and(|float| float.fract() > 0.0);
        whole.plus(i64::from(has_fraction))
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

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test may fail by overflow"
)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: NumericDate = NumericDate(1_000_000);

    fn read(text: &str) -> NumericDate {
        NumericDate::end(&serde_json::from_str(text).unwrap())
    }

    fn times(expires: i64, issued: i64, not_before: Option<i64>) -> Times {
        let at = |offset: i64| NumericDate(NOW.0 + offset);
        Times {
            expires: at(expires),
            issued: at(issued),
            not_before: not_before.map(at),
        }
    }

    #[rstest]
    #[case("0", 0)]
    #[case("-0", 0)]
    #[case("1.9", 1)]
    #[case("-0.5", -1)]
    #[case("1.3e9", 1_300_000_000)]
    #[case("9007199254740993", 9_007_199_254_740_993)]
    #[case("253402300799.9", LATEST)]
    #[case("9223372036854775807", i64::MAX)]
    #[case("9223372036854775808", i64::MAX)]
    #[case("18446744073709551616", i64::MAX)]
    #[case("1e300", i64::MAX)]
    #[case("-1e300", i64::MIN)]
    fn j27_a_number_is_read_downwards(#[case] text: &str, #[case] seconds: i64) {
        assert_eq!(read(text), NumericDate(seconds));
    }

    #[rstest]
    #[case("0", true)]
    #[case("253402300799", true)]
    #[case("253402300799.9", true)]
    #[case("253402300800", false)]
    #[case("1e19", false)]
    #[case("1e300", false)]
    #[case("-1", false)]
    #[case("-0.1", false)]
    fn j27_a_date_is_from_1970_to_9999(#[case] text: &str, #[case] expected: bool) {
        let date = read(text);
        let as_begin = Times {
            not_before: Some(date),
            ..times(0, 0, None)
        };

        assert_eq!(as_begin.are_sane(), expected);
        assert_eq!(date.is_sane(), expected);
    }

    #[rstest]
    #[case(-61, false)]
    #[case(-60, false)]
    #[case(-59, true)]
    #[case(-1, true)]
    #[case(0, true)]
    #[case(1, true)]
    fn j28_a_token_has_expired_a_minute_after_exp(#[case] expires: i64, #[case] is_valid: bool) {
        let verdict = times(expires, -100, None).check(NOW);

        let expected = if is_valid {
            Ok(())
        } else {
            Err(Reason::Expired)
        };
        assert_eq!(verdict, expected);
    }

    #[rstest]
    #[case(59, true)]
    #[case(60, true)]
    #[case(61, false)]
    fn j29_j30_a_begin_may_lie_a_minute_ahead(#[case] begin: i64, #[case] is_valid: bool) {
        let expected = if is_valid {
            Ok(())
        } else {
            Err(Reason::Immature)
        };

        assert_eq!(times(100, 0, Some(begin)).check(NOW), expected);
        assert_eq!(times(100, begin, None).check(NOW), expected);
    }

    #[test]
    fn expired_comes_before_immature() {
        assert_eq!(times(-60, 61, Some(61)).check(NOW), Err(Reason::Expired));
    }

    #[rstest]
    #[case(10, 10, true)]
    #[case(10, 11, false)]
    fn j30_a_token_is_not_issued_after_its_end(
        #[case] expires: i64,
        #[case] issued: i64,
        #[case] expected: bool,
    ) {
        assert_eq!(times(expires, issued, None).are_sane(), expected);
    }

    #[rstest]
    #[case(100, 160)]
    #[case(-59, 1)]
    #[case(-60, 0)]
    #[case(-1_000, 0)]
    fn j38_what_is_left_ends_with_the_leeway(#[case] expires: i64, #[case] seconds: u64) {
        assert_eq!(times(expires, 0, None).seconds_left(NOW), seconds);
    }

    #[test]
    fn f65_a_wall_clock_before_1970_is_read() {
        let before = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(5);

        assert_eq!(NumericDate::of(before), NumericDate(-5));
    }

    #[rstest]
    #[case("100", 100, 100)]
    #[case("100.0", 100, 100)]
    #[case("100.001", 100, 101)]
    #[case("1.009e2", 100, 101)]
    #[case("-0.5", -1, -1)]
    #[case("9007199254740993", 9_007_199_254_740_993, 9_007_199_254_740_993)]
    #[case("1e300", i64::MAX, i64::MAX)]
    #[case("18446744073709551615", i64::MAX, i64::MAX)]
    fn j29_fractions_count_against_the_token(
        #[case] number: &str,
        #[case] end: i64,
        #[case] begin: i64,
    ) {
        let number: Number = serde_json::from_str(number).unwrap();

        assert_eq!(NumericDate::end(&number), NumericDate(end));
        assert_eq!(NumericDate::begin(&number), NumericDate(begin));
    }
}
