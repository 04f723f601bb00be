//! Public keys that somebody has registered, by which signatures are verified for real.

use std::time::SystemTime;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::client_auth::X509;
use crate::secret::Secret;

/// A public key. It verifies one algorithm only.
#[derive(Clone, Debug)]
pub struct RegisteredKey {
    pub(super) name: KeyName,
    pub(super) algorithm: &'static str,
    /// The last moment at which its certificate is valid, if it has one.
    pub(super) expiry: Option<SystemTime>,
    key: Key,
}

/// By what a JWT's header finds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum KeyName {
    #[serde(rename = "kid")]
    Id(String),
    #[serde(rename = "x5t#S256")]
    Thumbprint(String),
}

#[derive(Clone, Debug)]
enum Key {
    RsaNumbers {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// In PKCS #1, as a certificate has it.
    RsaDer(Vec<u8>),
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    alg: Option<String>,
    #[serde(flatten)]
    key: JwkKey,
}

#[derive(Deserialize)]
#[serde(tag = "kty")]
enum JwkKey {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    P256 { x: String, y: String },
}

impl RegisteredKey {
    /// The public part of a JWK with `kid`: RSA for RS256, or PS256 if its `alg` says so; or EC with P-256.
    #[must_use]
    pub fn of_jwk(json: &str) -> Option<Self> {
        let jwk: Jwk = serde_json::from_str(json).ok()?;
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let (algorithm, key) = match (&jwk.key, jwk.alg.as_deref()) {
            (JwkKey::Rsa { n, e }, alg) => {
                let (n, e) = (bytes(n)?, bytes(e)?);
                let is_pss = alg == Some("PS256");
                let algorithm = if is_pss { "PS256" } else { "RS256" };
                (algorithm, Key::RsaNumbers { n, e })
            }
            (JwkKey::P256 { x, y }, _) => {
                let point = [vec![4], bytes(x)?, bytes(y)?].concat();
                ("ES256", Key::P256(point))
            }
        };
        Some(Self {
            name: KeyName::Id(jwk.kid),
            algorithm,
            expiry: None,
            key,
        })
    }

    /// The key of the first certificate in a PEM text, for PS256.
    #[must_use]
    pub fn of_certificate(pem: &str) -> Option<Self> {
        let certificates = X509::all_in(&Secret::from(pem.to_owned())).ok()?;
        let certificate = certificates.into_iter().next()?;
        Some(Self {
            name: KeyName::Thumbprint(certificate.thumbprint),
            algorithm: "PS256",
            expiry: Some(certificate.expiry),
            key: Key::RsaDer(certificate.public_key),
        })
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let rsa = match self.algorithm {
            "PS256" => &RSA_PSS_2048_8192_SHA256,
            _ => &RSA_PKCS1_2048_8192_SHA256,
        };
        let outcome = match &self.key {
            Key::RsaNumbers { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(rsa, message, signature)
            }
            Key::RsaDer(der) => UnparsedPublicKey::new(rsa, der).verify(message, signature),
            Key::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
        };
        outcome.is_ok()
    }
}
