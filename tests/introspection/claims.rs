//! Payloads that are not one JSON object without ambiguity.

use serde_json::json;

use crate::corpus::{CLAIM, Row, Table, check, rows};
use crate::introspector::Introspector;

pub const TABLES: &[Table] = &[twice, not_one_object];

fn twice(with: &Introspector) -> Vec<Row> {
    let issuer = json!(with.app.provider.issuer()).to_string();
    let foreign = "\"https://m4rk3r.test\"";
    let (now, soon) = (with.now().to_string(), (with.now() + 3_600).to_string());
    let token = |changes: &[(&str, &str)]| with.token(changes);
    rows(
        [
            ("exp", token(&[("exp", &soon), ("exp", &soon)])),
            (
                "exp, the last is past",
                token(&[("exp", &soon), ("exp", "0")]),
            ),
            (
                "exp, the first is past",
                token(&[("exp", "0"), ("exp", &soon)]),
            ),
            ("iss", token(&[("iss", &issuer), ("iss", &issuer)])),
            (
                "iss, the first is foreign",
                token(&[("iss", foreign), ("iss", &issuer)]),
            ),
            ("iat", token(&[("iat", &now), ("iat", &now)])),
            ("nbf", token(&[("nbf", &now), ("nbf", &now)])),
            ("aud", token(&[("aud", "\"a\""), ("aud", "\"b\"")])),
            ("sub", token(&[("sub", "\"a\""), ("sub", "\"b\"")])),
            ("private", token(&[("x", "1"), ("x", "1")])),
            ("iss by an escape", token(&[("\\u0069ss", &issuer)])),
            (
                "private by an escape",
                token(&[("x", "1"), ("\\u0078", "1")]),
            ),
            ("below", token(&[("x", "{\"y\":1,\"y\":2}")])),
            (
                "far below",
                token(&[("x", "[[{\"y\":[{\"z\":1,\"z\":1}]}]]")]),
            ),
        ],
        CLAIM,
    )
}

#[tokio::test]
async fn j23_a_claim_given_twice_is_refused() {
    check(twice).await;
}

fn not_one_object(with: &Introspector) -> Vec<Row> {
    let good = with.payload(&[]);
    let among = |member: &str| format!("{{{member},{}", &good[1..]);
    let nested = |depth: usize| among(&format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth)));
    let payloads: Vec<(&str, Vec<u8>)> = vec![
        ("array", format!("[{good}]").into()),
        ("text", json!(good).to_string().into()),
        ("null", "null".into()),
        ("true", "true".into()),
        ("number", "1".into()),
        ("blanks", "  ".into()),
        ("no JSON", "hello".into()),
        ("a form", "iss=a&exp=1".into()),
        ("cut short", good[..good.len() - 1].into()),
        ("text behind", format!("{good} x").into()),
        ("NUL behind", format!("{good}\0").into()),
        ("two", format!("{good}{good}").into()),
        ("byte order mark", format!("\u{feff}{good}").into()),
        (
            "UTF-16",
            good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "not UTF-8",
            [b"{\"x\":\"\xff\",", &good.as_bytes()[1..]].concat(),
        ),
        (
            "not UTF-8 in a name",
            [b"{\"\xff\":1,", &good.as_bytes()[1..]].concat(),
        ),
        (
            "overlong UTF-8",
            [b"{\"x\":\"\xc0\xaf\",", &good.as_bytes()[1..]].concat(),
        ),
        (
            "surrogate as UTF-8",
            [b"{\"x\":\"\xed\xa0\x80\",", &good.as_bytes()[1..]].concat(),
        ),
        ("lone surrogate", among("\"x\":\"\\ud800\"").into()),
        ("lone low surrogate", among("\"x\":\"\\udc00\"").into()),
        ("lone surrogate in a name", among("\"\\ud800\":1").into()),
        ("NaN", among("\"x\":NaN").into()),
        ("infinity", among("\"x\":-Infinity").into()),
        ("out of range", among("\"x\":1e400").into()),
        ("leading zero", among("\"x\":01").into()),
        ("comment", among("/**/\"x\":1").into()),
        ("single quotes", among("'x':1").into()),
        ("control character", among("\"x\":\"\n\"").into()),
        (
            "trailing comma",
            format!("{},}}", &good[..good.len() - 1]).into(),
        ),
        ("128 deep", nested(128).into()),
        ("10 000 deep", nested(10_000).into()),
    ];
    let tokens = payloads.into_iter();
    rows(
        tokens.map(|(name, payload)| (name, with.token_of(payload))),
        CLAIM,
    )
}

#[tokio::test]
async fn j25_a_payload_is_one_json_object() {
    check(not_one_object).await;
}
