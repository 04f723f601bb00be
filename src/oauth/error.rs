//! Why there is no token, in the daemon's own terms; front ends render it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

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
    /// The provider answered 429: no call until its `Retry-After` has passed.
    Throttled {
        /// 1–300 s.
        retry_after: Duration,
    },
    /// The provider answered 503 with a `Retry-After`, or 5xx with an OAuth error.
    Unavailable {
        /// 1–300 s, if the provider named a time.
        retry_after: Option<Duration>,
        /// For the app, cut and cleaned as [`Refusal::description`].
        description: Cow<'static, str>,
    },
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

/// In words for the app and whoever reads its log; fixed texts, except what the provider described.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnabled(provider) => {
                write!(formatter, "identity provider '{provider}' is not enabled")
            }
            Self::Unsupported(provider, flow) => {
                write!(
                    formatter,
                    "identity provider '{provider}' does not support {flow}"
                )
            }
            Self::Refused(refusal) => formatter.write_str(
                refusal
                    .description
                    .as_deref()
                    .unwrap_or("the identity provider refused and gave no error_description"),
            ),
            Self::Throttled { .. } => formatter.write_str(
                "the identity provider wants fewer requests; Retry-After says when to try again",
            ),
            Self::Unavailable { description, .. } => formatter.write_str(description),
            Self::Unreachable(cause) => {
                write!(
                    formatter,
                    "the identity provider cannot be reached: {cause}"
                )
            }
            Self::TimedOut => formatter.write_str("the identity provider did not answer in time"),
            Self::Nonsense(text) => formatter.write_str(text),
            Self::Overloaded => {
                formatter.write_str("too many requests for this identity provider are under way")
            }
            Self::Internal => formatter.write_str("Laredo failed; its log says more"),
        }
    }
}

impl Error {
    /// For how long the provider wants no call, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } => Some(*retry_after),
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// The provider's error answer, cut and cleaned for the app (RFC 6749 §5.2, Entra's additions).
#[derive(Debug, PartialEq)]
pub struct Refusal {
    /// The provider's HTTP status, 400–499.
    pub status: u16,
    /// `error`: at most 64 bytes, no control characters.
    pub error: String,
    /// `error_description`: at most 1 KiB, no control characters.
    pub description: Option<String>,
    /// Further members passed on as they came: `error_codes`, `error_uri`, `suberror`, `claims`,
    /// `correlation_id`, `trace_id`.
    pub further: serde_json::Map<String, serde_json::Value>,
}

impl Error {
    /// The length of what the provider sent and is kept with the error, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Refused(refusal) => refusal.size(),
            Self::Unavailable { description, .. } => description.len(),
            _ => 0,
        }
    }
}

impl Refusal {
    fn size(&self) -> usize {
        let further = self.further.values().map(|value| match value {
            serde_json::Value::String(text) => text.len(),
            other => other.to_string().len(),
        });
        let texts = [
            self.error.len(),
            self.description.as_ref().map_or(0, String::len),
        ];
        texts
            .into_iter()
            .chain(further)
            .fold(0, usize::saturating_add)
    }

    /// The number of Entra's `AADSTS…` code, if the description begins with one.
    #[must_use]
    pub fn aadsts(&self) -> Option<u32> {
        let rest = self.description.as_deref()?.strip_prefix("AADSTS")?;
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .map_or(rest, |end| rest.split_at(end).0);
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aadsts_code_is_read_from_the_description() {
        for (description, code) in [
            ("AADSTS7000215: Invalid client secret", Some(7_000_215)),
            ("AADSTS50105", Some(50_105)),
            ("AADSTS: none", None),
            ("AADSTS99999999999999: too long", None),
            ("nothing", None),
        ] {
            let description = Some(description.to_owned());
            let refusal = Refusal {
                status: 400,
                error: String::new(),
                description,
                further: serde_json::Map::new(),
            };

            assert_eq!(refusal.aadsts(), code);
        }
    }
}
