//! A client's assertion (RFC 7523 §3), verified for real and refused in Entra's words.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::entra_error::EntraError;
use super::registered_key::{KeyName, RegisteredKey};
use super::routes::Tenant;

/// RFC 7523 §2.2.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The audience that tokens of other issuers have for Entra.
const FEDERATED_AUDIENCE: &str = "api://AzureADTokenExchange";
/// How far clocks may differ, as Entra has it.
const LEEWAY: Duration = Duration::from_secs(300);

/// An assertion taken apart; nothing of it is known to be true.
pub(super) struct ClientAssertion<'a> {
    message: &'a str,
    signature: Vec<u8>,
    header: Header,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(flatten)]
    key: KeyName,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    jti: Option<String>,
    nbf: Option<u64>,
    exp: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'a> ClientAssertion<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, EntraError> {
        Self::read(text).ok_or_else(EntraError::malformed_assertion)
    }

    fn read(text: &'a str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            message,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            header: decoded(header)?,
            claims: decoded(claims)?,
        })
    }

    /// Whether it stands for the client now. Its own may do so once.
    pub(super) fn check(&self, tenant: &Tenant, now: SystemTime) -> Result<(), EntraError> {
        match &tenant.registrations.federation {
            Some(federation) if federation.issuer == self.claims.iss => {
                let mut keys = federation.keys.iter();
                let key = keys.find(|key| key.name == self.header.key);
                self.check_signature(key, now)?;
                self.check_federated(&federation.subject)?;
                self.check_times(now)
            }
            _ if self.claims.iss == tenant.client_id => {
                let key = tenant.registrations.find(&self.header.key);
                self.check_signature(key.as_ref(), now)?;
                self.check_own(tenant)?;
                self.check_times(now)?;
                self.use_up(tenant)
            }
            _ => Err(EntraError::unknown_assertion_issuer(&self.claims.iss)),
        }
    }

    fn check_signature(
        &self,
        key: Option<&RegisteredKey>,
        now: SystemTime,
    ) -> Result<(), EntraError> {
        let key = key.ok_or_else(|| EntraError::unknown_key("The key was not found."))?;
        if key.expiry.is_some_and(|expiry| expiry < now) {
            return Err(EntraError::unknown_key("The key used is expired."));
        }
        let message = self.message.as_bytes();
        if key.algorithm != self.header.alg || !key.verifies(message, &self.signature) {
            return Err(EntraError::wrong_signature());
        }
        Ok(())
    }

    fn check_own(&self, tenant: &Tenant) -> Result<(), EntraError> {
        if self.claims.sub != tenant.client_id {
            return Err(EntraError::wrong_assertion_subject());
        }
        if !self.claims.aud.is(&tenant.endpoints.token) {
            return Err(EntraError::wrong_assertion_audience());
        }
        Ok(())
    }

    fn check_federated(&self, subject: &str) -> Result<(), EntraError> {
        if self.claims.sub != subject {
            return Err(EntraError::no_federated_subject(&self.claims.sub));
        }
        if !self.claims.aud.is(FEDERATED_AUDIENCE) {
            return Err(EntraError::no_federated_audience());
        }
        Ok(())
    }

    fn check_times(&self, now: SystemTime) -> Result<(), EntraError> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let (early, late) = (
            now.saturating_add(LEEWAY.as_secs()),
            now.saturating_sub(LEEWAY.as_secs()),
        );
        if self.claims.nbf.is_some_and(|nbf| nbf > early) || self.claims.exp <= late {
            return Err(EntraError::assertion_out_of_time());
        }
        Ok(())
    }

    fn use_up(&self, tenant: &Tenant) -> Result<(), EntraError> {
        let jti = self.claims.jti.as_deref().unwrap_or_default();
        if jti.is_empty() || !tenant.registrations.use_up(jti) {
            return Err(EntraError::assertion_used_before());
        }
        Ok(())
    }
}

impl Audience {
    fn is(&self, wanted: &str) -> bool {
        match self {
            Self::One(audience) => audience == wanted,
            Self::Several(audiences) => audiences.iter().any(|audience| audience == wanted),
        }
    }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
