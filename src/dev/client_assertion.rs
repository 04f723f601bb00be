//! A client's assertion (RFC 7523 §3), verified for real and refused in Entra's words.

use std::time::{Duration, SystemTime};

use super::entra_error::EntraError;
use super::jwt::Jwt;
use super::registered_key::RegisteredKey;
use super::routes::Tenant;

/// RFC 7523 §2.2.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The audience that tokens of other issuers have for Entra.
const FEDERATED_AUDIENCE: &str = "api://AzureADTokenExchange";
/// How far clocks may differ, as Entra has it.
const LEEWAY: Duration = Duration::from_secs(300);

/// An assertion taken apart; nothing of it is known to be true.
pub(super) struct ClientAssertion<'a>(Jwt<'a>);

impl<'a> ClientAssertion<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, EntraError> {
        let jwt = Jwt::read(text).ok_or_else(EntraError::malformed_assertion)?;
        Ok(Self(jwt))
    }

    /// Whether it stands for the client now. Its own may do so once.
    pub(super) fn check(&self, tenant: &Tenant, now: SystemTime) -> Result<(), EntraError> {
        match &tenant.registrations.federation {
            Some(federation) if federation.issuer == self.0.claims.iss => {
                let mut keys = federation.keys.iter();
                let key = keys.find(|key| key.name == *self.0.key_name());
                self.check_signature(key, now)?;
                self.check_federated(&federation.subject)?;
                self.check_times(now)
            }
            _ if self.0.claims.iss == tenant.client_id => {
                let key = tenant.registrations.find(self.0.key_name());
                self.check_signature(key.as_ref(), now)?;
                self.check_own(tenant)?;
                self.check_times(now)?;
                self.use_up(tenant)
            }
            _ => Err(EntraError::unknown_assertion_issuer(&self.0.claims.iss)),
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
        if !self.0.is_signed_by(key) {
            return Err(EntraError::wrong_signature());
        }
        Ok(())
    }

    fn check_own(&self, tenant: &Tenant) -> Result<(), EntraError> {
        if self.0.claims.sub != tenant.client_id {
            return Err(EntraError::wrong_assertion_subject());
        }
        if !self.0.claims.aud.is(&tenant.endpoints.token) {
            return Err(EntraError::wrong_assertion_audience());
        }
        Ok(())
    }

    fn check_federated(&self, subject: &str) -> Result<(), EntraError> {
        if self.0.claims.sub != subject {
            return Err(EntraError::no_federated_subject(&self.0.claims.sub));
        }
        if !self.0.claims.aud.is(FEDERATED_AUDIENCE) {
            return Err(EntraError::no_federated_audience());
        }
        Ok(())
    }

    fn check_times(&self, now: SystemTime) -> Result<(), EntraError> {
        if !self.0.claims.are_in_time(now, LEEWAY) {
            return Err(EntraError::assertion_out_of_time());
        }
        Ok(())
    }

    fn use_up(&self, tenant: &Tenant) -> Result<(), EntraError> {
        let jti = self.0.claims.jti.as_deref().unwrap_or_default();
        if jti.is_empty() || !tenant.registrations.use_up(jti) {
            return Err(EntraError::assertion_used_before());
        }
        Ok(())
    }
}
