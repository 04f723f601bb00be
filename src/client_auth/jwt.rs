//! Signed JWTs in compact form (RFC 7515 §3.1).

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

use super::private_key::PrivateKey;
use crate::secret::Secret;

/// The cryptographic library could not sign, as when it lacks memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningFailed;

impl fmt::Display for SigningFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the private key cannot sign")
    }
}

impl std::error::Error for SigningFailed {}

/// By what the verifier finds the key.
#[derive(Serialize)]
pub(super) enum KeyName<'a> {
    #[serde(rename = "kid")]
    Id(&'a str),
    #[serde(rename = "x5t#S256")]
    Thumbprint(&'a str),
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(flatten)]
    key: KeyName<'a>,
}

/// The claims, signed.
pub(super) fn signed(
    key: &PrivateKey,
    name: KeyName<'_>,
    claims: &impl Serialize,
) -> Result<Secret, SigningFailed> {
    let header = Header {
        alg: key.algorithm(),
        typ: "JWT",
        key: name,
    };
    let message = format!("{}.{}", encoded(&header)?, encoded(claims)?);
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())?);
    Ok(Secret::from(format!("{message}.{signature}")))
}

fn encoded(part: &impl Serialize) -> Result<String, SigningFailed> {
    let json = serde_json::to_vec(part).map_err(|_| SigningFailed)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(json))
}
