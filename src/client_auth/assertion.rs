//! What a client says of itself when it signs (RFC 7523 §3).

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

use super::Client;
use super::jwt::SigningFailed;

/// The length of a `jti`, in bytes before they are encoded: no two are ever the same.
const JTI_BYTES: usize = 16;

/// For whom a provider's assertions are, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionRules {
    /// The `aud`.
    pub audience: AssertionAudience,
    /// From now to `exp`, in whole seconds.
    pub lifetime: Duration,
    /// From `nbf` and `iat` to now, in whole seconds: room for clocks that are late.
    pub backdated: Duration,
}

/// What `aud` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The URL that the request goes to.
    TokenEndpoint,
    /// This issuer.
    Issuer(String),
}

impl AssertionRules {
    /// Entra's: for the token endpoint, 300 s, dated back by 60 s (contract §6).
    pub const ENTRA: Self = Self {
        audience: AssertionAudience::TokenEndpoint,
        lifetime: Duration::from_secs(300),
        backdated: Duration::from_secs(60),
    };

    /// Everybody else's: 60 s from now (contract §6).
    #[must_use]
    pub const fn short(audience: AssertionAudience) -> Self {
        Self {
            audience,
            lifetime: Duration::from_secs(60),
            backdated: Duration::ZERO,
        }
    }
}

/// The claims of one assertion.
#[derive(Serialize)]
pub(super) struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    iat: u64,
    nbf: u64,
    exp: u64,
}

impl<'a> Claims<'a> {
    /// Claims that are in no other assertion.
    pub(super) fn new(
        client: &'a Client,
        token_endpoint: &'a str,
        now: SystemTime,
    ) -> Result<Self, SigningFailed> {
        let rules = &client.assertions;
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        let begin = now.saturating_sub(rules.backdated.as_secs());
        Ok(Self {
            aud: match &rules.audience {
                AssertionAudience::TokenEndpoint => token_endpoint,
                AssertionAudience::Issuer(issuer) => issuer,
            },
            iss: &client.id,
            sub: &client.id,
            jti: jti()?,
            iat: begin,
            nbf: begin,
            exp: now.saturating_add(rules.lifetime.as_secs()),
        })
    }
}

fn jti() -> Result<String, SigningFailed> {
    let mut bytes = [0; JTI_BYTES];
    rand::fill(&mut bytes).map_err(|_| SigningFailed)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
