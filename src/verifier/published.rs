//! Keys as providers publish them, for tests.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Algorithm, KeyIssuers, KeySet};
use crate::dev::SigningKey;

/// An RSA key, the same in all tests of a process because making one takes a while.
pub(super) fn rsa_pair() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    Arc::clone(KEY.get_or_init(|| SigningKey::generate().unwrap()))
}

/// The RSA key under this name, with nothing in its entry that need not be there.
pub(super) fn rsa(id: &str) -> Value {
    let jwk = rsa_pair().jwk("");
    json!({"kty": "RSA", "kid": id, "n": jwk["n"], "e": jwk["e"]})
}

/// A new key on P-256.
pub(super) fn p256(id: &str) -> Value {
    point(id, "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING)
}

/// A new key on P-384.
pub(super) fn p384(id: &str) -> Value {
    point(id, "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING)
}

/// A new Ed25519 key.
pub(super) fn ed25519(id: &str) -> Value {
    let pair = Ed25519KeyPair::generate().unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x})
}

/// `entry` with a member set; null takes it away.
pub(super) fn with(mut entry: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => entry.as_object_mut().unwrap().remove(name),
        value => entry
            .as_object_mut()
            .unwrap()
            .insert(name.to_owned(), value),
    };
    entry
}

/// The set that this text is, where the keys' issuers mean nothing.
pub(super) fn read(body: &str) -> Option<KeySet> {
    KeySet::read(body.as_bytes(), KeyIssuers::Ignored, None)
}

/// What the keys of that name are for.
pub(super) fn algorithms(set: &KeySet, id: &str) -> Vec<Algorithm> {
    set.named(id).iter().map(|key| key.algorithm()).collect()
}

/// A key set's text.
pub(super) fn set(entries: &[Value]) -> String {
    json!({"keys": entries}).to_string()
}

fn point(id: &str, curve: &str, algorithm: &'static EcdsaSigningAlgorithm) -> Value {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    json!({"kty": "EC", "crv": curve, "kid": id, "x": x, "y": y})
}
