//! Readers of simple values: switches, numbers, lists, texts.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::problem::Complaint;

pub(super) fn switch(text: &str) -> Result<bool, Complaint> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err("is neither `true` nor `false`".into())
    }
}

/// A whole number in decimal digits.
pub(super) fn number(text: &str, range: RangeInclusive<u64>) -> Result<u64, Complaint> {
    let number = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    };
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (low, high) = range.into_inner();
            format!("is not a whole number from {low} to {high}").into()
        })
}

pub(super) fn seconds(text: &str) -> Result<Duration, Complaint> {
    const LONGEST: u64 = 3600;
    number(text, 0..=LONGEST).map(Duration::from_secs)
}

pub(super) fn timeout_millis(text: &str) -> Result<Duration, Complaint> {
    const LONGEST: u64 = 300_000;
    number(text, 1..=LONGEST).map(Duration::from_millis)
}

/// The entries of a comma list, trimmed; empty ones are left out, as templates leave them behind.
pub(super) fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

pub(super) fn printable(text: &str) -> Result<String, Complaint> {
    if text.chars().any(char::is_control) {
        return Err("has a control character in it".into());
    }
    Ok(text.to_owned())
}

/// Visible ASCII (RFC 6749 §A.1, but for the space).
pub(super) fn visible(text: &str) -> Result<String, Complaint> {
    const LONGEST: usize = 256;
    if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("is not of visible ASCII characters, at most 256".into());
    }
    Ok(text.to_owned())
}

/// What may stand for an app or a tenant: it becomes part of URLs and forms, so it holds nothing with a meaning there.
pub(super) fn identifier(text: &str) -> Result<String, Complaint> {
    const LONGEST: usize = 256;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte);
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !begins_well || text.len() > LONGEST || !text.bytes().all(fits) {
        return Err("is not of letters, digits and any of - . _ ~ : @, at most 256".into());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("true", Some(true))]
    #[case("False", Some(false))]
    #[case("yes", None)]
    #[case(" true", None)]
    fn only_true_and_false_are_switches(#[case] text: &str, #[case] expected: Option<bool>) {
        assert_eq!(switch(text).ok(), expected);
    }

    #[rstest]
    #[case("1", Some(1))]
    #[case("9", Some(9))]
    #[case("0", None)]
    #[case("10", None)]
    #[case("+5", None)]
    #[case("5.0", None)]
    #[case("5s", None)]
    #[case("", None)]
    #[case("99999999999999999999999", None)]
    fn a_number_is_digits_within_its_range(#[case] text: &str, #[case] expected: Option<u64>) {
        assert_eq!(number(text, 1..=9).ok(), expected);
    }

    #[rstest]
    #[case("cluster:namespace:app", true)]
    #[case("contoso.onmicrosoft.com", true)]
    #[case("../admin", false)]
    #[case("..", false)]
    #[case("a/b", false)]
    #[case("a?b", false)]
    #[case("a b", false)]
    #[case("ä", false)]
    fn an_identifier_has_no_meaning_in_a_url(#[case] text: &str, #[case] fits: bool) {
        assert_eq!(identifier(text).is_ok(), fits);
    }
}
