//! The closed sets that labels come from.

/// A route of the API listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST /api/v1/token`.
    Token,
    /// Everything else.
    Other,
}

impl Route {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "/api/v1/token",
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

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A token for the app itself.
    Token,
    /// The metadata document.
    Metadata,
}

impl Operation {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
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
