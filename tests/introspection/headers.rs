//! What a header must not say, and what it says in vain.

use serde_json::json;

use crate::corpus::{HEADER, Row, SIGNATURE, Said, Table, check, check_with, row, rows};
use crate::introspector::Introspector;
use crate::signer::{Kind, Signer, encoded};

pub const TABLES: &[Table] = &[
    critical,
    unencoded,
    compressed_or_nested,
    other_types,
    twice,
    not_json,
    keys_of_its_own,
];

fn with_each(with: &Introspector, name: &str, values: &[&str]) -> Vec<Row> {
    let tokens = values
        .iter()
        .map(|value| (value, with.token_headed(&[(name, value)])));
    rows(tokens, HEADER)
}

fn critical(with: &Introspector) -> Vec<Row> {
    let values = [
        "[\"b64\"]",
        "[\"exp\"]",
        "[\"x\"]",
        "[\"alg\"]",
        "[\"x\",\"x\"]",
        "[]",
        "\"x\"",
        "null",
        "{}",
        "true",
        "[1]",
        "[\"\"]",
    ];
    let mut table = with_each(with, "crit", &values);
    let there = [("crit", "[\"x\"]"), ("x", "1")];
    table.push(row("x is there", with.token_headed(&there), HEADER));
    let twice = [("crit", "[\"x\"]"), ("crit", "[\"x\"]")];
    table.push(row("twice", with.token_headed(&twice), HEADER));
    let escaped = [("cr\\u0069t", "[\"x\"]")];
    table.push(row("by an escape", with.token_headed(&escaped), HEADER));
    table
}

#[tokio::test]
async fn j15_critical_header_parameters_are_refused() {
    check(critical).await;
}

fn unencoded(with: &Introspector) -> Vec<Row> {
    let mut table = with_each(with, "b64", &["false", "true", "null", "\"false\""]);
    let by_the_book = [("b64", "false"), ("crit", "[\"b64\"]")];
    table.push(row("with crit", with.token_headed(&by_the_book), HEADER));
    // The payload itself stands between the dots (RFC 7797 §3).
    let input = format!(
        "{}.{}",
        encoded(with.header(&by_the_book)),
        with.payload(&[])
    );
    let raw = with.signer(Kind::Rs256).signed(&input);
    table.push(row("with the payload as it is", raw, HEADER));
    table
}

#[tokio::test]
async fn j16_a_payload_that_is_not_encoded_is_refused() {
    check(unencoded).await;
}

fn compressed_or_nested(with: &Introspector) -> Vec<Row> {
    let mut table = with_each(with, "zip", &["\"DEF\"", "\"GZIP\"", "\"\"", "null"]);
    let types = [
        "\"JWT\"",
        "\"jwt\"",
        "\"application/jwt\"",
        "\"application/json\"",
        "\"\"",
        "null",
    ];
    table.extend(with_each(with, "cty", &types));
    let header = with.header(&[("cty", "\"JWT\"")]);
    let nested = with
        .signer(Kind::Rs256)
        .token_with(header, with.good_token());
    table.push(row("a token in a token", nested, HEADER));
    table
}

#[tokio::test]
async fn j17_compressed_and_nested_tokens_are_refused() {
    check(compressed_or_nested).await;
}

fn other_types(with: &Introspector) -> Vec<Row> {
    let values = [
        "\"dpop+jwt\"",
        "\"logout+jwt\"",
        "\"secevent+jwt\"",
        "\"client-authentication+jwt\"",
        "\"kb+jwt\"",
        "\"application/dpop+jwt\"",
        "\"token-introspection+jwt\"",
        "\"vc+sd-jwt\"",
        "\"JOSE\"",
        "\"JWE\"",
        "\"JWT \"",
        "\"\"",
        "1",
        "null",
        "[\"JWT\"]",
        "{}",
    ];
    with_each(with, "typ", &values)
}

#[tokio::test]
async fn j21_a_token_of_another_type_is_refused() {
    check(other_types).await;
}

fn twice(with: &Introspector) -> Vec<Row> {
    let token = |changes: &[(&str, &str)]| with.token_headed(changes);
    rows(
        [
            ("alg", token(&[("alg", "\"RS256\""), ("alg", "\"RS256\"")])),
            (
                "another alg first",
                token(&[("alg", "\"none\""), ("alg", "\"RS256\"")]),
            ),
            ("kid", token(&[("kid", "\"RS256\""), ("kid", "\"ES256\"")])),
            ("typ", token(&[("typ", "\"JWT\""), ("typ", "\"JWT\"")])),
            ("unknown", token(&[("x", "1"), ("x", "2")])),
            ("alg by an escape", token(&[("\\u0061lg", "\"RS256\"")])),
            ("below", token(&[("x", "{\"y\":[{\"z\":1,\"z\":1}]}")])),
        ],
        HEADER,
    )
}

#[tokio::test]
async fn j23_a_header_parameter_given_twice_is_refused() {
    check(twice).await;
}

fn not_json(with: &Introspector) -> Vec<Row> {
    let good = with.header(&[]);
    let deep = format!(
        "{{\"x\":{}{},{}",
        "[".repeat(200),
        "]".repeat(200),
        &good[1..]
    );
    let headers: [(&str, Vec<u8>); 14] = [
        ("array", format!("[{good}]").into()),
        ("text", json!(good).to_string().into()),
        ("null", "null".into()),
        ("number", "1".into()),
        ("no JSON", "RS256".into()),
        ("cut short", good[..good.len() - 1].into()),
        ("text behind", format!("{good}x").into()),
        ("two", format!("{good}{good}").into()),
        ("byte order mark", format!("\u{feff}{good}").into()),
        (
            "not UTF-8",
            [b"{\"x\":\"\xff\",", &good.as_bytes()[1..]].concat(),
        ),
        (
            "lone surrogate",
            format!("{{\"x\":\"\\ud800\",{}", &good[1..]).into(),
        ),
        ("NUL behind", format!("{good}\0").into()),
        (
            "number out of range",
            format!("{{\"x\":1e400,{}", &good[1..]).into(),
        ),
        ("deep", deep.into()),
    ];
    let tokens = headers.map(|(name, header)| {
        let token = with
            .signer(Kind::Rs256)
            .token_with(header, with.payload(&[]));
        (name, token)
    });
    rows(tokens, HEADER)
}

#[tokio::test]
async fn a_header_is_one_json_object() {
    check(not_json).await;
}

/// The attacker's own key, and every way to point to it (RFC 7515 §4.1.2–4.1.8).
fn keys_of_its_own(with: &Introspector) -> Vec<Row> {
    pointing_to(with, "https://m4rk3r.test/")
}

fn pointing_to(with: &Introspector, base: &str) -> Vec<Row> {
    let attacker = Signer::new(Kind::Es256, Kind::Es256.name());
    let jwk = attacker.public_key();
    let all = [
        ("jwk", jwk.clone()),
        ("jku", json!(format!("{base}jwks"))),
        ("x5u", json!(format!("{base}certificate"))),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ];
    let mut table = Vec::new();
    for signer in [with.signer(Kind::Es256), &attacker] {
        let is_ours = signer.public_key() != jwk;
        let said = if is_ours { Said::Active } else { SIGNATURE };
        for (name, value) in &all {
            let mut header = signer.header();
            header[name] = value.clone();
            let token = signer.token_with(header.to_string(), with.payload(&[]));
            table.push(row(format!("{name}, ours: {is_ours}"), token, said));
        }
    }
    table
}

#[tokio::test]
async fn j14_keys_that_a_header_brings_or_points_to_are_ignored() {
    let with = Introspector::start().await;
    let trap = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let fetches = with.fetches();
    let base = format!("http://{}/", trap.local_addr().unwrap());

    check_with(&with, pointing_to(&with, &base)).await;

    let nobody = trap.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(with.fetches(), fetches);
}
