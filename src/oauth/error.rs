//! Why there is no token, in the daemon's own terms; front ends render it.

use std::borrow::Cow;

use super::{Flow, ProviderName};

/// Why a request got no token. Shared by all callers who waited together.
#[derive(Debug)]
pub enum Error {
    /// The provider is not switched on.
    NotEnabled(ProviderName),
    /// The provider cannot do this.
    Unsupported(ProviderName, Flow),
    /// The provider refused, in OAuth's terms (RFC 6749 §5.2).
    Refused(Box<Refusal>),
    /// The provider answered 429; its `Retry-After` runs.
    Throttled,
    /// The provider answered 503 with a `Retry-After`, or 5xx with an OAuth error; the text is for the app.
    Unavailable(Cow<'static, str>),
    /// No answer could be had; the text names the cause, and nothing that was sent.
    Unreachable(Cow<'static, str>),
    /// The answer took too long.
    TimedOut,
    /// The answer was no token answer; the text says in what way.
    Nonsense(Cow<'static, str>),
    /// More is going on with this provider than Laredo lets happen at once.
    Overloaded,
    /// A fault of our own.
    Internal,
}

/// The provider's error answer, cut and cleaned for the app (RFC 6749 §5.2, Entra's additions).
#[derive(Debug, PartialEq)]
pub struct Refusal {
    /// The provider's HTTP status, 400–499.
    pub status: u16,
    /// `error`: printable ASCII, at most 64 characters.
    pub error: String,
    /// `error_description`: at most 1 KiB, no control characters.
    pub description: Option<String>,
    /// Further members passed on as they came: `error_codes`, `error_uri`, `suberror`, `claims`,
    /// `correlation_id`, `trace_id`.
    pub further: serde_json::Map<String, serde_json::Value>,
}
