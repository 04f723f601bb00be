//! The closed sets that labels come from.

/// A route of the API listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST /api/v1/token`.
    Token,
    /// `POST /api/v1/token/exchange`.
    Exchange,
    /// `POST /api/v1/introspect`.
    Introspect,
    /// Everything else.
    Other,
}

impl Route {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "/api/v1/token",
            Self::Exchange => "/api/v1/token/exchange",
            Self::Introspect => "/api/v1/introspect",
            Self::Other => "other",
        }
    }
}

/// How a cache request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheResult {
    /// From memory.
    Hit,
    /// From memory, although the last renewal failed.
    Stale,
    /// Waited for a fetch, or failed.
    Miss,
    /// `skip_cache`.
    Bypass,
}

/// What is kept, each kind by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheKind {
    /// Tokens for the app itself.
    Token,
    /// Tokens on behalf of users.
    Exchange,
    /// Tokens that were found valid.
    Introspection,
}

impl CacheKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Token, Self::Exchange, Self::Introspection];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Exchange => "exchange",
            Self::Introspection => "introspection",
        }
    }
}

/// How an introspection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntrospectionResult {
    /// The token is valid.
    Active,
    /// It is not.
    Inactive,
    /// That cannot be known now.
    Unavailable,
}

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A token for the app itself.
    Token,
    /// A token on behalf of a user.
    Exchange,
    /// The keys that sign tokens.
    Keys,
    /// The metadata document.
    Metadata,
}

impl Operation {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Exchange => "exchange",
            Self::Keys => "keys",
            Self::Metadata => "metadata",
        }
    }
}

/// How an upstream call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With what was asked for.
    Success,
    /// With an OAuth error.
    Refused,
    /// With 429, or 503 and a `Retry-After`.
    Throttled,
    /// With no answer in time.
    Timeout,
    /// With no connection, or a broken one.
    Unreachable,
    /// With an answer that makes no sense.
    Invalid,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Invalid => "invalid",
        }
    }
}
