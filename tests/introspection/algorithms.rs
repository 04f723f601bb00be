//! Algorithms that a token may not choose.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::corpus::{ALGORITHM, HEADER, Row, Said, Table, check, check_with, row, rows};
use crate::introspector::{Introspector, Published};
use crate::signer::{Kind, Signer, decoded, encoded};

pub const TABLES: &[Table] = &[none, public_keys_as_secrets, other_names, other_algorithms];

fn none(with: &Introspector) -> Vec<Row> {
    let values = [
        "\"none\"",
        "\"None\"",
        "\"NONE\"",
        "\"nOnE\"",
        "\"\"",
        "\" none\"",
        "\"none\\u0000\"",
        "",
        "null",
        "0",
        "[\"RS256\"]",
        "[\"none\"]",
        "{\"RS256\":1}",
    ];
    let mut table = Vec::new();
    for value in values {
        let signed = with.token_headed(&[("alg", value)]);
        let end = signed.rfind('.').unwrap();
        table.push(row(
            format!("{value} without signature"),
            &signed[..=end],
            HEADER,
        ));
        table.push(row(format!("{value} with one"), signed, ALGORITHM));
    }
    table
}

#[tokio::test]
async fn j02_no_algorithm_is_none() {
    check(none).await;
}

/// What a library may take for the secret if it looks only at the key's bytes.
fn secrets(signer: &Signer) -> Vec<(&'static str, Vec<u8>)> {
    let key = signer.public_key();
    let number = key.get("n").or(key.get("x")).unwrap().as_str().unwrap();
    let der = signer.public_der();
    let lines: Vec<_> = STANDARD
        .encode(&der)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        lines.join("\n")
    );
    let jwk = key.to_string();
    vec![
        ("PEM with a line break", format!("{pem}\n").into_bytes()),
        ("PEM", pem.into_bytes()),
        ("DER", der),
        ("JWK with a line break", format!("{jwk}\n").into_bytes()),
        ("JWK", jwk.into_bytes()),
        ("number", decoded(number)),
        ("number in base64url", number.as_bytes().to_vec()),
        ("nothing", Vec::new()),
    ]
}

fn public_keys_as_secrets(with: &Introspector) -> Vec<Row> {
    let digests = [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ];
    let mut table = Vec::new();
    for kind in [Kind::Rs256, Kind::Es256, Kind::EdDsa] {
        let signer = with.signer(kind);
        for (name, digest) in digests {
            let header = json!({"typ": "JWT", "alg": name, "kid": signer.id}).to_string();
            let input = format!("{}.{}", encoded(header), encoded(with.payload(&[])));
            for (what, secret) in secrets(signer) {
                let tag = hmac::sign(&hmac::Key::new(digest, &secret), input.as_bytes());
                let token = format!("{input}.{}", encoded(tag));
                table.push(row(
                    format!("{name} by {what} of {kind:?}"),
                    token,
                    ALGORITHM,
                ));
            }
        }
    }
    table
}

#[tokio::test]
async fn j04_a_public_key_is_no_secret() {
    check(public_keys_as_secrets).await;
}

fn other_names(with: &Introspector) -> Vec<Row> {
    let names = [
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\\n",
        "RS256\\u0000",
        "RS1",
        "RS384",
        "RS512",
        "ES256K",
        "ES512",
        "Ed25519",
        "eddsa",
        "RSA-OAEP",
        "dir",
        "RSASSA-PKCS1-v1_5",
        "1.2.840.113549.1.1.11",
    ];
    let tokens = names.map(|name| {
        let alg = format!("\"{name}\"");
        (name, with.token_headed(&[("alg", &alg)]))
    });
    rows(tokens, ALGORITHM)
}

#[tokio::test]
async fn j05_an_algorithm_has_one_name() {
    check(other_names).await;
}

/// Each key's name under every other algorithm, signed by the other algorithm's key.
fn other_algorithms(with: &Introspector) -> Vec<Row> {
    let mut table = Vec::new();
    for kind in Kind::ALL {
        for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
            let header = json!({"typ": "JWT", "alg": other.name(), "kid": kind.name()});
            let token = with
                .signer(other)
                .token_with(header.to_string(), with.payload(&[]));
            table.push(row(
                format!("{other:?} by the key of {kind:?}"),
                token,
                ALGORITHM,
            ));
        }
    }
    table
}

/// The keys of RS256 and PS256 are the same pair here, so that nothing else is wrong with those tokens.
#[tokio::test]
async fn j05_a_key_is_for_one_algorithm() {
    check(other_algorithms).await;
}

#[tokio::test]
async fn j05_an_algorithm_that_the_metadata_do_not_name_is_not_allowed() {
    let published = Published {
        algorithms: json!(["RS256", "ES384", "HS256", "none", "RS512"]),
        ..Published::default()
    };
    let with = Introspector::start_with(published, &[]).await;
    let table = Kind::ALL.map(|kind| {
        let is_allowed = matches!(kind, Kind::Rs256 | Kind::Es384);
        let said = if is_allowed { Said::Active } else { ALGORITHM };
        row(
            kind.name(),
            with.signer(kind).token(with.payload(&[])),
            said,
        )
    });

    check_with(&with, table.into()).await;
}

#[tokio::test]
async fn j05_where_they_name_none_that_is_known_rs256_is() {
    for algorithms in [json!(null), json!([]), json!(["HS256", "none"])] {
        let published = Published {
            algorithms,
            ..Published::default()
        };
        let with = Introspector::start_with(published, &[]).await;
        let table = Kind::ALL.map(|kind| {
            let said = if kind == Kind::Rs256 {
                Said::Active
            } else {
                ALGORITHM
            };
            row(
                kind.name(),
                with.signer(kind).token(with.payload(&[])),
                said,
            )
        });

        check_with(&with, table.into()).await;
    }
}
