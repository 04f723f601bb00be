//! Where tokens are asked for: known from the start, or named by the provider's metadata.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::client_auth::Recipient;
use crate::discovery::Metadata;
use crate::oauth::Error;

/// Where a provider issues tokens; what is not known from the start, its metadata tell.
#[derive(Debug)]
pub struct Endpoint {
    /// The token endpoint, if it is known.
    pub url: Option<Url>,
    /// The issuer, if it is known.
    pub issuer: Option<String>,
    /// The metadata, if something is taken from them.
    pub metadata: Option<Arc<Metadata>>,
}

impl Endpoint {
    /// Whom a request goes to, after at most `patience`. Where the endpoint is known nobody waits for the metadata.
    pub(super) async fn recipient(&self, patience: Duration) -> Result<Recipient, Error> {
        let document = match (&self.url, &self.metadata) {
            (Some(_), None) => None,
            (Some(_), Some(metadata)) => metadata.known(),
            (None, Some(metadata)) => {
                let document = metadata.document(patience).await;
                Some(document.map_err(|cause| Error::Unreachable(Cow::Borrowed(cause)))?)
            }
            (None, None) => None,
        };
        let named = document
            .as_ref()
            .and_then(|known| known.token_endpoint.clone());
        let issuer = document.as_ref().and_then(|known| known.issuer.clone());
        let token_endpoint = self.url.clone().or(named);
        Ok(Recipient {
            token_endpoint: token_endpoint.ok_or(Error::Unreachable(Cow::Borrowed(
                "its metadata names no token endpoint",
            )))?,
            issuer: self.issuer.clone().or(issuer),
        })
    }
}
