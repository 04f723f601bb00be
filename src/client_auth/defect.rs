//! Why a text is no credential. Fixed texts: nothing of what was read shows in them.

use std::fmt;

use crate::secret::Unusable;

/// A credential that cannot be used, by the variable that holds it or names its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong.
    pub defect: Defect,
}

/// What is wrong with a credential; the text goes on from the variable's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// It is no text that a secret can be.
    Unusable(Unusable),
    /// It is no JWK at all.
    NotAJwk,
    /// Its `kty` or `crv` is another one.
    KeyType,
    /// A member that a private key has is missing.
    NotPrivate,
    /// A member is not base64url.
    Encoding,
    /// Its members do not make a key.
    Inconsistent,
    /// Its `alg` is another one.
    Algorithm,
    /// It is not for signatures.
    Usage,
    /// Its `kid` cannot be sent or logged.
    KeyId,
    /// A section of it has no end or is not base64.
    NotPem,
    /// There is no certificate in it.
    NoCertificate,
    /// There is no private key in it.
    NoPrivateKey,
    /// A certificate in it is none.
    MalformedCertificate,
    /// The private key in it is none.
    MalformedKey,
    /// It is of an elliptic curve.
    EllipticCurve,
    /// Certificate and key are not of one pair.
    Mismatch,
    /// It is not a JWT.
    NotAToken,
}

impl From<Unusable> for Defect {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unusable(unusable) => return unusable.fmt(formatter),
            Self::NotAJwk => "is not one JSON Web Key",
            Self::KeyType => "is a key of a type that is not supported: RSA and EC with P-256 are",
            Self::NotPrivate => {
                "lacks a member of a private key: RSA has n, e, d, p, q, dp, dq, qi, EC has x, y, d"
            }
            Self::Encoding => "has a member that is not base64url without padding",
            Self::Inconsistent => {
                "has members that do not belong together, or an RSA modulus not of 2048 to 8192 bits"
            }
            Self::Algorithm => {
                "has an `alg` that does not fit: RSA signs with RS256 or PS256, EC with ES256"
            }
            Self::Usage => "is not for signatures, say its `use` or `key_ops`",
            Self::KeyId => "has a `kid` that is empty, over 256 characters or not printable ASCII",
            Self::NotPem => "has a PEM section in it that is cut short or not base64",
            Self::NoCertificate => "has no certificate in it (PEM)",
            Self::NoPrivateKey => "has no unencrypted private key with it (PEM)",
            Self::MalformedCertificate => "has a certificate in it that cannot be read",
            Self::MalformedKey => {
                "has a private key that cannot be read, or is not RSA of 2048 to 8192 bits"
            }
            Self::EllipticCurve => {
                "is of an elliptic curve, and Entra refuses such certificates: take an RSA one"
            }
            Self::Mismatch => "has no certificate in it that belongs to the private key",
            Self::NotAToken => "is not a JWT",
        })
    }
}
