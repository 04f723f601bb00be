//! A verifier, a clock and a scripted endpoint for its keys.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

pub(super) use super::script::{Endpoint, Reply, most_within};

use crate::clock::Clock;
use crate::discovery::{Issuers, Metadata};
use crate::metrics::Metrics;
use crate::oauth::ProviderName;
use crate::verifier::{Audience, Calls, Failure, KeyIssuers, Settings, Verifier, Workers};

pub(super) const ISSUER: &str = "https://issuer.test";
pub(super) const HOUR: u64 = 3_600;

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
        let workers = Arc::new(Workers::for_cores(1));
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
