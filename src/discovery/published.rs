//! A document that a provider publishes for everybody: its metadata, its keys.

use tokio::time::Instant;
use url::Url;

use crate::http_client::{Answer, Failure, Get};
use crate::metrics::{Metrics, Operation, Outcome};
use crate::oauth::ProviderName;

/// Whose document is fetched, and how.
pub struct Publisher<'a> {
    /// The provider.
    pub provider: ProviderName,
    /// What the document is.
    pub operation: Operation,
    /// Makes the call.
    pub get: &'a Get,
    /// Counts it.
    pub metrics: &'a Metrics,
}

impl Publisher<'_> {
    /// Fetches the document once; `read` makes something of the answer.
    ///
    /// # Errors
    /// Why there is none, in a fixed text.
    pub async fn document<T>(
        &self,
        url: &Url,
        read: impl FnOnce(&Answer) -> Result<T, &'static str>,
    ) -> Result<T, &'static str> {
        let begun = Instant::now();
        let result = match (self.get)(url.clone()).await {
            Ok(answer) => read(&answer).map_err(|cause| (Outcome::Invalid, cause)),
            Err(Failure::Unreachable(cause)) => Err((Outcome::Unreachable, cause.text())),
            Err(Failure::TimedOut) => Err((Outcome::Timeout, "it does not answer in time")),
            Err(_) => Err((Outcome::Invalid, "its answer does not come whole")),
        };
        let outcome = match &result {
            Ok(_) => Outcome::Success,
            Err((outcome, _)) => *outcome,
        };
        self.metrics
            .upstream_request(self.provider, self.operation, outcome, begun.elapsed());
        result.map_err(|(_, cause)| cause)
    }
}
