//! Where tokens are asked for: known from the start, or named by the provider's metadata.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::discovery::Metadata;
use crate::oauth::Error;

/// A token endpoint that is known, or will be.
#[derive(Debug)]
pub enum Endpoint {
    /// Configured or derived.
    Known(Url),
    /// The one that the metadata names.
    FromMetadata(Arc<Metadata>),
}

impl Endpoint {
    /// The endpoint, after at most `patience`.
    pub(super) async fn url(&self, patience: Duration) -> Result<Url, Error> {
        let metadata = match self {
            Self::Known(url) => return Ok(url.clone()),
            Self::FromMetadata(metadata) => metadata,
        };
        let named = match metadata.document(patience).await {
            Ok(document) => document.token_endpoint.clone(),
            Err(cause) => return Err(Error::Unreachable(Cow::Borrowed(cause))),
        };
        named.ok_or(Error::Unreachable(Cow::Borrowed(
            "its metadata names no token endpoint",
        )))
    }
}
