//! One fetch of a provider's keys, and of what goes with them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::key_set::KeySet;
use super::trust::{Settings, Trust};
use crate::clock::Clock;
use crate::discovery::Document;
use crate::http_client::{Answer, Failure, Get};
use crate::metrics::{Metrics, Operation, Outcome};

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
        let begun = Instant::now();
        let answer = (self.calls.get)(jwks_uri).await;
        let result = match answer {
            Ok(answer) => self.read(&answer, before).ok_or((
                Outcome::Invalid,
                "what it answers is no set of keys that can be used",
            )),
            Err(Failure::Unreachable(cause)) => Err((Outcome::Unreachable, cause.text())),
            Err(Failure::TimedOut) => Err((Outcome::Timeout, "it does not answer in time")),
            Err(_) => Err((Outcome::Invalid, "its answer does not come whole")),
        };
        let outcome = match &result {
            Ok(_) => Outcome::Success,
            Err((outcome, _)) => *outcome,
        };
        self.calls.metrics.upstream_request(
            self.settings.provider,
            Operation::Keys,
            outcome,
            begun.elapsed(),
        );
        result.map_err(|(_, cause)| cause)
    }

    fn read(&self, answer: &Answer, before: Option<&Trust>) -> Option<KeySet> {
        if answer.status != 200 {
            return None;
        }
        let before = before.map(|trust| &trust.keys);
        KeySet::read(&answer.body, self.settings.key_issuers, before)
    }
}
