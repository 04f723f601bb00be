//! What an app asks for. The request is the cache key, so two requests that differ never share a token.

use std::fmt;

use super::ProviderName;

/// A request for a token for the app itself (RFC 6749 §4.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenRequest {
    /// Who shall issue the token.
    pub provider: ProviderName,
    /// What the token is for: a scope, audience or resource, in the provider's own terms.
    pub target: String,
    /// Resource indicator (RFC 8707).
    pub resource: Option<String>,
    /// Rich authorization request (RFC 9396): a JSON array of objects in canonical form, its names sorted.
    pub authorization_details: Option<String>,
}

/// Whether a held token will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// A held token will do.
    Cached,
    /// Only a token from a fetch that begins after the request (`skip_cache`).
    Renewed,
}

/// What is asked of a provider, as fixed texts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A token for the app itself.
    TokenRequest,
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TokenRequest => "token requests",
        })
    }
}
