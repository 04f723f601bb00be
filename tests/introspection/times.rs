//! `exp`, `nbf` and `iat`. Their edges to the second are held in `src/verifier/times.rs`, where time stands still.

use crate::corpus::{CLAIM, EXPIRED, IMMATURE, NO_EXP, NO_IAT, Row, Said, Table, check, row};
use crate::introspector::Introspector;

pub const TABLES: &[Table] = &[expiry_types, absurd_expiry, expiry, not_before, issued_at];

fn of_claim(with: &Introspector, claim: &str, values: &[(&str, Said)]) -> Vec<Row> {
    let row = |(value, said): &(&str, Said)| {
        row(
            format!("{claim} {value}"),
            with.token(&[(claim, value)]),
            *said,
        )
    };
    values.iter().map(row).collect()
}

const NOT_NUMBERS: [&str; 9] = [
    "",
    "null",
    "true",
    "\"\"",
    "\"9999999999\"",
    "\"never\"",
    "{}",
    "[9999999999]",
    "{\"$numberLong\":\"9999999999\"}",
];

fn expiry_types(with: &Introspector) -> Vec<Row> {
    of_claim(with, "exp", &NOT_NUMBERS.map(|value| (value, NO_EXP)))
}

#[tokio::test]
async fn j26_an_expiry_is_a_number() {
    check(expiry_types).await;
}

fn absurd_expiry(with: &Introspector) -> Vec<Row> {
    of_claim(
        with,
        "exp",
        &[
            ("-1", EXPIRED),
            ("0", EXPIRED),
            ("-0", EXPIRED),
            ("-1e300", EXPIRED),
            ("1.5e9", EXPIRED),
            ("1e-300", EXPIRED),
            ("9999999999", Said::Active),
            ("9999999999.9", Said::Active),
            ("9.9e9", Said::Active),
            ("253402300799", Said::Active),
            ("253402300800", CLAIM),
            ("9007199254740993", CLAIM),
            ("9223372036854775807", CLAIM),
            ("9223372036854775808", CLAIM),
            ("18446744073709551615", CLAIM),
            ("18446744073709551616", CLAIM),
            ("1e19", CLAIM),
            ("1e300", CLAIM),
            ("1e400", CLAIM),
        ],
    )
}

#[tokio::test]
async fn j27_an_expiry_is_a_date_of_this_age() {
    check(absurd_expiry).await;
}

/// Seconds from now on, with room for those that a test takes.
fn from_now(with: &Introspector, claim: &str, offsets: &[(i64, Said)]) -> Vec<Row> {
    let rows = offsets.iter().map(|(offset, said)| {
        let time = (with.now() + offset).to_string();
        row(
            format!("{claim} {offset}"),
            with.token(&[(claim, &time)]),
            *said,
        )
    });
    rows.collect()
}

fn expiry(with: &Introspector) -> Vec<Row> {
    // The token must not have been issued after its end.
    let rows = [
        (-3_600, EXPIRED),
        (-61, EXPIRED),
        (-60, EXPIRED),
        (-30, Said::Active),
        (30, Said::Active),
    ];
    let rows = rows.map(|(offset, said)| {
        let (issued, time) = (
            (with.now() - 7_200).to_string(),
            (with.now() + offset).to_string(),
        );
        let changes = [("exp", time.as_str()), ("iat", &issued), ("nbf", &issued)];
        row(offset, with.token(&changes), said)
    });
    rows.into()
}

#[tokio::test]
async fn j28_a_token_expires_a_minute_after_exp() {
    check(expiry).await;
}

fn not_before(with: &Introspector) -> Vec<Row> {
    let mut table = from_now(
        with,
        "nbf",
        &[
            (-3_600, Said::Active),
            (0, Said::Active),
            (59, Said::Active),
            (60, Said::Active),
            (180, IMMATURE),
        ],
    );
    table.extend(of_claim(
        with,
        "nbf",
        &[
            ("0", Said::Active),
            ("0.5", Said::Active),
            ("1.5e9", Said::Active),
            ("-1", CLAIM),
            ("-0.5", CLAIM),
            ("null", CLAIM),
            ("true", CLAIM),
            ("\"0\"", CLAIM),
            ("\"99999999999\"", CLAIM),
            ("[0]", CLAIM),
            ("{}", CLAIM),
            ("253402300799", IMMATURE),
            ("1e300", IMMATURE),
            ("18446744073709551616", IMMATURE),
        ],
    ));
    table
}

#[tokio::test]
async fn j29_a_token_is_not_valid_before_nbf() {
    check(not_before).await;
}

fn issued_at(with: &Introspector) -> Vec<Row> {
    let mut table = from_now(
        with,
        "iat",
        &[
            (-30 * 86_400, Said::Active),
            (-86_401, Said::Active),
            (0, Said::Active),
            (60, Said::Active),
            (180, IMMATURE),
            (7_200, IMMATURE),
        ],
    );
    table.extend(of_claim(
        with,
        "iat",
        &NOT_NUMBERS.map(|value| (value, NO_IAT)),
    ));
    table.extend(of_claim(
        with,
        "iat",
        &[
            ("0", Said::Active),
            ("1.5e9", Said::Active),
            ("-1", CLAIM),
            ("1e300", IMMATURE),
        ],
    ));
    let (exp, iat) = ((with.now() - 10).to_string(), (with.now() - 5).to_string());
    let token = with.token(&[("exp", &exp), ("iat", &iat)]);
    table.push(row("issued after its end", token, CLAIM));
    table
}

#[tokio::test]
async fn j30_a_token_tells_when_it_was_issued() {
    check(issued_at).await;
}
