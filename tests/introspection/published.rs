//! J41: tokens printed in RFCs, sent as they are. None is a valid access token here; what is told shows how far each
//! comes. `src/verifier/tests/published.rs` holds their signatures, `…/wycheproof.rs` those that are made to deceive.

use serde_json::{Value, json};

use crate::corpus::{ALGORITHM, CLAIM, HEADER, NO_KEY_ID, SIGNATURE, UNKNOWN_KEY, check_with, row};
use crate::introspector::Introspector;
use crate::signer::{decoded, encoded};

/// RFC 7520 §3.3 and §3.5.
fn keys() -> Vec<Value> {
    vec![
        json!({
            "kty": "RSA", "kid": "bilbo.baggins@hobbiton.example", "use": "sig", "e": "AQAB",
            "n": "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
        }),
        json!({
            "kty": "oct", "kid": "018c0ae5-4d9b-471b-bfd6-eef314bc7037", "use": "sig", "alg": "HS256",
            "k": "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
        }),
    ]
}

/// The payload of RFC 7520 §4: a sentence, no JSON.
const SENTENCE: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";
/// The payload of RFC 7515 appendix A.1 to A.3.
const JOE: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7520 §4.1.
const RS256: (&str, &str) = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
    "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
);
/// RFC 7520 §4.2.
const PS384: (&str, &str) = (
    "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
    "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
);
/// RFC 7520 §4.4.
const HS256: (&str, &str) = (
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9",
    "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
);

#[tokio::test]
async fn j41_the_tokens_of_the_rfcs_come_as_far_as_they_should() {
    let with = Introspector::start_with_keys(keys()).await;
    let signed = |(header, signature): (&str, &str)| format!("{header}.{SENTENCE}.{signature}");
    let mut altered = decoded(RS256.1);
    altered[100] ^= 1;
    let altered = (RS256.0, encoded(altered));
    let of_joe = |header: &str, signature: &str| format!("{}.{JOE}.{signature}", encoded(header));
    let es256 =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let hs256 = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    let table = vec![
        // Its signature is good: the payload is looked at.
        row("RFC 7520 §4.1", signed(RS256), CLAIM),
        row(
            "RFC 7520 §4.1, altered",
            signed((altered.0, &altered.1)),
            SIGNATURE,
        ),
        row("RFC 7520 §4.2", signed(PS384), ALGORITHM),
        row("RFC 7520 §4.4", signed(HS256), UNKNOWN_KEY),
        row(
            "RFC 7520 §4.5, detached",
            format!("{}..{}", HS256.0, HS256.1),
            HEADER,
        ),
        row(
            "RFC 7515 A.1",
            of_joe("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", hs256),
            NO_KEY_ID,
        ),
        row(
            "RFC 7515 A.3",
            of_joe("{\"alg\":\"ES256\"}", es256),
            NO_KEY_ID,
        ),
        row(
            "RFC 7515 A.5, unsecured",
            of_joe("{\"alg\":\"none\"}", ""),
            HEADER,
        ),
    ];

    check_with(&with, table).await;
}
