//! The daemon's public interface: picks the provider, asks the cache, counts once.

mod introspection;

use std::collections::HashMap;
use std::sync::Arc;

use crate::cache::{CacheLimits, Failed, Served, Source, TokenCache};
use crate::clock::{Clock, Moment};
use crate::metrics::{CacheKind, CacheResult, Metrics};
use crate::oauth::{Error, Flow, Freshness, ProviderName, TokenRequest};
use crate::provider::TokenClient;
use crate::verifier::{Verdicts, Verifier};

/// What a provider can do for the app. What it cannot is `None`, decided at start.
pub struct Provider {
    /// Its name.
    pub name: ProviderName,
    /// Gets tokens for the app itself.
    pub token_client: Option<TokenClient>,
    /// Tells valid tokens from others.
    pub verifier: Option<Verifier>,
}

/// Answers every question that a front end may put.
pub struct Broker {
    providers: Arc<HashMap<ProviderName, Provider>>,
    cache: Arc<TokenCache>,
    verdicts: Verdicts,
    metrics: Arc<Metrics>,
    clock: Clock,
}

impl Broker {
    /// A broker for the providers that are on. It must be made within the runtime.
    pub fn new(
        providers: impl IntoIterator<Item = Provider>,
        limits: CacheLimits,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        let providers: HashMap<_, _> = providers
            .into_iter()
            .map(|provider| (provider.name, provider))
            .collect();
        let providers = Arc::new(providers);
        let names: Vec<_> = providers.keys().copied().collect();
        let verdicts = Verdicts::new(limits.max_bytes);
        let cache = TokenCache::new(names, limits, clock.clone(), fetch_from(&providers));
        Self {
            providers,
            cache,
            verdicts,
            metrics,
            clock,
        }
    }

    /// A token for the app itself.
    ///
    /// # Errors
    /// As the cache, or if the provider is off or cannot do this.
    pub async fn token(
        &self,
        request: TokenRequest,
        freshness: Freshness,
    ) -> Result<Served, Failed> {
        let provider = request.provider;
        self.supports(provider)?;
        let result = self.cache.token(request, freshness).await;
        self.metrics
            .cache_request(CacheKind::Token, provider, cache_result(&result, freshness));
        result
    }

    fn supports(&self, name: ProviderName) -> Result<(), Failed> {
        let error = match self.providers.get(&name) {
            None => Error::NotEnabled(name),
            Some(provider) if provider.token_client.is_none() => {
                Error::Unsupported(name, Flow::TokenRequest)
            }
            Some(_) => return Ok(()),
        };
        Err(Failed {
            error: Arc::new(error),
            retry_after: std::time::Duration::ZERO,
        })
    }

    /// This moment, by the clock that deadlines go by.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The cache, for what runs in the background.
    #[must_use]
    pub fn cache(&self) -> &Arc<TokenCache> {
        &self.cache
    }

    /// The providers that are on.
    #[must_use]
    pub fn providers(&self) -> Vec<ProviderName> {
        self.providers.keys().copied().collect()
    }

    /// Keeps a provider's keys up to date, for as long as it is polled.
    pub async fn keep_keys(&self, name: ProviderName) {
        let provider = self.providers.get(&name);
        if let Some(verifier) = provider.and_then(|provider| provider.verifier.as_ref()) {
            verifier.keep_keys().await;
        }
    }

    /// All metrics, as of now.
    #[must_use]
    pub fn rendered_metrics(&self) -> Vec<u8> {
        self.metrics.cache_size(CacheKind::Token, self.cache.size());
        self.metrics
            .cache_size(CacheKind::Introspection, self.verdicts.size());
        let verifiers = self.providers.values();
        for verifier in verifiers.filter_map(|provider| provider.verifier.as_ref()) {
            let (age, skipped) = (verifier.keys_age(), verifier.keys_skipped());
            self.metrics.keys(verifier.provider(), age, skipped);
        }
        self.metrics.render()
    }
}

fn fetch_from(providers: &Arc<HashMap<ProviderName, Provider>>) -> crate::cache::Fetch {
    let providers = Arc::clone(providers);
    Box::new(move |request, purpose| {
        let providers = Arc::clone(&providers);
        Box::pin(async move {
            let provider = providers.get(&request.provider);
            match provider.and_then(|provider| provider.token_client.as_ref()) {
                Some(client) => client.token(&request, purpose).await,
                None => Err(Error::NotEnabled(request.provider)),
            }
        })
    })
}

fn cache_result(result: &Result<Served, Failed>, freshness: Freshness) -> CacheResult {
    match (result, freshness) {
        (
            Ok(Served {
                source: Source::Hit,
                ..
            }),
            _,
        ) => CacheResult::Hit,
        (
            Ok(Served {
                source: Source::Stale,
                ..
            }),
            _,
        ) => CacheResult::Stale,
        (_, Freshness::Renewed) => CacheResult::Bypass,
        (_, Freshness::Cached) => CacheResult::Miss,
    }
}
