//! What a credential puts into one request.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::assertion::{Claims, GrantClaims};
use super::jwt::SigningFailed;
use super::{Client, ClientAuth, Recipient, SecretMethod, Wanted};
use crate::secret::Secret;

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The proof in one request; made for it, and gone with it.
#[derive(Debug)]
pub enum Presented {
    /// The secret in the form.
    Secret(Secret),
    /// Id and secret in the `Authorization` header, whose value this is.
    Basic(Secret),
    /// A JWT in the form.
    Assertion(Secret),
}

impl ClientAuth {
    /// The proof for one request to `recipient`. An assertion is like no other.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn presented(
        &self,
        client: &Client,
        recipient: &Recipient,
        now: SystemTime,
    ) -> Result<Presented, SigningFailed> {
        let claims = || Claims::new(client, recipient, now);
        Ok(match self {
            Self::ClientSecret(secret, SecretMethod::Post) => Presented::Secret(secret.clone()),
            Self::ClientSecret(secret, SecretMethod::Basic) => {
                Presented::Basic(basic(&client.id, secret))
            }
            Self::PrivateKeyJwt(key) => Presented::Assertion(key.signed(&claims()?)?),
            Self::Certificate(key) => Presented::Assertion(key.signed(&claims()?)?),
            Self::FederatedToken(token) => Presented::Assertion(token.clone()),
        })
    }

    /// An assertion that is a grant by itself (RFC 7523 §2.1). It is like no other.
    ///
    /// # Errors
    /// The cryptographic library fails, or the credential is none that signs.
    pub fn grant(
        &self,
        client: &Client,
        recipient: &Recipient,
        wanted: Wanted<'_>,
        now: SystemTime,
    ) -> Result<Secret, SigningFailed> {
        let claims = GrantClaims::new(client, recipient, wanted, now)?;
        match self {
            Self::PrivateKeyJwt(key) => key.signed(&claims),
            Self::Certificate(key) => key.signed(&claims),
            Self::ClientSecret(..) | Self::FederatedToken(_) => Err(SigningFailed),
        }
    }
}

impl Presented {
    /// The `client_id` of the form, unless the header says it.
    #[must_use]
    pub fn client_id<'a>(&self, client: &'a Client) -> Option<&'a str> {
        match self {
            Self::Secret(_) | Self::Assertion(_) => Some(&client.id),
            Self::Basic(_) => None,
        }
    }

    /// What else it adds to the form.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Secret(secret) => vec![("client_secret", secret.expose())],
            Self::Basic(_) => Vec::new(),
            Self::Assertion(assertion) => vec![
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion.expose()),
            ],
        }
    }

    /// The `Authorization` header, if it needs one.
    #[must_use]
    pub fn into_authorization(self) -> Option<Secret> {
        match self {
            Self::Basic(value) => Some(value),
            Self::Secret(_) | Self::Assertion(_) => None,
        }
    }
}

/// Id and secret are form-encoded first (RFC 6749 §2.3.1).
fn basic(id: &str, secret: &Secret) -> Secret {
    let encoded = |text: &str| -> Zeroizing<String> {
        Zeroizing::new(byte_serialize(text.as_bytes()).collect())
    };
    let (id, secret) = (encoded(id), encoded(secret.expose()));
    let pair = Zeroizing::new(format!("{}:{}", *id, *secret));
    let value = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
    Secret::from(format!("Basic {}", *value))
}

#[cfg(test)]
#[path = "presented_tests.rs"]
mod tests;
