//! Published keys that must not be used, beside good ones. Every kind of them `src/verifier/tests/weak_keys.rs` holds.

use aws_lc_rs::rsa::KeySize;
use serde_json::{Value, json};

use crate::corpus::{ALGORITHM, Row, Said, UNKNOWN_KEY, check_with, row};
use crate::introspector::Introspector;
use crate::signer::{Kind, Signer, encoded};

/// Publishes the keys beside the usual ones, and tells of each what is said of tokens that it has signed.
async fn said_of(keys: Vec<(Signer, Value, Said)>) {
    let published = keys.iter().map(|(_, published, _)| published.clone());
    let with = Introspector::start_with_keys(published.collect()).await;
    let mut table: Vec<Row> = keys
        .iter()
        .map(|(signer, _, said)| row(&signer.id, signer.token(with.payload(&[])), *said))
        .collect();
    table.push(row("a good one", with.good_token(), Said::Active));

    check_with(&with, table).await;
}

fn signer_with(kind: Kind, id: &str, changes: &[(&str, Value)]) -> (Signer, Value) {
    let signer = Signer::new(kind, id);
    let mut published = signer.public_key();
    for (name, value) in changes {
        published[name] = value.clone();
    }
    (signer, published)
}

fn unusable(kind: Kind, id: &str, changes: &[(&str, Value)]) -> (Signer, Value, Said) {
    let (signer, published) = signer_with(kind, id, changes);
    (signer, published, UNKNOWN_KEY)
}

#[tokio::test]
async fn j07_a_key_of_another_curve_or_of_none_is_not_used() {
    let longer = Signer::new(Kind::Es384, "x").public_key();
    let of_longer = [("x", longer["x"].clone()), ("y", longer["y"].clone())];

    said_of(vec![
        unusable(Kind::Es256, "curve of P-384", &[("crv", json!("P-384"))]),
        unusable(Kind::Es256, "point of P-384", &of_longer),
        unusable(Kind::Es256, "P-521", &[("crv", json!("P-521"))]),
        unusable(
            Kind::Es256,
            "infinity",
            &[
                ("x", json!(encoded([0; 32]))),
                ("y", json!(encoded([0; 32]))),
            ],
        ),
        unusable(
            Kind::Es256,
            "not on the curve",
            &[("x", json!(encoded([7; 32])))],
        ),
        unusable(Kind::Es256, "short x", &[("x", json!(encoded([7; 31])))]),
        unusable(Kind::Es384, "ES256 on P-384", &[("alg", json!("ES256"))]),
    ])
    .await;
}

#[tokio::test]
async fn j08_an_ed25519_key_of_small_order_is_not_used() {
    let mut neutral = [0; 32];
    neutral[0] = 1;

    said_of(vec![
        unusable(Kind::EdDsa, "neutral", &[("x", json!(encoded(neutral)))]),
        unusable(Kind::EdDsa, "zeros", &[("x", json!(encoded([0; 32])))]),
    ])
    .await;
}

/// What everybody can sign under the neutral element: R = s·B for any s, here 0.
#[tokio::test]
async fn j08_and_what_everybody_can_sign_under_it_is_not_valid() {
    let mut neutral = vec![0; 32];
    neutral[0] = 1;
    let (weak, published) = signer_with(Kind::EdDsa, "weak", &[("x", json!(encoded(&neutral)))]);
    let with = Introspector::start_with_keys(vec![published]).await;
    let signed = weak.token(with.payload(&[]));
    let (input, _) = signed.rsplit_once('.').unwrap();
    neutral.extend([0; 32]);

    let token = format!("{input}.{}", encoded(neutral));

    check_with(&with, vec![row("forged", token, UNKNOWN_KEY)]).await;
}

#[tokio::test]
async fn j09_a_weak_rsa_key_is_not_used() {
    let sized = |bytes: usize| json!(encoded(vec![0xff; bytes]));
    let exponent = |bytes: &[u8]| json!(encoded(bytes));
    let unusable = |id: &str, name: &str, value: Value| unusable(Kind::Rs256, id, &[(name, value)]);

    said_of(vec![
        unusable("512 bits", "n", sized(64)),
        unusable("1024 bits", "n", sized(128)),
        unusable("8200 bits", "n", sized(1_025)),
        unusable("e is 1", "e", exponent(&[1])),
        unusable("e is even", "e", exponent(&[1, 0, 0])),
        unusable("e is huge", "e", exponent(&[1, 0, 0, 0, 1])),
        unusable("e is empty", "e", exponent(&[])),
        unusable("n is empty", "n", sized(0)),
    ])
    .await;
}

#[tokio::test]
async fn j09_a_large_rsa_key_is_used() {
    for size in [KeySize::Rsa3072, KeySize::Rsa4096] {
        let signer = Signer::rsa(Kind::Rs256, "large", size);
        let published = signer.public_key();

        said_of(vec![(signer, published, Said::Active)]).await;
    }
}

#[tokio::test]
async fn j37_a_key_for_something_else_is_not_used() {
    said_of(vec![
        unusable(Kind::Rs256, "enc", &[("use", json!("enc"))]),
        unusable(Kind::Es256, "no use", &[("use", json!(null))]),
        unusable(Kind::Rs256, "sign", &[("key_ops", json!(["sign"]))]),
        unusable(Kind::EdDsa, "no operation", &[("key_ops", json!([]))]),
        unusable(Kind::Rs256, "for RS384", &[("alg", json!("RS384"))]),
        unusable(Kind::Rs256, "for RSA-OAEP", &[("alg", json!("RSA-OAEP"))]),
        unusable(Kind::Rs256, "for HS256", &[("alg", json!("HS256"))]),
        unusable(Kind::Es256, "for RS256", &[("alg", json!("RS256"))]),
    ])
    .await;
}

#[tokio::test]
async fn j37_a_key_for_another_algorithm_is_used_for_that_alone() {
    let (signer, published) = signer_with(Kind::Rs256, "pss", &[("alg", json!("PS256"))]);

    said_of(vec![(signer, published, ALGORITHM)]).await;
}

#[tokio::test]
async fn j37_a_key_without_an_algorithm_is_for_the_usual_one() {
    let without = |kind: Kind| {
        let signer = Signer::new(kind, &format!("without {kind:?}"));
        let mut published = signer.public_key();
        published.as_object_mut().unwrap().remove("alg");
        let said = if kind == Kind::Ps256 {
            ALGORITHM
        } else {
            Said::Active
        };
        (signer, published, said)
    };

    said_of(Kind::ALL.map(without).into()).await;
}
