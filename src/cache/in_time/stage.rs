//! A cache, a clock and a provider that follows a script and notes every call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::cache::{CacheLimits, Failed, Fetch, Purpose, Served, Source, TokenCache};
use crate::clock::Clock;
use crate::oauth::{Error, Freshness, Lifetime, ProviderName, Refusal, Token, TokenRequest};
use crate::secret::Secret;

/// How long the cache lets a caller wait, here and by default.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(4);
pub(super) const HOUR: u64 = 3_600;

/// A call to the provider. The script is asked what to reply when it comes in.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) target: String,
    pub(super) purpose: Purpose,
    /// Time since the stage was set.
    pub(super) at: Duration,
    /// 1 for the first call, and so on.
    pub(super) number: usize,
}

/// What the provider does about a call.
pub(super) struct Reply {
    after: Duration,
    result: Result<(u64, Option<u64>), Error>,
    text: Option<&'static str>,
    panic: bool,
}

impl Reply {
    /// A token that nobody got before.
    pub(super) fn token(seconds: u64) -> Self {
        Self {
            after: Duration::ZERO,
            result: Ok((seconds, None)),
            text: None,
            panic: false,
        }
    }

    pub(super) fn error(error: Error) -> Self {
        Self {
            result: Err(error),
            ..Self::token(0)
        }
    }

    pub(super) fn refused() -> Self {
        Self::error(Error::Refused(Box::new(Refusal {
            status: 400,
            error: "invalid_scope".into(),
            description: None,
            further: serde_json::Map::new(),
        })))
    }

    pub(super) fn down() -> Self {
        Self::error(Error::Unreachable("down".into()))
    }

    pub(super) fn throttled(seconds: u64) -> Self {
        let retry_after = Duration::from_secs(seconds);
        Self::error(Error::Throttled { retry_after })
    }

    pub(super) fn unavailable(seconds: Option<u64>) -> Self {
        Self::error(Error::Unavailable {
            retry_after: seconds.map(Duration::from_secs),
            description: "busy".into(),
        })
    }

    pub(super) fn panics() -> Self {
        Self {
            panic: true,
            ..Self::token(0)
        }
    }

    pub(super) fn after_millis(self, millis: u64) -> Self {
        let after = Duration::from_millis(millis);
        Self { after, ..self }
    }

    pub(super) fn named(self, text: &'static str) -> Self {
        let text = Some(text);
        Self { text, ..self }
    }

    pub(super) fn refresh_in(self, seconds: u64) -> Self {
        let result = self.result.map(|(life, _)| (life, Some(seconds)));
        Self { result, ..self }
    }
}

type Script = Mutex<Box<dyn FnMut(&Call) -> Reply + Send>>;

struct Provider {
    start: Instant,
    clock: Clock,
    script: Script,
    calls: Mutex<Vec<Call>>,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// Counts a call out again even if it panics.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Provider {
    async fn answer(&self, request: &TokenRequest, purpose: Purpose) -> Result<Token, Error> {
        let begun = self.clock.now();
        let call = self.note(request, purpose);
        let reply = (self.script.lock().unwrap())(&call);
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        let _running = Running(&self.running);
        self.most_at_once.fetch_max(running, Ordering::Relaxed);
        sleep(reply.after).await;
        assert!(!reply.panic, "scripted panic");
        let (stated, refresh_in) = reply.result?;
        let lifetime = Lifetime {
            begun,
            stated: Duration::from_secs(stated),
            refresh_in: refresh_in.map(Duration::from_secs),
        };
        let numbered = || format!("{}-{}", call.target.replace(' ', "_"), call.number);
        let text = reply.text.map_or_else(numbered, str::to_owned);
        Ok(Token::new(&Secret::from(text), lifetime).unwrap())
    }

    fn note(&self, request: &TokenRequest, purpose: Purpose) -> Call {
        let mut calls = self.calls.lock().unwrap();
        let call = Call {
            target: request.target.clone(),
            purpose,
            at: self.start.elapsed(),
            number: calls.len() + 1,
        };
        calls.push(call.clone());
        call
    }
}

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
        let fetch: Fetch = Box::new(move |request, purpose| {
            let provider = Arc::clone(&asked);
            Box::pin(async move { provider.answer(&request, purpose).await })
        });
        let answer = ANSWER_LIMIT;
        let limits = CacheLimits { max_bytes, answer };
        Self {
            cache: TokenCache::new(ProviderName::ALL, limits, clock.clone(), fetch),
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
        let Served { held, source } = self.cache.token(request, freshness).await?;
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
    TokenRequest {
        provider: ProviderName::EntraId,
        target: target.to_owned(),
        resource: None,
        authorization_details: None,
    }
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
