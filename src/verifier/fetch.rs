//! One fetch of a provider's keys, and of what goes with them.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::key_set::KeySet;
use super::trust::{Settings, Trust};
use crate::clock::Clock;
use crate::discovery::{Document, Publisher};
use crate::http_client::{Answer, Get};
use crate::metrics::{Metrics, Operation};

/// For how long one fetch waits for the metadata to come.
const PATIENCE_WITH_METADATA: Duration = Duration::from_secs(3);

/// What fetches keys.
#[derive(Clone)]
pub struct Calls {
    /// Makes the calls.
    pub get: Get,
    /// Counts them.
    pub metrics: Arc<Metrics>,
    /// Times them.
    pub clock: Clock,
}

/// Fetches the keys of one provider.
pub(super) struct Fetch<'a> {
    pub(super) settings: &'a Settings,
    pub(super) calls: &'a Calls,
}

/// Why there are no new keys, in a fixed text.
pub(super) type Cause = &'static str;

impl Fetch<'_> {
    /// Keys and rules as they are now, with these metadata.
    pub(super) async fn trust(
        &self,
        document: Option<&Document>,
        before: Option<&Trust>,
    ) -> Result<Trust, Cause> {
        let fetched = self.calls.clock.now();
        let jwks_uri = self.jwks_uri(document)?;
        let rules = self.settings.rules(document, before);
        if rules.issuers.is_empty() {
            return Err("its metadata names no issuer");
        }
        let keys = self.keys(jwks_uri, before).await?;
        Ok(Trust {
            rules,
            keys,
            fetched,
            follows_metadata: document.is_some(),
        })
    }

    /// The metadata, waited for only where nothing goes without them.
    pub(super) async fn document(&self) -> Result<Option<Arc<Document>>, Cause> {
        match &self.settings.metadata {
            Some(metadata) if self.settings.needs_metadata() => {
                let document = metadata.document(PATIENCE_WITH_METADATA).await?;
                Ok(Some(document))
            }
            Some(metadata) => Ok(metadata.known()),
            None => Ok(None),
        }
    }

    fn jwks_uri(&self, document: Option<&Document>) -> Result<Url, Cause> {
        let named = || document.and_then(|document| document.jwks_uri.clone());
        let known = self.settings.jwks_uri.clone();
        known.or_else(named).ok_or("its metadata names no jwks_uri")
    }

    async fn keys(&self, jwks_uri: Url, before: Option<&Trust>) -> Result<KeySet, Cause> {
        let publisher = Publisher {
            provider: self.settings.provider,
            operation: Operation::Keys,
            get: &self.calls.get,
            metrics: &self.calls.metrics,
        };
        let before = before.map(|trust| &trust.keys);
        let read = |answer: &Answer| {
            let body = Some(&answer.body).filter(|_| answer.status == 200);
            let keys = body.and_then(|body| KeySet::read(body, self.settings.key_issuers, before));
            keys.ok_or("what it answers is no set of keys that can be used")
        };
        publisher.document(&jwks_uri, read).await
    }
}
