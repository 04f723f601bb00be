//! How an app proves who it is (RFC 6749 §2.3, RFC 7523): by a secret, a private key, a certificate or a token that
//! another issuer has given it; where each comes from, and what it puts into a request.

mod assertion;
mod certificate;
mod client;
mod defect;
mod jwk;
mod jwt;
mod kind;
mod presented;
mod private_key;
mod source;
mod texts;

use std::time::SystemTime;

pub use assertion::{AssertionAudience, AssertionRules, Recipient, Wanted};
pub use certificate::{CertifiedKey, X509};
pub use client::Client;
pub use defect::{Defect, Fault};
pub use jwk::SigningJwk;
pub use jwt::SigningFailed;
pub use kind::CredentialKind;
pub use presented::Presented;
pub use source::{CredentialSource, CredentialSources};
pub use texts::{Contents, CredentialTexts, Origin, Part};

use crate::secret::Secret;

/// One credential, ready for use. Its key cannot be written anywhere by accident.
///
/// ```compile_fail
/// fn written<T: serde::Serialize>(_: &T) {}
/// let of = |key: &laredo::client_auth::SigningJwk| written(key);
/// ```
/// ```compile_fail
/// fn written<T: serde::Serialize>(_: &T) {}
/// let of = |key: &laredo::client_auth::CertifiedKey| written(key);
/// ```
#[derive(Debug)]
pub enum ClientAuth {
    /// A client secret, and where it goes (RFC 6749 §2.3.1).
    ClientSecret(Secret, SecretMethod),
    /// A private key that signs an assertion for each request (RFC 7523 §2.2).
    PrivateKeyJwt(Box<SigningJwk>),
    /// The same with a key that has a certificate (RFC 7515 §4.1.8).
    Certificate(Box<CertifiedKey>),
    /// A token of another issuer, which is the assertion as it is.
    FederatedToken(Secret),
}

/// Where a client secret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretMethod {
    /// Into the form.
    Post,
    /// Into the `Authorization` header.
    Basic,
}

impl ClientAuth {
    /// What the provider knows the key by, for the log; nothing secret. A secret or a token has no such name.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        match self {
            Self::PrivateKeyJwt(key) => Some(key.id()),
            Self::Certificate(key) => Some(key.thumbprint()),
            Self::ClientSecret(..) | Self::FederatedToken(_) => None,
        }
    }

    /// When it ends, as far as it says so itself.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        match self {
            Self::Certificate(key) => Some(key.expiry()),
            Self::ClientSecret(..) | Self::PrivateKeyJwt(_) | Self::FederatedToken(_) => None,
        }
    }

    /// What it is, in plain words.
    #[must_use]
    pub fn description(&self) -> &'static str {
        match self {
            Self::ClientSecret(..) => "the client secret",
            Self::PrivateKeyJwt(_) => "the private key",
            Self::Certificate(_) => "the certificate",
            Self::FederatedToken(_) => "the federated token",
        }
    }
}

/// Whether the provider could tell the two apart.
impl PartialEq for ClientAuth {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ClientSecret(one, its), Self::ClientSecret(other, their)) => {
                one == other && its == their
            }
            (Self::PrivateKeyJwt(one), Self::PrivateKeyJwt(other)) => one == other,
            (Self::Certificate(one), Self::Certificate(other)) => {
                one.thumbprint() == other.thumbprint()
            }
            (Self::FederatedToken(one), Self::FederatedToken(other)) => one == other,
            _ => false,
        }
    }
}

#[cfg(test)]
#[path = "../tests/support/keys.rs"]
pub(crate) mod keys;
