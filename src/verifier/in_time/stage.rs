//! A verifier, a clock and a scripted endpoint for its keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::clock::Clock;
use crate::discovery::{Issuers, Metadata};
use crate::http_client::{Answer, Failure as CallFailure, Get};
use crate::metrics::Metrics;
use crate::oauth::ProviderName;
use crate::verifier::published::{rsa, set};
use crate::verifier::{Audience, Calls, Failure, KeyIssuers, Settings, Verifier, Workers};

pub(super) const ISSUER: &str = "https://issuer.test";
/// The time-out of a call, as by default.
pub(super) const TIMEOUT: u64 = 3;
pub(super) const HOUR: u64 = 3_600;

/// What the endpoint does with a call.
pub(super) struct Reply {
    after: Duration,
    result: Result<(u16, Vec<u8>), CallFailure>,
}

impl Reply {
    /// 200 with one and the same key under each of these names.
    pub(super) fn keys(ids: &[&str]) -> Self {
        let entries: Vec<Value> = ids.iter().map(|id| rsa(id)).collect();
        Self::body(set(&entries))
    }

    pub(super) fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    pub(super) fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::from(Ok((status, body.into())))
    }

    pub(super) fn fails(failure: CallFailure) -> Self {
        Self::from(Err(failure))
    }

    pub(super) fn refused() -> Self {
        Self::fails(CallFailure::Unreachable(crate::http_client::Cause::Refused))
    }

    /// No answer until the time-out.
    pub(super) fn hangs() -> Self {
        Self::fails(CallFailure::TimedOut).after(TIMEOUT as f64)
    }

    pub(super) fn after(mut self, seconds: f64) -> Self {
        self.after = Duration::from_secs_f64(seconds);
        self
    }

    fn from(result: Result<(u16, Vec<u8>), CallFailure>) -> Self {
        Self {
            after: Duration::ZERO,
            result,
        }
    }
}

type Script = Box<dyn FnMut(usize) -> Reply + Send>;

/// What is asked for documents. The script is given the number of the call, from 1.
#[derive(Clone)]
pub(super) struct Endpoint(Arc<Inner>);

struct Inner {
    start: Instant,
    script: Mutex<Script>,
    calls: Mutex<Vec<f64>>,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Endpoint {
    pub(super) fn new(script: impl FnMut(usize) -> Reply + Send + 'static) -> Self {
        Self(Arc::new(Inner {
            start: Instant::now(),
            script: Mutex::new(Box::new(script)),
            calls: Mutex::default(),
            running: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        }))
    }

    pub(super) fn follow(&self, script: impl FnMut(usize) -> Reply + Send + 'static) {
        *self.0.script.lock().unwrap() = Box::new(script);
    }

    /// When the calls came, in seconds since the start.
    pub(super) fn calls(&self) -> Vec<f64> {
        self.0.calls.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.0.calls.lock().unwrap().len()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.0.most_at_once.load(Ordering::Relaxed)
    }

    pub(super) fn get(&self) -> Get {
        let endpoint = self.clone();
        Arc::new(move |_| {
            let endpoint = endpoint.clone();
            Box::pin(async move { endpoint.answer().await })
        })
    }

    async fn answer(&self) -> Result<Answer, CallFailure> {
        let inner = &self.0;
        let number = {
            let mut calls = inner.calls.lock().unwrap();
            calls.push(inner.start.elapsed().as_secs_f64());
            calls.len()
        };
        let running = inner.running.fetch_add(1, Ordering::Relaxed) + 1;
        inner.most_at_once.fetch_max(running, Ordering::Relaxed);
        let reply = (inner.script.lock().unwrap())(number);
        sleep(reply.after).await;
        inner.running.fetch_sub(1, Ordering::Relaxed);
        let (status, body) = reply.result?;
        Ok(Answer {
            status,
            body: body.into(),
            content_type: None,
            retry_after: None,
            date: None,
        })
    }
}

/// What a caller was told about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    There,
    /// The provider has no such key.
    Absent,
    /// With the pause after which to come again.
    Unavailable(Duration),
}

impl Told {
    pub(super) fn is_unavailable(self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

#[derive(Clone)]
pub(super) struct Stage {
    pub(super) verifier: Arc<Verifier>,
    pub(super) clock: Clock,
    pub(super) endpoint: Endpoint,
    start: Instant,
}

impl Stage {
    pub(super) fn new(script: impl FnMut(usize) -> Reply + Send + 'static) -> Self {
        Self::with(settings(), Endpoint::new(script))
    }

    pub(super) fn with(settings: Settings, endpoint: Endpoint) -> Self {
        let clock = Clock::of_runtime();
        let calls = Calls {
            get: endpoint.get(),
            metrics: Arc::new(Metrics::new(&[settings.provider]).unwrap()),
            clock: clock.clone(),
        };
        let workers = Arc::new(Workers::for_cores(1).unwrap());
        let verifier = Arc::new(Verifier::new(settings, calls, workers));
        let kept = Arc::clone(&verifier);
        tokio::spawn(async move { kept.keep_keys().await });
        Self {
            verifier,
            clock,
            endpoint,
            start: Instant::now(),
        }
    }

    /// One whose first fetch has brought keys of these names, and which goes on as the script says.
    pub(super) async fn with_keys(
        ids: &'static [&str],
        script: impl FnMut(usize) -> Reply + Send + 'static,
    ) -> Self {
        let stage = Self::new(move |_| Reply::keys(ids));
        stage.fetched(1).await;
        stage.endpoint.follow(script);
        stage
    }

    /// Waits until this many fetches have ended.
    pub(super) async fn fetched(&self, count: u64) {
        let mut states = self.verifier.keyring.state.subscribe();
        states.wait_for(|state| state.ended >= count).await.unwrap();
    }

    pub(super) async fn ask(&self, id: &str) -> Told {
        match self.verifier.keyring.with_key(id).await {
            Ok(Some(trust)) => {
                assert!(!trust.keys.named(id).is_empty());
                Told::There
            }
            Ok(None) => Told::Absent,
            Err(Failure::KeysUnavailable { retry_after }) => Told::Unavailable(retry_after),
            Err(Failure::Internal) => panic!("a fault of our own"),
        }
    }

    /// The same, and how long it took.
    pub(super) async fn timed_ask(&self, id: &str) -> (Told, Duration) {
        let begun = Instant::now();
        let told = self.ask(id).await;
        (told, begun.elapsed())
    }

    /// Begins to ask in a task of its own; the question has been put when this returns.
    pub(super) async fn asking(&self, id: &str) -> JoinHandle<(Told, Duration)> {
        let (stage, id) = (self.clone(), id.to_owned());
        let task = tokio::spawn(async move { stage.timed_ask(&id).await });
        settle().await;
        task
    }

    /// Sleeps until this many seconds after the stage was set.
    pub(super) async fn until(&self, seconds: u64) {
        tokio::time::sleep_until(self.start + Duration::from_secs(seconds)).await;
        settle().await;
    }

    /// Lets both clocks jump ahead, as after a sleep of the machine, of which timers know nothing.
    pub(super) fn sleep_of_machine(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(super) fn settings() -> Settings {
    Settings {
        provider: ProviderName::EntraId,
        issuers: Issuers {
            own: Some(ISSUER.to_owned()),
            accepted: Vec::new(),
        },
        audience: Audience::OneOf(vec!["app".to_owned()]),
        jwks_uri: Some("https://issuer.test/keys".parse().unwrap()),
        metadata: None,
        key_issuers: KeyIssuers::Ignored,
    }
}

/// The same, with metadata that are fetched from this endpoint; it also says where the keys are and who issues.
pub(super) fn settings_from_metadata(endpoint: &Endpoint) -> Settings {
    let mut settings = settings();
    settings.issuers.own = None;
    settings.jwks_uri = None;
    with_metadata(settings, endpoint)
}

pub(super) fn with_metadata(mut settings: Settings, endpoint: &Endpoint) -> Settings {
    let url = "https://issuer.test/metadata".parse().unwrap();
    let metadata = Arc::new(Metadata::new(
        settings.provider,
        url,
        settings.issuers.clone(),
        crate::discovery::Member::Issuer,
    ));
    settings.metadata = Some(Arc::clone(&metadata));
    let get = endpoint.get();
    let metrics = Metrics::new(&[settings.provider]).unwrap();
    tokio::spawn(async move { metadata.keep(&get, &metrics).await });
    settings
}

/// Lets every task that can run do so.
pub(super) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// The most calls within any stretch of so many seconds.
pub(super) fn most_within(calls: &[f64], seconds: f64) -> usize {
    let within = |begin: &f64| {
        let stretch = calls
            .iter()
            .filter(|call| (*begin..begin + seconds).contains(call));
        stretch.count()
    };
    calls.iter().map(within).max().unwrap_or(0)
}
