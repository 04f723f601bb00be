//! From the configuration to the providers that are on, with what they call and count.

use std::sync::Arc;
use std::time::Duration;

use super::StartError;
use super::verifiers::{Verifiers, metadata};
use crate::broker::Provider;
use crate::client_auth::Client;
use crate::clock::Clock;
use crate::config::{Config, ProviderConfig, TokenEndpoint};
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
        .iter()
        .map(|provider| provider.name)
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
    let verifiers = Verifiers::new(&setting);
    let mut parts = ProviderParts {
        providers: Vec::new(),
        credentials: Vec::new(),
        metadata: Vec::new(),
        metrics,
        http,
    };
    for provider in config.providers.iter() {
        parts.add(provider, &setting, &verifiers);
    }
    Ok(parts)
}

impl ProviderParts {
    fn add(&mut self, config: &ProviderConfig, setting: &Setting, verifiers: &Verifiers) {
        let name = config.name;
        let metadata = metadata(config).map(Arc::new);
        self.metadata.extend(metadata.clone());
        let verifier = verifiers.verifier(config, metadata.clone());
        let client = client(config).zip(config.credentials.as_ref());
        let token_client = client.map(|(client, sources)| {
            let credentials = Credentials::new(name, sources, setting.clock.clone());
            let credentials = Arc::new(credentials);
            self.credentials.push((name, Arc::clone(&credentials)));
            let endpoint = endpoint(config, metadata);
            let client = (client, config.grants);
            TokenClient::new(name, client, endpoint, credentials, setting.clone())
        });
        self.providers.push(Provider {
            name,
            token_client,
            verifier,
        });
    }
}

fn client(config: &ProviderConfig) -> Option<Client> {
    Some(Client {
        id: config.client_id.clone()?,
        assertions: config.assertions.clone(),
    })
}

fn endpoint(config: &ProviderConfig, metadata: Option<Arc<Metadata>>) -> Endpoint {
    Endpoint {
        url: match &config.token_endpoint {
            TokenEndpoint::Known(url) => Some(url.clone()),
            TokenEndpoint::FromMetadata(_) | TokenEndpoint::Unused => None,
        },
        issuer: config.issuer.clone(),
        needs_issuer: config.signs_for_issuer(),
        metadata,
    }
}
