//! Whether a provider answers, told in the log once for each change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

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

/// Media types that may be logged as they are.
const KNOWN_MEDIA_TYPES: [&str; 4] = [
    "application/json",
    "text/html",
    "text/plain",
    "application/xml",
];

/// What was last seen of one provider.
#[derive(Debug)]
pub(super) struct Health {
    provider: ProviderName,
    is_down: AtomicBool,
    /// The refusal that was logged last, if no token has come since.
    refused: Mutex<Option<Refused>>,
}

/// What is logged of a refusal.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Refused {
    status: u16,
    error: &'static str,
    aadsts: Option<u32>,
}

impl Health {
    pub(super) fn new(provider: ProviderName) -> Self {
        Self {
            provider,
            is_down: AtomicBool::new(false),
            refused: Mutex::default(),
        }
    }

    /// Notes how a call ended.
    pub(super) fn note<T>(&self, result: &Result<T, Error>) {
        match result {
            Ok(_) => {
                self.answers();
                self.is_news(None);
            }
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
        let error = KNOWN_CODES.into_iter().find(|code| *code == refusal.error);
        let refused = Refused {
            status: refusal.status,
            error: error.unwrap_or("other"),
            aadsts: refusal.aadsts(),
        };
        if self.is_news(Some(refused)) {
            tracing::warn!(
                identity_provider = %self.provider,
                status = refused.status,
                error = refused.error,
                aadsts = refused.aadsts,
                "the identity provider refused a token request"
            );
        }
    }

    /// Whether this is not the refusal that was logged last.
    fn is_news(&self, refused: Option<Refused>) -> bool {
        let mut last = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *last, refused) != refused
    }

    /// Logs of an answer that makes no sense what does not repeat any of it.
    pub(super) fn log_nonsense(&self, status: u16, media_type: Option<&str>, length: usize) {
        let essence = media_type.map(|value| value.split(';').next().unwrap_or_default().trim());
        let known = |essence| {
            KNOWN_MEDIA_TYPES
                .into_iter()
                .find(|known| *known == essence)
        };
        let media_type = essence.map_or("none", |essence| known(essence).unwrap_or("other"));
        tracing::debug!(
            identity_provider = %self.provider,
            status,
            media_type,
            length,
            "the identity provider's answer makes no sense"
        );
    }
}
