//! A cache, a clock and a scripted provider, with verbs for what happens on it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::script::Provider;
pub(super) use super::script::{Call, Reply};
use crate::cache::{CacheLimits, Failed, Fetch, Rooms, Served, Source, TokenCache};
use crate::clock::Clock;
use crate::oauth::{Freshness, ProviderName, TokenRequest};

/// How long the cache lets a caller wait, here and by default.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(4);
pub(super) const HOUR: u64 = 3_600;

/// What a caller got.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Got {
    pub(super) token: String,
    pub(super) expires_in: u64,
    pub(super) source: Source,
}

#[derive(Clone)]
pub(super) struct Stage {
    pub(super) cache: Arc<TokenCache>,
    pub(super) clock: Clock,
    provider: Arc<Provider>,
}

impl Stage {
    pub(super) fn new(script: impl FnMut(&Call) -> Reply + Send + 'static) -> Self {
        Self::with_bytes(16 << 20, script)
    }

    /// A provider that issues tokens of this many seconds at once.
    pub(super) fn issuing(seconds: u64) -> Self {
        Self::new(move |_| Reply::token(seconds))
    }

    pub(super) fn with_bytes(
        max_bytes: u64,
        script: impl FnMut(&Call) -> Reply + Send + 'static,
    ) -> Self {
        let clock = Clock::of_runtime();
        let provider = Arc::new(Provider {
            start: Instant::now(),
            clock: clock.clone(),
            script: Mutex::new(Box::new(script)),
            calls: Mutex::default(),
            running: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        });
        let asked = Arc::clone(&provider);
        let fetch: Fetch = Box::new(move |errand| {
            let provider = Arc::clone(&asked);
            Box::pin(async move { provider.answer(&errand.request, errand.purpose).await })
        });
        let answer = ANSWER_LIMIT;
        let limits = CacheLimits { max_bytes, answer };
        Self {
            cache: TokenCache::new(
                Arc::new(Rooms::new(ProviderName::ALL, answer)),
                limits,
                clock.clone(),
                fetch,
            ),
            clock,
            provider,
        }
    }

    /// The same stage with the timer for renewals running.
    pub(super) fn with_timer(self) -> Self {
        let cache = Arc::clone(&self.cache);
        tokio::spawn(async move { cache.renew_when_due().await });
        self
    }

    pub(super) fn follow(&self, script: impl FnMut(&Call) -> Reply + Send + 'static) {
        *self.provider.script.lock().unwrap() = Box::new(script);
    }

    pub(super) async fn ask(&self, target: &str) -> Result<Got, Failed> {
        self.request(request(target), Freshness::Cached).await
    }

    pub(super) async fn force(&self, target: &str) -> Result<Got, Failed> {
        self.request(request(target), Freshness::Renewed).await
    }

    pub(super) async fn request(
        &self,
        request: TokenRequest,
        freshness: Freshness,
    ) -> Result<Got, Failed> {
        let Served { held, source, .. } = self.cache.token(request, None, freshness).await?;
        let answer = held.token().answer(self.clock.now());
        let json: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        Ok(Got {
            token: json["access_token"].as_str().unwrap().to_owned(),
            expires_in: json["expires_in"].as_u64().unwrap(),
            source,
        })
    }

    /// The same, and how long it took.
    pub(super) async fn timed_ask(&self, target: &str) -> (Result<Got, Failed>, Duration) {
        let start = Instant::now();
        let got = self.ask(target).await;
        (got, start.elapsed())
    }

    /// Begins to ask in a task of its own; the request has reached the cache when this returns.
    pub(super) async fn asking(&self, target: &'static str, freshness: Freshness) -> Asking {
        let stage = self.clone();
        let task = tokio::spawn(async move { stage.request(request(target), freshness).await });
        settle().await;
        Asking(task)
    }

    /// Sleeps until this many seconds after the stage was set.
    pub(super) async fn until(&self, seconds: f64) {
        sleep_until(self.provider.start + Duration::from_secs_f64(seconds)).await;
        settle().await;
    }

    pub(super) fn seconds(&self) -> f64 {
        self.provider.start.elapsed().as_secs_f64()
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.provider.calls.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.provider.calls.lock().unwrap().len()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.provider.most_at_once.load(Ordering::Relaxed)
    }

    pub(super) fn running(&self) -> usize {
        self.provider.running.load(Ordering::Relaxed)
    }
}

/// A caller in a task of its own.
pub(super) struct Asking(pub(super) tokio::task::JoinHandle<Result<Got, Failed>>);

impl Asking {
    pub(super) async fn got(self) -> Result<Got, Failed> {
        self.0.await.unwrap()
    }
}

pub(super) fn request(target: &str) -> TokenRequest {
    TokenRequest::new(ProviderName::EntraId, target)
}

/// Lets every task that can run do so.
pub(super) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// The times between calls.
pub(super) fn gaps(calls: &[Call]) -> Vec<Duration> {
    calls
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect()
}
