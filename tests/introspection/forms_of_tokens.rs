//! What is no signed JWT in compact form.

use serde_json::json;

use crate::corpus::{HEADER, Row, Table, check, row, rows};
use crate::introspector::Introspector;
use crate::signer::{Kind, encoded};

pub const TABLES: &[Table] = &[dots, encrypted, other_serializations, base64, too_long];

fn dots(with: &Introspector) -> Vec<Row> {
    let token = with.good_token();
    let parts: Vec<_> = token.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    let tokens = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "a".to_owned(),
        "null".to_owned(),
        h.to_owned(),
        format!("{h}."),
        format!("{h}.{p}"),
        format!("{h}.{p}."),
        format!("{h}..{s}"),
        format!("{h}.."),
        format!(".{p}.{s}"),
        format!("..{s}"),
        format!(".{token}"),
        format!("{token}."),
        format!("{h}.{p}.{s}.{s}"),
        format!("{h}.{p}.{s}.{h}.{p}"),
        format!("{h}.{h}.{p}.{s}"),
        ".".repeat(32 * 1024),
        ".".repeat(60 * 1024),
        token.replace('.', "%2E"),
        token.replace('.', ","),
    ];
    rows(tokens.map(|token| (token.len(), token)), HEADER)
}

#[tokio::test]
async fn j03_a_token_has_three_parts() {
    check(dots).await;
}

fn encrypted(with: &Introspector) -> Vec<Row> {
    let jwe = |header: serde_json::Value| {
        let part = encoded([7; 32]);
        format!(
            "{}.{part}.{part}.{part}.{part}",
            encoded(header.to_string())
        )
    };
    // PBES2 with such a count would keep a verifier busy for minutes.
    let slow = json!({"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 2_147_483_647, "p2s": "AAAAAAAAAAA", "kid": "RS256"});
    let around = with.good_token();
    let nested = json!({"alg": "dir", "enc": "A128GCM", "cty": "JWT", "kid": "RS256"});
    let nested = format!(
        "{}..{}.{}.{}",
        encoded(nested.to_string()),
        encoded([0; 12]),
        encoded(around),
        encoded([0; 16])
    );
    rows(
        [
            (
                "JWE",
                jwe(json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "RS256"})),
            ),
            ("a slow one", jwe(slow)),
            ("a JWS in a JWE", nested),
            ("enc in a JWS", with.token_headed(&[("enc", "\"A256GCM\"")])),
            ("enc of another type", with.token_headed(&[("enc", "null")])),
        ],
        HEADER,
    )
}

#[tokio::test]
async fn j18_an_encrypted_token_is_not_even_decrypted() {
    check(encrypted).await;
}

fn other_serializations(with: &Introspector) -> Vec<Row> {
    let token = with.good_token();
    let parts: Vec<_> = token.split('.').collect();
    let flattened = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
    let signature = json!({"protected": parts[0], "signature": parts[2]});
    let general = json!({"payload": parts[1], "signatures": [signature]});
    let disclosure = encoded(json!(["salt", "sub", "another"]).to_string());
    rows(
        [
            ("flattened", flattened.to_string()),
            ("general", general.to_string()),
            ("SD-JWT", format!("{token}~")),
            ("SD-JWT with a disclosure", format!("{token}~{disclosure}~")),
            ("detached", format!("{}..{}", parts[0], parts[2])),
        ],
        HEADER,
    )
}

#[tokio::test]
async fn j19_only_the_compact_form_is_read() {
    check(other_serializations).await;
}

fn base64(with: &Introspector) -> Vec<Row> {
    let token = with
        .signer(Kind::Es256)
        .token(with.payload(&[("x", "\"\u{fb}\u{3ff}\"")]));
    let mut table = Vec::new();
    for place in 0..3 {
        for (name, change) in CHANGES {
            let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
            parts[place] = change(&parts[place]);
            table.push(row(
                format!("{name} in part {place}"),
                parts.join("."),
                HEADER,
            ));
        }
    }
    table
}

type Text = fn(&str) -> String;

const CHANGES: [(&str, Text); 10] = [
    ("padding", |part| format!("{part}=")),
    ("more padding", |part| format!("{part}==")),
    ("plus", |part| format!("+{}", &part[1..])),
    ("slash", |part| format!("/{}", &part[1..])),
    ("space", |part| format!("{} {}", &part[..4], &part[4..])),
    ("line break", |part| {
        format!("{}\r\n{}", &part[..4], &part[4..])
    }),
    ("NUL", |part| format!("{}\0{}", &part[..4], &part[4..])),
    ("not ASCII", |part| {
        format!("{}\u{e9}{}", &part[..4], &part[4..])
    }),
    ("a character of no whole byte", |part| {
        // Four characters are three bytes; one more than a multiple of four is none.
        format!("{}A", &part[..part.len() / 4 * 4])
    }),
    ("stray bits", stray_bits),
];

/// The same bytes in another spelling: unused bits of the last character that are not zero (RFC 4648 §3.5).
fn stray_bits(part: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if part.len().is_multiple_of(4) {
        return format!("{part}AB");
    }
    let (kept, last) = part.split_at(part.len() - 1);
    let next = ALPHABET.find(last).unwrap() + 1;
    format!("{kept}{}", &ALPHABET[next..=next])
}

#[tokio::test]
async fn j24_base64url_is_read_in_one_spelling() {
    check(base64).await;
}

fn too_long(with: &Introspector) -> Vec<Row> {
    let of_length = |length: usize| {
        let filler = format!("\"{}\"", "a".repeat(length));
        with.token(&[("filler", &filler)])
    };
    let tokens = [of_length(25_000), of_length(40_000)];
    for token in &tokens {
        assert!(token.len() > 32 * 1024 && token.len() < 60 * 1024);
    }
    rows(tokens.map(|token| (token.len(), token)), HEADER)
}

#[tokio::test]
async fn j36_a_token_of_more_than_32_kib_is_not_read() {
    check(too_long).await;
}
