//! Tokens that are valid, and what is answered.

use serde_json::{Value, json};

use crate::corpus::{Row, Said, Table, check, row, rows};
use crate::introspector::{Introspector, assert_active};
use crate::signer::Kind;

pub const TABLES: &[Table] = &[
    baseline,
    access_token_types,
    harmless_headers,
    odd_types_of_unchecked_claims,
    long_tokens,
];

fn baseline(with: &Introspector) -> Vec<Row> {
    let client = with.app.provider.client_id();
    let one = |audience: &str| with.token(&[("aud", audience)]);
    let mut table = rows(
        [
            ("aud is a text", one(&format!("\"{client}\""))),
            ("aud is one of an array", one(&format!("[\"{client}\"]"))),
            (
                "aud is among others",
                one(&format!("[\"a\",\"{client}\",\"b\"]")),
            ),
            (
                "aud is there twice",
                one(&format!("[\"{client}\",\"{client}\"]")),
            ),
            ("without nbf", with.token(&[("nbf", "")])),
            ("without sub", with.token(&[("sub", "")])),
        ],
        Said::Active,
    );
    for kind in Kind::ALL {
        let token = with.signer(kind).token(with.payload(&[]));
        table.push(row(kind.name(), token, Said::Active));
    }
    table
}

#[tokio::test]
async fn j01_a_good_token_of_every_algorithm_is_active() {
    check(baseline).await;
}

#[tokio::test]
async fn j01_the_claims_are_answered_as_they_were_written() {
    let with = Introspector::start().await;
    let changes = [
        ("n", "[1.50,1E2,-0,12345678901234567890]"),
        ("\\u00e6", "\"\\ud83d\\udd11\\/\""),
        ("o", "{\"a\":{\"b\":[null,true]}}"),
        ("empty", "\"\""),
    ];
    let payload = with.payload(&changes);

    let answer = with.ask(&with.token_of(&payload)).await;

    assert_active(&answer);
    let members = answer.text().replace('\u{e6}', "\\u00e6");
    assert_eq!(members, payload.replacen('{', "{\"active\":true,", 1));
}

fn access_token_types(with: &Introspector) -> Vec<Row> {
    let types = [
        "",
        "\"JWT\"",
        "\"jwt\"",
        "\"application/jwt\"",
        "\"at+jwt\"",
        "\"AT+JWT\"",
        "\"application/at+jwt\"",
        "\"Application/At+Jwt\"",
    ];
    let tokens = types.map(|typ| (typ, with.token_headed(&[("typ", typ)])));
    rows(tokens, Said::Active)
}

#[tokio::test]
async fn j20_the_types_of_access_tokens_are_accepted() {
    check(access_token_types).await;
}

fn harmless_headers(with: &Introspector) -> Vec<Row> {
    let values = [
        "\"a\"",
        "1",
        "1.5",
        "null",
        "true",
        "[1,\"a\"]",
        "{\"a\":{}}",
    ];
    let tokens = values.map(|value| {
        let changes = [
            ("x5t", value),
            ("nonce", value),
            ("x5t#S256", value),
            ("epk", value),
        ];
        (value, with.token_headed(&changes))
    });
    rows(tokens, Said::Active)
}

#[tokio::test]
async fn j22_harmless_header_parameters_of_any_type_are_accepted() {
    check(harmless_headers).await;
}

fn odd_types_of_unchecked_claims(with: &Introspector) -> Vec<Row> {
    let values = ["1", "null", "true", "[]", "{\"a\":1}", "\"\"", "1e10"];
    let tokens = values.map(|value| {
        let changes = [
            ("sub", value),
            ("azp", value),
            ("tid", value),
            ("scope", value),
            ("jti", value),
        ];
        (value, with.token(&changes))
    });
    rows(tokens, Said::Active)
}

#[tokio::test]
async fn j33_claims_that_are_not_checked_may_have_any_type() {
    check(odd_types_of_unchecked_claims).await;
}

#[tokio::test]
async fn j33_and_are_answered_with_that_type() {
    let with = Introspector::start().await;
    let token = with.token(&[("sub", "[1]"), ("azp", "null"), ("tid", "{\"a\":1.0}")]);

    let answer = assert_active(&with.ask(&token).await);

    assert_eq!(answer["sub"], json!([1]));
    assert_eq!(answer["azp"], Value::Null);
    assert!(answer.as_object().unwrap().contains_key("azp"));
    assert_eq!(answer["tid"], json!({"a": 1.0}));
}

#[tokio::test]
async fn j34_a_tokens_own_active_and_error_are_left_out() {
    let with = Introspector::start().await;
    let changes = [
        ("active", "false"),
        ("error", "\"m4rk3r\""),
        ("Active", "1"),
        ("x", "{\"active\":false}"),
    ];

    let answer = with.ask(&with.token(&changes)).await;

    let members = assert_active(&answer);
    assert_eq!(answer.text().matches("\"active\":true").count(), 1);
    assert_eq!(
        answer.text().matches("\"active\"").count(),
        2,
        "ours, and that below x"
    );
    assert_eq!(members.get("error"), None);
    assert_eq!(members["Active"], 1);
    assert_eq!(members["x"], json!({"active": false}));
}

#[tokio::test]
async fn j34_nor_do_they_come_back_by_an_escape() {
    let with = Introspector::start().await;
    let changes = [("\\u0061ctive", "false"), ("err\\u006fr", "\"m4rk3r\"")];

    let answer = with.ask(&with.token(&changes)).await;

    let members = assert_active(&answer);
    assert_eq!(members.get("error"), None);
    assert!(!answer.text().contains("m4rk3r") && !answer.text().contains("u0061"));
}

/// An ID token of the app's own: its audience is the client, and that is what is checked.
#[tokio::test]
async fn j35_an_id_token_is_accepted_as_an_access_token() {
    let with = Introspector::start().await;
    let changes = [("nonce", "\"n\""), ("name", "\"N\""), ("at_hash", "\"h\"")];

    let answer = with.ask(&with.token(&changes)).await;

    assert_eq!(assert_active(&answer)["nonce"], "n");
}

/// The claims with as much filler as makes a token of some `kib` KiB.
fn of_size(with: &Introspector, kib: usize) -> String {
    let filler = format!("\"{}\"", "a".repeat(kib * 768 - 768));
    with.token(&[("filler", &filler)])
}

fn long_tokens(with: &Introspector) -> Vec<Row> {
    let members: String = (0..2_000).map(|n| format!(",\"c{n}\":{n}")).collect();
    let many = format!("{{\"x\":0{members},{}", &with.payload(&[])[1..]);
    rows(
        [
            ("16 KiB", of_size(with, 16)),
            ("31 KiB", of_size(with, 31)),
            ("2 000 claims", with.token_of(many)),
        ],
        Said::Active,
    )
}

#[tokio::test]
async fn j36_a_long_token_is_accepted() {
    check(long_tokens).await;
}
