//! What a provider tells about itself in its metadata document (OpenID Connect Discovery 1.0 §4, RFC 8414),
//! fetched in the background.

mod document;
mod published;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use url::Url;

pub use document::{Document, Issuers, Member};
pub use published::Publisher;

use crate::http_client::{Answer, Get};
use crate::metrics::{Metrics, Operation};
use crate::oauth::ProviderName;

/// How long a document is taken for true.
const FRESH_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The time between attempts doubles from the first to the second of these; a caller in need shortens it
/// to the first.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A provider's metadata: known, or to come.
#[derive(Debug)]
pub struct Metadata {
    provider: ProviderName,
    well_known: Url,
    issuers: Issuers,
    needed: Member,
    state: watch::Sender<State>,
    wanted: Notify,
}

#[derive(Clone, Debug)]
enum State {
    Known(Arc<Document>),
    Unknown { attempts: u64, cause: &'static str },
}

impl State {
    fn document(&self) -> Option<&Arc<Document>> {
        match self {
            Self::Known(document) => Some(document),
            Self::Unknown { .. } => None,
        }
    }
}

impl Metadata {
    /// The metadata at `well_known`, whose issuer must be as `issuers` say, and which are nothing without the
    /// member that is `needed`.
    #[must_use]
    pub fn new(provider: ProviderName, well_known: Url, issuers: Issuers, needed: Member) -> Self {
        let unknown = State::Unknown {
            attempts: 0,
            cause: "its metadata is not yet there",
        };
        Self {
            provider,
            well_known,
            issuers,
            needed,
            state: watch::Sender::new(unknown),
            wanted: Notify::new(),
        }
    }

    /// The document, if it is there.
    #[must_use]
    pub fn known(&self) -> Option<Arc<Document>> {
        self.state.borrow().document().map(Arc::clone)
    }

    /// The document; where it is not there yet, the outcome of the next attempt to fetch it.
    ///
    /// # Errors
    /// Why there is none, in a fixed text.
    pub async fn document(&self, patience: Duration) -> Result<Arc<Document>, &'static str> {
        let mut states = self.state.subscribe();
        let seen = match &*states.borrow_and_update() {
            State::Known(document) => return Ok(Arc::clone(document)),
            State::Unknown { attempts, .. } => *attempts,
        };
        self.wanted.notify_one();
        let is_news =
            |state: &State| !matches!(state, State::Unknown { attempts, .. } if *attempts == seen);
        match timeout(patience, states.wait_for(is_news)).await {
            Ok(Ok(state)) => match &*state {
                State::Known(document) => Ok(Arc::clone(document)),
                State::Unknown { cause, .. } => Err(cause),
            },
            _ => Err("its metadata does not come in time"),
        }
    }

    /// Returns when a document is there that is not `document`.
    pub async fn other_than(&self, document: Option<&Arc<Document>>) {
        let mut states = self.state.subscribe();
        let is_other = |state: &State| {
            let new = state.document();
            new.is_some_and(|new| document.is_none_or(|old| !Arc::ptr_eq(old, new)))
        };
        // It fails only when there is no sender, and this is one.
        let _ = states.wait_for(is_other).await;
    }

    /// Fetches the document until it is there, then once a day, for as long as it is polled.
    pub async fn keep(&self, get: &Get, metrics: &Metrics) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.fetch(get, metrics).await {
                Ok(document) => {
                    self.state.send_replace(State::Known(Arc::new(document)));
                    sleep(FRESH_FOR).await;
                    pause = FIRST_PAUSE;
                }
                Err(cause) => {
                    self.note_failure(cause);
                    sleep(FIRST_PAUSE).await;
                    let jittered = pause.mul_f64(1.0 + 0.25 * fastrand::f64());
                    let _ = timeout(jittered.min(LONGEST_PAUSE), self.wanted.notified()).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn fetch(&self, get: &Get, metrics: &Metrics) -> Result<Document, &'static str> {
        let publisher = Publisher {
            provider: self.provider,
            operation: Operation::Metadata,
            get,
            metrics,
        };
        let read = |answer: &Answer| Document::read(answer, &self.issuers, self.needed);
        publisher.document(&self.well_known, read).await
    }

    /// Keeps a document that was known; else tells those who wait. A cause is logged when it is news.
    fn note_failure(&self, cause: &'static str) {
        let mut is_news = false;
        self.state.send_if_modified(|state| match state {
            State::Known(_) => false,
            State::Unknown {
                attempts,
                cause: last,
            } => {
                is_news = *last != cause;
                *attempts = attempts.saturating_add(1);
                *last = cause;
                true
            }
        });
        if is_news {
            tracing::warn!(identity_provider = %self.provider, cause, "no metadata yet; trying on");
        }
    }
}
