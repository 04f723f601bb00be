//! The daemon's public interface: picks the provider, asks the cache, counts once.

mod introspection;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::cache::{CacheLimits, Failed, Rooms, Served, Source, TokenCache};
use crate::clock::{Clock, Moment};
use crate::metrics::{CacheKind, CacheResult, Metrics};
use crate::oauth::{
    Error, Fingerprints, Flow, Freshness, ProviderName, Subject, TokenRequest, UserToken,
};
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

impl Provider {
    fn supports(&self, flow: Flow) -> bool {
        let client = self.token_client.as_ref();
        client.is_some_and(|client| client.supports(flow))
    }
}

/// Answers every question that a front end may put.
pub struct Broker {
    providers: Arc<HashMap<ProviderName, Provider>>,
    /// Their names, in the order of the configuration.
    names: Vec<ProviderName>,
    /// Tokens for the app itself.
    tokens: Arc<TokenCache>,
    /// Tokens on behalf of users: made with the first one, for most apps never ask.
    exchanges: OnceLock<Exchanges>,
    rooms: Arc<Rooms>,
    limits: CacheLimits,
    verdicts: Verdicts,
    metrics: Arc<Metrics>,
    clock: Clock,
}

/// Tokens on behalf of users, and what stands for the users' own in their keys.
struct Exchanges {
    cache: Arc<TokenCache>,
    fingerprints: Fingerprints,
}

/// What a broker works with.
pub struct Setting {
    /// What bounds everything that it keeps, in all.
    pub limits: CacheLimits,
    /// Counts what it answers.
    pub metrics: Arc<Metrics>,
    /// Tells the time.
    pub clock: Clock,
}

impl Broker {
    /// A broker for the providers that are on. It must be made within the runtime.
    pub fn new(providers: impl IntoIterator<Item = Provider>, setting: Setting) -> Self {
        let Setting { limits, clock, .. } = setting;
        let mut names = Vec::new();
        let providers: HashMap<_, _> = providers
            .into_iter()
            .inspect(|provider| names.push(provider.name))
            .map(|provider| (provider.name, provider))
            .collect();
        let providers = Arc::new(providers);
        let rooms = Arc::new(Rooms::new(providers.keys().copied(), limits.answer));
        for kind in CacheKind::ALL {
            let share = share(kind, limits.max_bytes);
            setting.metrics.cache_limit(kind, share);
        }
        let of_tokens = CacheLimits {
            max_bytes: share(CacheKind::Token, limits.max_bytes),
            ..limits
        };
        let fetch = fetch_from(&providers);
        Self {
            tokens: TokenCache::new(Arc::clone(&rooms), of_tokens, clock.clone(), fetch),
            exchanges: OnceLock::new(),
            verdicts: Verdicts::new(share(CacheKind::Introspection, limits.max_bytes)),
            metrics: setting.metrics,
            names,
            providers,
            rooms,
            limits,
            clock,
        }
    }

    /// `None` if the system has no randomness.
    fn exchanges(&self) -> Option<&Exchanges> {
        if let Some(exchanges) = self.exchanges.get() {
            return Some(exchanges);
        }
        let fingerprints = Fingerprints::random().ok()?;
        let limits = CacheLimits {
            max_bytes: share(CacheKind::Exchange, self.limits.max_bytes),
            ..self.limits
        };
        let (rooms, fetch) = (Arc::clone(&self.rooms), fetch_from(&self.providers));
        let cache = || TokenCache::new(rooms, limits, self.clock.clone(), fetch);
        Some(self.exchanges.get_or_init(|| Exchanges {
            cache: cache(),
            fingerprints,
        }))
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
        self.supports(provider, Flow::TokenRequest)?;
        let result = self.tokens.token(request, None, freshness).await;
        let answered = cache_result(&result, freshness);
        self.metrics
            .cache_request(CacheKind::Token, provider, answered);
        result
    }

    /// A token on behalf of the user whose token this is.
    ///
    /// # Errors
    /// As the cache, or if the provider is off or cannot do this.
    pub async fn exchange(
        &self,
        mut request: TokenRequest,
        user_token: UserToken,
        freshness: Freshness,
    ) -> Result<Served, Failed> {
        let provider = request.provider;
        self.supports(provider, Flow::TokenExchange)?;
        let Some(exchanges) = self.exchanges() else {
            return Err(failed(Error::Internal));
        };
        request.subject = Subject::User(exchanges.fingerprints.of(&user_token));
        let exchanged = exchanges.cache.token(request, Some(user_token), freshness);
        let result = exchanged.await;
        let answered = cache_result(&result, freshness);
        self.metrics
            .cache_request(CacheKind::Exchange, provider, answered);
        result
    }

    fn supports(&self, name: ProviderName, flow: Flow) -> Result<(), Failed> {
        let error = match self.providers.get(&name) {
            None => Error::NotEnabled(name),
            Some(provider) if provider.supports(flow) => return Ok(()),
            Some(_) => Error::Unsupported(name, flow),
        };
        Err(failed(error))
    }

    /// This moment, by the clock that deadlines go by.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The tokens for the app itself, for what renews them in the background. Nothing renews those of users:
    /// that takes the user's own token, which is not kept.
    #[must_use]
    pub fn tokens(&self) -> &Arc<TokenCache> {
        &self.tokens
    }

    /// Drops tokens and verdicts that have ended: where nobody asks for anything, nothing else would.
    pub fn drop_ended(&self) {
        self.tokens.drop_ended();
        if let Some(exchanges) = self.exchanges.get() {
            exchanges.cache.drop_ended();
        }
        self.verdicts.drop_ended();
    }

    /// Forgets a provider's refusals and back-off, as after a change of its credential.
    pub fn forget_failures(&self, provider: ProviderName) {
        self.tokens.forget_failures(provider);
        if let Some(exchanges) = self.exchanges.get() {
            exchanges.cache.forget_failures(provider);
        }
    }

    /// The providers that are on, in the order of the configuration.
    #[must_use]
    pub fn providers(&self) -> &[ProviderName] {
        &self.names
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
        let exchanges = self.exchanges.get().map(|made| made.cache.size());
        let exchanges = exchanges.unwrap_or_default();
        for (kind, size) in [
            (CacheKind::Token, self.tokens.size()),
            (CacheKind::Exchange, exchanges),
            (CacheKind::Introspection, self.verdicts.size()),
        ] {
            self.metrics.cache_size(kind, size);
        }
        let at_risk = self.tokens.at_risk();
        for provider in self.providers.values() {
            if provider.supports(Flow::TokenRequest) {
                let tokens = at_risk.get(&provider.name).copied();
                self.metrics
                    .tokens_at_risk(provider.name, tokens.unwrap_or_default());
            }
        }
        let verifiers = self.providers.values();
        for verifier in verifiers.filter_map(|provider| provider.verifier.as_ref()) {
            let (age, skipped) = (verifier.keys_age(), verifier.keys_skipped());
            self.metrics.keys(verifier.provider(), age, skipped);
        }
        self.metrics.render()
    }
}

/// What each cache may take of all the bytes.
fn share(kind: CacheKind, max_bytes: u64) -> u64 {
    match kind {
        CacheKind::Token | CacheKind::Introspection => max_bytes / 4,
        CacheKind::Exchange => max_bytes / 2,
    }
}

fn fetch_from(providers: &Arc<HashMap<ProviderName, Provider>>) -> crate::cache::Fetch {
    let providers = Arc::clone(providers);
    Box::new(move |errand| {
        let providers = Arc::clone(&providers);
        Box::pin(async move {
            let name = errand.request.provider;
            let provider = providers.get(&name);
            match provider.and_then(|provider| provider.token_client.as_ref()) {
                Some(client) => client.token(&errand).await,
                None => Err(Error::NotEnabled(name)),
            }
        })
    })
}

fn failed(error: Error) -> Failed {
    Failed {
        error: Arc::new(error),
        retry_after: std::time::Duration::ZERO,
    }
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
