//! A JWT taken apart (RFC 7519); nothing of it is known to be true.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::registered_key::{KeyName, RegisteredKey};

/// A JWT taken apart.
pub(super) struct Jwt<'a> {
    message: &'a str,
    signature: Vec<u8>,
    header: Header,
    pub(super) claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(flatten)]
    key: KeyName,
}

/// The claims that every kind has, and the rest.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    #[serde(default)]
    pub(super) sub: String,
    pub(super) aud: Audience,
    pub(super) jti: Option<String>,
    pub(super) iat: Option<u64>,
    pub(super) nbf: Option<u64>,
    pub(super) exp: u64,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'a> Jwt<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            message,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            header: decoded(header)?,
            claims: decoded(claims)?,
        })
    }

    /// The key that it names.
    pub(super) fn key_name(&self) -> &KeyName {
        &self.header.key
    }

    pub(super) fn is_signed_by(&self, key: &RegisteredKey) -> bool {
        key.algorithm == self.header.alg && key.verifies(self.message.as_bytes(), &self.signature)
    }
}

impl Claims {
    /// Whether it is the time for it, for clocks that differ by up to `leeway`.
    pub(super) fn are_in_time(&self, now: SystemTime, leeway: Duration) -> bool {
        let (now, leeway) = (seconds(now), leeway.as_secs());
        let early = now.saturating_add(leeway);
        let begins = self.nbf.into_iter().chain(self.iat).max();
        begins.is_none_or(|begin| begin <= early) && self.exp > now.saturating_sub(leeway)
    }
}

impl Audience {
    pub(super) fn is(&self, wanted: &str) -> bool {
        match self {
            Self::One(audience) => audience == wanted,
            Self::Several(audiences) => audiences.iter().any(|audience| audience == wanted),
        }
    }
}

/// Since 1970.
pub(super) fn seconds(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
