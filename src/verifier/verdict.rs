//! What is said about a token, in a closed list of texts (contract §2).

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::oauth::ProviderName;

/// What is said about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid; the rendered answer holds its claims (RFC 7662 §2.2).
    Active(Bytes),
    /// It is not, for the first of the reasons that holds.
    Inactive(Reason),
}

/// Why a token is not valid. The order is that in which the reasons are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The provider is not switched on.
    NotEnabled(ProviderName),
    /// The provider is on, but not for introspection.
    Unsupported(ProviderName),
    /// It is no signed JWT in compact form, or its header says something that is not understood.
    Header,
    /// Its header names no key.
    NoKeyId,
    /// Its key is not one of the provider's, or no provider has its issuer.
    UnknownKey,
    /// Its algorithm is not one that the key is for.
    Algorithm,
    /// Its signature is not the key's.
    Signature,
    /// Its payload is not one JSON object without ambiguity, or a claim makes no sense.
    Claims,
    /// The claim is missing or of the wrong type.
    Missing(&'static str),
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` is still to come.
    Immature,
    /// `iss` is somebody else.
    Issuer,
    /// `aud` is somebody else.
    Audience,
}

/// The texts are those of Texas, whose clients may compare them.
impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotEnabled(name) => {
                return write!(formatter, "identity provider '{name}' is not enabled");
            }
            Self::Unsupported(name) => {
                return write!(
                    formatter,
                    "identity provider '{name}' does not support introspection"
                );
            }
            Self::Missing(claim) => {
                return write!(formatter, "invalid token: Missing required claim: {claim}");
            }
            Self::Header => "invalid token header: InvalidToken",
            Self::NoKeyId => "missing key id from token header",
            Self::UnknownKey => "token can not be validated with this identity provider",
            Self::Algorithm => "invalid token: InvalidAlgorithm",
            Self::Signature => "invalid token: InvalidSignature",
            Self::Claims => "invalid token: InvalidClaim",
            Self::Expired => "invalid token: ExpiredSignature",
            Self::Immature => "invalid token: ImmatureSignature",
            Self::Issuer => "invalid token: InvalidIssuer",
            Self::Audience => "invalid token: InvalidAudience",
        })
    }
}

/// Why nothing can be said about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The provider's keys, or whether it has this one, cannot be known now.
    KeysUnavailable {
        /// When to ask again, 1–5 s.
        retry_after: Duration,
    },
    /// A fault of our own.
    Internal,
}
