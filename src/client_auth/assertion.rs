//! What a client says of itself when it signs (RFC 7523 §3).

use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::value::RawValue;
use url::Url;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The URL that the request goes to.
    TokenEndpoint,
    /// The provider's issuer.
    Issuer,
}

/// Whom a request goes to.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The URL that it goes to.
    pub token_endpoint: Url,
    /// The provider's issuer, if it is known.
    pub issuer: Option<String>,
}

impl Recipient {
    /// What `aud` says; without an issuer that is known, the endpoint (RFC 7523 §3).
    fn named(&self, audience: AssertionAudience) -> &str {
        match (audience, &self.issuer) {
            (AssertionAudience::Issuer, Some(issuer)) => issuer,
            _ => self.token_endpoint.as_str(),
        }
    }
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
        recipient: &'a Recipient,
        now: SystemTime,
    ) -> Result<Self, SigningFailed> {
        let (begin, exp) = client.assertions.times(now);
        Ok(Self {
            aud: recipient.named(client.assertions.audience),
            iss: &client.id,
            sub: &client.id,
            jti: jti()?,
            iat: begin,
            nbf: begin,
            exp,
        })
    }
}

impl AssertionRules {
    /// `iat` (and `nbf`) and `exp`, in seconds since 1970.
    fn times(&self, now: SystemTime) -> (u64, u64) {
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        let begin = now.saturating_sub(self.backdated.as_secs());
        (begin, now.saturating_add(self.lifetime.as_secs()))
    }
}

/// The claims of one assertion that is a grant by itself, as Maskinporten wants them: what is asked for is among them.
#[derive(Serialize)]
pub(super) struct GrantClaims<'a> {
    aud: &'a str,
    iss: &'a str,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_details: Option<&'a RawValue>,
    jti: String,
    iat: u64,
    exp: u64,
}

/// What an assertion that is a grant asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Scopes, separated by spaces.
    pub scope: &'a str,
    /// Resource indicator (RFC 8707).
    pub resource: Option<&'a str>,
    /// A JSON array of objects (RFC 9396).
    pub authorization_details: Option<&'a str>,
}

impl<'a> GrantClaims<'a> {
    pub(super) fn new(
        client: &'a Client,
        recipient: &'a Recipient,
        wanted: Wanted<'a>,
        now: SystemTime,
    ) -> Result<Self, SigningFailed> {
        let (begin, exp) = client.assertions.times(now);
        let details = wanted.authorization_details.map(serde_json::from_str);
        Ok(Self {
            aud: recipient.named(client.assertions.audience),
            iss: &client.id,
            scope: wanted.scope,
            resource: wanted.resource,
            authorization_details: details.transpose().map_err(|_| SigningFailed)?,
            jti: jti()?,
            iat: begin,
            exp,
        })
    }
}

fn jti() -> Result<String, SigningFailed> {
    let mut bytes = [0; JTI_BYTES];
    rand::fill(&mut bytes).map_err(|_| SigningFailed)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
