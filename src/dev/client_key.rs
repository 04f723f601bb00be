//! The private key by which the app proves who it is, made for it and registered: ES256 (RFC 7518 §3.4).

use std::io;

use aws_lc_rs::encoding::{AsBigEndian as _, EcPrivateKeyBin};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::RegisteredKey;
use super::options::random_guid;
use crate::secret::Secret;

/// A private key as a JWK, and what the provider knows of it.
#[derive(Debug)]
pub(super) struct ClientKey {
    pub(super) jwk: Secret,
    pub(super) registered: RegisteredKey,
}

impl ClientKey {
    pub(super) fn generate() -> io::Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = pair.map_err(io::Error::other)?;
        let private: EcPrivateKeyBin =
            pair.private_key().as_be_bytes().map_err(io::Error::other)?;
        let d = Secret::from(URL_SAFE_NO_PAD.encode(private.as_ref()));
        // Uncompressed (SEC 1 §2.3.3): a byte 4, then both coordinates.
        let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at(point.len() / 2);
        let public = format!(
            r#""kty":"EC","crv":"P-256","alg":"ES256","kid":"{}","x":"{}","y":"{}""#,
            random_guid(),
            URL_SAFE_NO_PAD.encode(x),
            URL_SAFE_NO_PAD.encode(y),
        );
        let registered = RegisteredKey::of_jwk(&format!("{{{public}}}"));
        Ok(Self {
            jwk: Secret::from(format!(r#"{{{public},"d":"{}"}}"#, d.expose())),
            registered: registered.ok_or(io::ErrorKind::InvalidData)?,
        })
    }
}
