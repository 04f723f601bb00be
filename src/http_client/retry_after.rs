//! `Retry-After` (RFC 9110 §10.2.3): how long a provider asks to be left alone.

use std::time::{Duration, SystemTime};

/// The longest pause a provider can ask for; more is cut. In seconds, from `contract.md` §4.
const LONGEST_SECONDS: u64 = 300;
/// The shortest pause; `0` means this. In seconds, from `contract.md` §4.
const SHORTEST_SECONDS: u64 = 1;
/// The pause after a 429 that names none that can be used, from `contract.md` §4.
const PAUSE_AFTER_429: Duration = Duration::from_secs(5);

/// The pause a field asks for, 1–300 s: seconds, or a date seen from `now`. Past or unreadable is none.
pub(super) fn read(field: &[u8], now: SystemTime) -> Option<Duration> {
    let text = std::str::from_utf8(field).ok()?.trim_matches([' ', '\t']);
    let seconds = delta_seconds(text).or_else(|| seconds_until(text, now))?;
    let seconds = seconds.clamp(SHORTEST_SECONDS, LONGEST_SECONDS);
    Some(Duration::from_secs(seconds))
}

/// How long not to call again after an answer with this status and `Retry-After`.
pub(super) fn pause(status: u16, retry_after: Option<Duration>) -> Option<Duration> {
    match status {
        429 => retry_after.or(Some(PAUSE_AFTER_429)),
        503 => retry_after,
        _ => None,
    }
}

fn delta_seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // All digits: it can only fail by being too large.
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

fn seconds_until(text: &str, now: SystemTime) -> Option<u64> {
    let date = httpdate::parse_http_date(text).ok()?;
    let pause = date.duration_since(now).ok()?;
    let begun_second = u64::from(pause.subsec_nanos() > 0);
    Some(pause.as_secs().saturating_add(begun_second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn now() -> SystemTime {
        httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:30 GMT").expect("date")
    }

    fn seconds(field: &str) -> Option<u64> {
        read(field.as_bytes(), now()).map(|pause| pause.as_secs())
    }

    #[rstest]
    #[case("7", 7)]
    #[case(" 7\t", 7)]
    #[case("007", 7)]
    #[case("0", 1)]
    #[case("300", 300)]
    #[case("301", 300)]
    fn f13_seconds_are_read_and_kept_within_1_to_300(#[case] field: &str, #[case] expected: u64) {
        assert_eq!(seconds(field), Some(expected));
    }

    #[rstest]
    #[case("Sun, 06 Nov 1994 08:49:37 GMT")]
    #[case("Sunday, 06-Nov-94 08:49:37 GMT")]
    #[case("Sun Nov  6 08:49:37 1994")]
    fn f14_each_form_of_date_is_read(#[case] field: &str) {
        assert_eq!(seconds(field), Some(7));
    }

    #[test]
    fn f14_a_begun_second_counts_whole() {
        let early = now() - Duration::from_millis(1);

        let pause = read(b"Sun, 06 Nov 1994 08:49:37 GMT", early);

        assert_eq!(pause, Some(Duration::from_secs(8)));
    }

    #[rstest]
    #[case("-1")]
    #[case("+7")]
    #[case("1.5")]
    #[case("abc")]
    #[case("")]
    #[case(" ")]
    #[case("7, 8")]
    #[case("0x10")]
    #[case("٧")]
    #[case("Sun, 06 Nov 1994 08:49:29 GMT")]
    #[case("Sun, 06 Nov 1994")]
    #[case("Mon, 99 Foo 1994 08:49:37 GMT")]
    fn f15_what_is_unreadable_or_past_is_no_pause_and_5_seconds_on_429(#[case] field: &str) {
        let read = read(field.as_bytes(), now());

        assert_eq!(read, None);
        assert_eq!(pause(429, read), Some(Duration::from_secs(5)));
    }

    #[rstest]
    #[case("1000000000000000000000000000000")]
    #[case("Fri, 31 Dec 9999 23:59:59 GMT")]
    fn f15_an_absurdly_long_pause_is_cut(#[case] field: &str) {
        assert_eq!(seconds(field), Some(300));
    }

    #[rstest]
    #[case(503, Some(1), Some(1))]
    #[case(503, None, None)]
    #[case(429, Some(7), Some(7))]
    #[case(502, Some(7), None)]
    #[case(200, Some(7), None)]
    fn f16_only_429_and_503_ask_for_a_pause(
        #[case] status: u16,
        #[case] retry_after: Option<u64>,
        #[case] expected: Option<u64>,
    ) {
        let pause = pause(status, retry_after.map(Duration::from_secs));

        assert_eq!(pause, expected.map(Duration::from_secs));
    }

    proptest! {
        #[test]
        fn f15_no_field_panics_or_leaves_the_range(
            field in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..64),
                "[0-9]{0,40}".prop_map(String::into_bytes),
                "(Sun, )?[0-9]{1,2} Nov [0-9]{1,5} [0-9]{1,2}:[0-9]{2}:[0-9]{2}( GMT)?"
                    .prop_map(String::into_bytes),
            ],
            status in 100_u16..600,
        ) {
            let read = read(&field, now());

            for pause in [read, pause(status, read)].into_iter().flatten() {
                prop_assert!((1..=300).contains(&pause.as_secs()));
                prop_assert_eq!(pause.subsec_nanos(), 0);
            }
        }
    }
}
