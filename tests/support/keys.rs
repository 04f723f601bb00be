//! Private keys made for the tests, in every form that an app may have them in.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "each test binary uses its own part of the support code"
)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test's helper may fail where it stands"
)]

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsBigEndian as _, EcPrivateKeyBin};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, date_time_ymd};
use serde_json::{Value, json};

/// The members of an RSA key as a JWK, in the order in which PKCS #1 has the numbers.
const NUMBERS: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
/// Those that make it a private key.
pub const PRIVATE: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

/// An RSA key of 2 048 bits. Making one takes a while, so tests share them.
pub fn rsa(number: usize) -> &'static KeyPair {
    static KEYS: [OnceLock<KeyPair>; 3] = [const { OnceLock::new() }; 3];
    KEYS[number].get_or_init(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap())
}

/// A JWK with these members besides the key's own; `null` takes one away.
pub fn rsa_jwk(number: usize, more: Value) -> Value {
    let numbers = pkcs1_numbers(pkcs1(number));
    let members = NUMBERS.iter().zip(numbers.iter().skip(1));
    let mut jwk = json!({"kty": "RSA"});
    for (name, bytes) in members {
        jwk[name] = encoded(bytes).into();
    }
    with(jwk, more)
}

pub fn p256_jwk(more: Value) -> Value {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let private: EcPrivateKeyBin = pair.private_key().as_be_bytes().unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
    let d = encoded(private.as_ref());
    with(
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d}),
        more,
    )
}

/// The JWK without what is secret in it.
pub fn public(jwk: &Value) -> Value {
    let mut jwk = jwk.clone();
    jwk.as_object_mut()
        .unwrap()
        .retain(|name, _| !PRIVATE.contains(&name.as_str()));
    jwk
}

fn with(mut jwk: Value, more: Value) -> Value {
    let members = jwk.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    jwk
}

/// A certificate of the key, valid until the beginning of that year.
pub fn certificate(key: &KeyPair, until: i32) -> String {
    let mut params = CertificateParams::new(vec!["app.test".to_owned()]).unwrap();
    params.not_after = date_time_ymd(until, 1, 1);
    params.self_signed(key).unwrap().pem()
}

pub fn p256() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

pub fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The `RSAPrivateKey` (RFC 8017 §A.1.2) inside of PKCS #8.
pub fn pkcs1(number: usize) -> &'static [u8] {
    let (outer, _) = element(rsa(number).serialized_der());
    let (_, after_version) = element(outer);
    let (_, after_algorithm) = element(after_version);
    element(after_algorithm).0
}

/// Its numbers, the version first.
fn pkcs1_numbers(pkcs1: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, _) = element(pkcs1);
    let mut numbers = Vec::new();
    while !rest.is_empty() {
        let (content, behind) = element(rest);
        let significant = content.iter().skip_while(|byte| **byte == 0);
        numbers.push(significant.copied().collect());
        rest = behind;
    }
    numbers
}

/// An element's content and what comes behind it, in DER.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let first = usize::from(der[1]);
    let (length, header) = if first < 0x80 {
        (first, 2)
    } else {
        let bytes = &der[2..2 + first - 0x80];
        let length = bytes
            .iter()
            .fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        (length, 2 + bytes.len())
    };
    der[header..].split_at(length)
}
