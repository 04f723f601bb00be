//! Whether a provider answers, told in the log once for each change.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::oauth::{Error, ProviderName, Refusal};

/// Codes that may be logged as they are; anything else a provider sent stays out of the log
/// (RFC 6749 §5.2, OpenID Connect Core §3.1.2.6, RFC 8707 §2).
const KNOWN_CODES: [&str; 10] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "access_denied",
    "interaction_required",
    "server_error",
];

/// What was last seen of one provider.
#[derive(Debug)]
pub(super) struct Health {
    provider: ProviderName,
    is_down: AtomicBool,
}

impl Health {
    pub(super) fn new(provider: ProviderName) -> Self {
        Self {
            provider,
            is_down: AtomicBool::new(false),
        }
    }

    /// Notes how a call ended.
    pub(super) fn note<T>(&self, result: &Result<T, Error>) {
        match result {
            Ok(_) => self.answers(),
            Err(Error::Refused(refusal)) => {
                self.answers();
                self.log_refusal(refusal);
            }
            Err(Error::Unreachable(cause)) => self.fails(cause),
            Err(Error::TimedOut) => self.fails("it does not answer in time"),
            Err(Error::Throttled { .. }) => self.fails("it wants fewer requests (429)"),
            Err(Error::Unavailable { .. }) => self.fails("it says that it is unavailable"),
            Err(Error::Nonsense(text)) => self.fails(text),
            Err(_) => {}
        }
    }

    fn answers(&self) {
        if self.is_down.swap(false, Ordering::Relaxed) {
            tracing::info!(identity_provider = %self.provider, "the identity provider answers again");
        }
    }

    fn fails(&self, cause: &str) {
        if !self.is_down.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                identity_provider = %self.provider,
                cause,
                "no token from the identity provider; held tokens are served, calls are spaced out"
            );
        }
    }

    fn log_refusal(&self, refusal: &Refusal) {
        let error = KNOWN_CODES
            .into_iter()
            .find(|code| *code == refusal.error)
            .unwrap_or("other");
        tracing::warn!(
            identity_provider = %self.provider,
            status = refusal.status,
            error,
            aadsts = refusal.aadsts(),
            "the identity provider refused a token request"
        );
    }
}
