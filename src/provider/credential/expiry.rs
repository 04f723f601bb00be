//! The end of certificates, told in time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::Credential;
use crate::oauth::ProviderName;

/// For how long before its end a certificate is warned about.
const WARNED_AHEAD: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Stands for no credential: numbers count up from 0.
const NONE: u64 = u64::MAX;

/// Which credential's end has been warned about.
#[derive(Debug)]
pub(super) struct Expiry(AtomicU64);

impl Default for Expiry {
    fn default() -> Self {
        Self(AtomicU64::new(NONE))
    }
}

impl Expiry {
    /// When this one ends, if it says so.
    pub(super) fn of(
        &self,
        provider: ProviderName,
        credential: &Credential,
        now: SystemTime,
    ) -> Option<SystemTime> {
        let expiry = credential.auth().expiry()?;
        let left = expiry.duration_since(now).unwrap_or_default();
        if left <= WARNED_AHEAD {
            let before = self.0.swap(credential.number(), Ordering::Relaxed);
            if before != credential.number() {
                log(provider, credential, expiry);
            }
        }
        Some(expiry)
    }
}

fn log(provider: ProviderName, credential: &Credential, expiry: SystemTime) {
    tracing::warn!(
        identity_provider = provider.as_str(),
        variable = credential.variable(),
        key_id = credential.auth().key_id(),
        expiry = httpdate::fmt_http_date(expiry),
        "the certificate ends within 30 days or has ended: renew it"
    );
}
