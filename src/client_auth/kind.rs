//! Kinds of credentials, and how each is read.

use super::{CertifiedKey, ClientAuth, Defect, SecretMethod, SigningJwk};
use crate::secret::{Secret, Shape};

/// What kind of credential a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A client secret.
    ClientSecret(SecretMethod),
    /// A private key as a JWK.
    PrivateKeyJwt,
    /// A certificate chain and its key in PEM.
    Certificate,
    /// Another issuer's JWT.
    FederatedToken,
}

impl CredentialKind {
    /// What its text looks like.
    pub(super) fn shape(self) -> Shape {
        match self {
            Self::ClientSecret(_) | Self::FederatedToken => Shape::Line,
            Self::PrivateKeyJwt | Self::Certificate => Shape::Lines,
        }
    }

    /// The credential in `text`; `key`: a certificate's private key where it is apart.
    pub(super) fn parsed(self, text: &Secret, key: Option<&Secret>) -> Result<ClientAuth, Defect> {
        match self {
            Self::ClientSecret(method) => Ok(ClientAuth::ClientSecret(text.clone(), method)),
            Self::PrivateKeyJwt => {
                let key = SigningJwk::parse(text)?;
                Ok(ClientAuth::PrivateKeyJwt(Box::new(key)))
            }
            Self::Certificate => {
                let key = CertifiedKey::parse(text, key.unwrap_or(text))?;
                Ok(ClientAuth::Certificate(Box::new(key)))
            }
            Self::FederatedToken => federated(text),
        }
    }
}

/// Three parts of base64url: what else it must be, the provider knows.
fn federated(text: &Secret) -> Result<ClientAuth, Defect> {
    let is_base64url = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    let mut parts = text.expose().split('.');
    if parts.clone().count() == 3 && parts.all(is_base64url) {
        return Ok(ClientAuth::FederatedToken(text.clone()));
    }
    Err(Defect::NotAToken)
}
