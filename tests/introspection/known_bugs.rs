//! S24: bugs that other readers of tokens had, each by its name.
//!
//! Those of servers are held where servers are tested: rapid reset in `tests/server/smuggling.rs`
//! (a preface of HTTP/2 gets no second protocol), the smuggling set of hyper there and in `tests/api/smuggling.rs`,
//! the rebinding set in `tests/api/pages.rs`, a key fetch that fails while others wait (Envoy) by K18.

use rstest::rstest;

use crate::corpus::{
    CLAIM, HEADER, NO_EXP, NO_ISS, Row, UNKNOWN_KEY, check, check_with, row, rows,
};
use crate::introspector::Introspector;
use crate::signer::encoded;

/// jsonwebtoken before 10.3 took a claim of the wrong type for one that is not there, and did not check it.
fn type_confusion(with: &Introspector) -> Vec<Row> {
    let values = [
        "\"99999999999\"",
        "\"never\"",
        "true",
        "[99999999999]",
        "{}",
        "null",
    ];
    let mut table = rows(
        values.map(|value| (format!("nbf {value}"), with.token(&[("nbf", value)]))),
        CLAIM,
    );
    table.extend(rows(
        values.map(|value| (format!("exp {value}"), with.token(&[("exp", value)]))),
        NO_EXP,
    ));
    table
}

#[tokio::test]
async fn cve_2026_25537_a_time_of_another_type_is_not_one_that_is_missing() {
    check(type_confusion).await;
}

/// Extensions that a verifier must understand were passed over by one library after another (RFC 7515 §4.1.11).
#[rstest]
#[case::that_nobody_knows(&[("crit", "[\"x-m4rk3r\"]"), ("x-m4rk3r", "true")])]
#[case::that_the_reader_knows_but_does_not_do(&[("crit", "[\"b64\"]"), ("b64", "false")])]
#[case::that_are_empty(&[("crit", "[]")])]
#[tokio::test]
async fn the_crit_trio_is_refused(#[case] changes: &'static [(&'static str, &'static str)]) {
    let with = Introspector::start().await;

    let table = vec![row("crit", with.token_headed(changes), HEADER)];

    check_with(&with, table).await;
}

/// jsonwebtoken took an array with the right issuer in it.
#[tokio::test]
async fn an_iss_array_is_no_issuer() {
    let with = Introspector::start().await;
    let iss = format!(
        "[\"https://issuer.evil\",\"{}\"]",
        with.app.provider.issuer()
    );
    let token = with.token(&[("iss", &iss)]);

    check_with(&with, vec![row("named", token.clone(), NO_ISS)]).await;
    let unnamed = with.ask_nobody(&token).await;

    assert_eq!(
        crate::corpus::heard(&unnamed),
        crate::introspector::inactive(text(UNKNOWN_KEY))
    );
}

fn text(said: crate::corpus::Said) -> &'static str {
    match said {
        crate::corpus::Said::Inactive(text) => text,
        crate::corpus::Said::Active => unreachable!(),
    }
}

/// golang-jwt split a token at each of its dots, however many (CVE-2025-30204).
#[tokio::test]
async fn cve_2025_30204_a_token_of_nothing_but_dots_is_refused() {
    let with = Introspector::start().await;
    let many = ".".repeat(60 * 1024);

    let table = vec![row("dots", many, HEADER)];

    check_with(&with, table).await;
}

/// A signature of zeros was every message's in Java's ECDSA (CVE-2022-21449).
#[tokio::test]
async fn cve_2022_21449_a_signature_of_zeros_is_nobodys() {
    let with = Introspector::start().await;
    let token = with
        .signer(crate::signer::Kind::Es256)
        .token(with.payload(&[]));
    let (input, _) = token.rsplit_once('.').unwrap();

    let forged = format!("{input}.{}", encoded([0; 64]));

    check_with(&with, vec![row("zeros", forged, crate::corpus::SIGNATURE)]).await;
}
