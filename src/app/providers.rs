//! From the configuration to the providers that are on, with what they call and count.

use std::sync::Arc;
use std::time::Duration;

use super::StartError;
use super::verifiers::{Verifiers, metadata};
use crate::broker::Provider;
use crate::client_auth::{AssertionRules, Client};
use crate::clock::Clock;
use crate::config::{Config, EntraConfig, TokenEndpoint};
use crate::discovery::Metadata;
use crate::http_client::{HttpClient, RetryBudget};
use crate::metrics::Metrics;
use crate::oauth::ProviderName;
use crate::provider::{Credentials, Endpoint, Setting, TokenClient};

/// What is kept back of the answer's time for everything that is not the fetch itself.
const LEEWAY: Duration = Duration::from_millis(100);

/// Providers, and what they share.
pub struct ProviderParts {
    /// The providers that are on.
    pub providers: Vec<Provider>,
    /// Their credentials, for whoever looks after the files.
    pub credentials: Vec<(ProviderName, Arc<Credentials>)>,
    /// Their metadata, for whoever keeps them up to date.
    pub metadata: Vec<Arc<Metadata>>,
    /// What counts their calls.
    pub metrics: Arc<Metrics>,
    /// What makes their calls.
    pub http: Arc<HttpClient>,
}

/// Builds the providers that are on. `answer`: the time in which a caller is answered.
///
/// # Errors
/// If metrics contradict each other.
pub fn parts(
    config: &Config,
    clock: &Clock,
    answer: Duration,
) -> Result<ProviderParts, StartError> {
    let names: Vec<_> = config
        .providers
        .entra
        .iter()
        .map(|_| ProviderName::EntraId)
        .collect();
    let metrics = Arc::new(Metrics::new(&names).map_err(StartError::Metrics)?);
    let http = Arc::new(HttpClient::new(config.http.clone(), clock.clone()));
    let setting = Setting {
        http: Arc::clone(&http),
        retries: Arc::new(RetryBudget::default()),
        metrics: Arc::clone(&metrics),
        clock: clock.clone(),
        time_limit: answer.saturating_sub(LEEWAY),
    };
    let verifiers = Verifiers::new(&setting).map_err(StartError::Threads)?;
    let mut parts = ProviderParts {
        providers: Vec::new(),
        credentials: Vec::new(),
        metadata: Vec::new(),
        metrics,
        http,
    };
    if let Some(entra) = &config.providers.entra {
        parts.add_entra(entra, &setting, &verifiers);
    }
    Ok(parts)
}

impl ProviderParts {
    fn add_entra(&mut self, entra: &EntraConfig, setting: &Setting, verifiers: &Verifiers) {
        let name = ProviderName::EntraId;
        let metadata = metadata(entra).map(Arc::new);
        self.metadata.extend(metadata.clone());
        let verifier = verifiers.entra(entra, metadata.clone());
        let endpoint = endpoint(entra, metadata);
        let token_client = entra.credentials.as_ref().zip(endpoint);
        let token_client = token_client.map(|(sources, endpoint)| {
            let credentials = Credentials::new(name, sources, setting.clock.clone());
            let credentials = Arc::new(credentials);
            self.credentials.push((name, Arc::clone(&credentials)));
            let client = Client {
                id: entra.client_id.clone(),
                assertions: AssertionRules::ENTRA,
            };
            TokenClient::new(name, client, endpoint, credentials, setting.clone())
        });
        self.providers.push(Provider {
            name,
            token_client,
            verifier,
        });
    }
}

/// `None` if no tokens are asked for; a configuration whose endpoint comes from metadata names them.
fn endpoint(entra: &EntraConfig, metadata: Option<Arc<Metadata>>) -> Option<Endpoint> {
    match &entra.token_endpoint {
        TokenEndpoint::Known(url) => Some(Endpoint::Known(url.clone())),
        TokenEndpoint::FromMetadata(_) => metadata.map(Endpoint::FromMetadata),
        TokenEndpoint::Unused => None,
    }
}
