//! The key with which the provider signs its tokens: RS256 (RFC 7518 §3.3).

use std::io;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

use super::RegisteredKey;

/// An RSA key of 2 048 bits. Making one takes a good part of a second, so tests share one.
#[derive(Debug)]
pub struct SigningKey {
    pair: RsaKeyPair,
    id: String,
    modulus: String,
    exponent: String,
}

impl SigningKey {
    /// A new key. It keeps the thread busy: call it off the runtime's threads.
    pub fn generate() -> io::Result<Arc<Self>> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let modulus = URL_SAFE_NO_PAD.encode(public.n);
        let exponent = URL_SAFE_NO_PAD.encode(public.e);
        Ok(Arc::new(Self {
            id: thumbprint(&modulus, &exponent),
            pair,
            modulus,
            exponent,
        }))
    }

    /// Its `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public key as a JWK (RFC 7517), without `alg`, as Entra publishes its keys.
    #[must_use]
    pub fn jwk(&self, issuer: &str) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.id,
            "n": self.modulus,
            "e": self.exponent,
            "issuer": issuer,
        })
    }

    /// What verifies its signatures.
    pub(super) fn public(&self) -> Option<RegisteredKey> {
        RegisteredKey::of_jwk(&self.jwk("").to_string())
    }

    /// The claims as a signed JWT with the header that Entra writes.
    pub(super) fn sign(&self, claims: &impl Serialize) -> io::Result<String> {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.id});
        self.sign_as(&header, claims)
    }

    /// The claims as a signed JWT, in compact form (RFC 7515 §3.1), whatever the header says.
    ///
    /// Made by hand because `jsonwebtoken` wants PKCS #1, which aws-lc-rs does not export, and would parse and
    /// check the key for each token.
    pub fn sign_as(&self, header: &Value, claims: &impl Serialize) -> io::Result<String> {
        let message = format!("{}.{}", encoded(header)?, encoded(claims)?);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(io::Error::other)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn encoded(part: &impl Serialize) -> io::Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(part)?))
}

/// RFC 7638 §3.
fn thumbprint(modulus: &str, exponent: &str) -> String {
    let canonical = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}
