//! Where tokens are asked for: known from the start, or read from the provider's metadata document
//! (OpenID Connect Discovery 1.0 §4, RFC 8414) in the background.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::http_client::{Answer, Failure, HttpClient};
use crate::json::Bounded;
use crate::metrics::{Metrics, Operation, Outcome};
use crate::oauth::{Error, ProviderName};

/// How long a document is taken for true.
const FRESH_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// The time between attempts doubles from the first to the second of these; a caller in need shortens it
/// to the first.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A token endpoint that is known, or will be.
#[derive(Debug)]
pub struct Endpoint {
    state: watch::Sender<State>,
    source: Option<Source>,
    wanted: Notify,
}

#[derive(Clone, Debug)]
enum State {
    Known(Url),
    Unknown { attempts: u64, cause: &'static str },
}

#[derive(Clone, Debug)]
struct Source {
    well_known: Url,
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: Url,
}

impl Endpoint {
    /// An endpoint that was configured or derived.
    #[must_use]
    pub fn known(url: Url) -> Self {
        Self {
            state: watch::Sender::new(State::Known(url)),
            source: None,
            wanted: Notify::new(),
        }
    }

    /// The endpoint that the document at `well_known` names; its issuer must be `issuer` if that is given.
    #[must_use]
    pub fn from_metadata(well_known: Url, issuer: Option<String>) -> Self {
        let unknown = State::Unknown {
            attempts: 0,
            cause: "its metadata is not yet there",
        };
        Self {
            state: watch::Sender::new(unknown),
            source: Some(Source { well_known, issuer }),
            wanted: Notify::new(),
        }
    }

    /// The endpoint; where it is not known yet, the outcome of the next attempt to fetch the document.
    pub(super) async fn url(&self, patience: Duration) -> Result<Url, Error> {
        let mut states = self.state.subscribe();
        let seen = match &*states.borrow_and_update() {
            State::Known(url) => return Ok(url.clone()),
            State::Unknown { attempts, .. } => *attempts,
        };
        self.wanted.notify_one();
        let is_news =
            |state: &State| !matches!(state, State::Unknown { attempts, .. } if *attempts == seen);
        match timeout(patience, states.wait_for(is_news)).await {
            Ok(Ok(state)) => match &*state {
                State::Known(url) => Ok(url.clone()),
                State::Unknown { cause, .. } => Err(Error::Unreachable(Cow::Borrowed(cause))),
            },
            _ => Err(Error::Unreachable(Cow::Borrowed(
                "its metadata does not come in time",
            ))),
        }
    }

    /// Fetches the document until it is there, then once a day. Returns at once if there is none to fetch.
    pub async fn discover(&self, provider: ProviderName, http: &HttpClient, metrics: &Metrics) {
        let Some(source) = &self.source else { return };
        let mut pause = FIRST_PAUSE;
        loop {
            match source.fetch(provider, http, metrics).await {
                Ok(url) => {
                    self.state.send_replace(State::Known(url));
                    sleep(FRESH_FOR).await;
                    pause = FIRST_PAUSE;
                }
                Err(cause) => {
                    self.note_failure(provider, cause);
                    sleep(FIRST_PAUSE).await;
                    let jittered = pause.mul_f64(1.0 + 0.25 * fastrand::f64());
                    let _ = timeout(jittered.min(LONGEST_PAUSE), self.wanted.notified()).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Keeps an endpoint that was known; else tells those who wait.
    fn note_failure(&self, provider: ProviderName, cause: &'static str) {
        let mut is_first = false;
        self.state.send_if_modified(|state| match state {
            State::Known(_) => false,
            State::Unknown {
                attempts,
                cause: last,
            } => {
                is_first = *attempts == 0;
                *attempts = attempts.saturating_add(1);
                *last = cause;
                true
            }
        });
        if is_first {
            tracing::warn!(identity_provider = %provider, cause, "no metadata yet; trying on");
        }
    }
}

impl Source {
    async fn fetch(
        &self,
        provider: ProviderName,
        http: &HttpClient,
        metrics: &Metrics,
    ) -> Result<Url, &'static str> {
        let begun = Instant::now();
        let answer = http.get(&self.well_known, Duration::MAX).await;
        let result = match &answer {
            Ok(answer) => self.read(answer).map_err(|cause| (Outcome::Invalid, cause)),
            Err(Failure::Unreachable(cause)) => Err((Outcome::Unreachable, cause.text())),
            Err(Failure::TimedOut) => Err((Outcome::Timeout, "its metadata does not come in time")),
            Err(_) => Err((Outcome::Invalid, "its metadata does not come whole")),
        };
        let outcome = result
            .as_ref()
            .map_or_else(|(outcome, _)| *outcome, |_| Outcome::Success);
        metrics.upstream_request(provider, Operation::Metadata, outcome, begun.elapsed());
        result.map_err(|(_, cause)| cause)
    }

    /// An endpoint may lie on another origin, but is plain http only where the issuer is, too.
    fn read(&self, answer: &Answer) -> Result<Url, &'static str> {
        if answer.status != 200 || serde_json::from_slice::<Bounded>(&answer.body).is_err() {
            return Err("its metadata is not a JSON document");
        }
        let document: Document = serde_json::from_slice(&answer.body)
            .map_err(|_| "its metadata names no issuer and token endpoint")?;
        if self
            .issuer
            .as_ref()
            .is_some_and(|issuer| *issuer != document.issuer)
        {
            return Err("its metadata names another issuer than the configured one");
        }
        let endpoint = document.token_endpoint;
        // The client would send them as its own credentials.
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return Err("its metadata names a token endpoint with a user or password in it");
        }
        match endpoint.scheme() {
            "https" => Ok(endpoint),
            "http" if document.issuer.starts_with("http://") => Ok(endpoint),
            _ => Err("its metadata names a token endpoint that is not https"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn read(configured: Option<&str>, issuer: &str, token_endpoint: &str) -> Option<String> {
        let source = Source {
            well_known: Url::parse("https://login.test/metadata").unwrap(),
            issuer: configured.map(str::to_owned),
        };
        let document = json!({"issuer": issuer, "token_endpoint": token_endpoint});
        let answer = Answer {
            status: 200,
            body: document.to_string().into_bytes().into(),
            content_type: None,
            retry_after: None,
            date: None,
        };
        source.read(&answer).ok().map(Into::into)
    }

    #[rstest]
    #[case(None, true)]
    #[case(Some("https://login.test"), true)]
    #[case(Some("https://login.test/"), false)]
    #[case(Some("https://other.test"), false)]
    fn k14_an_issuer_other_than_the_configured_one_is_refused(
        #[case] configured: Option<&str>,
        #[case] is_taken: bool,
    ) {
        let endpoint = read(configured, "https://login.test", "https://login.test/token");

        assert_eq!(endpoint.is_some(), is_taken);
    }

    #[rstest]
    #[case("https://login.test", "https://elsewhere.test/token", true)]
    #[case("https://login.test", "http://login.test/token", false)]
    #[case("https://login.test", "http://127.0.0.1/token", false)]
    #[case("https://login.test", "file:///etc/passwd", false)]
    #[case("https://login.test", "https://user:word@login.test/token", false)]
    #[case("https://login.test", "https://user@login.test/token", false)]
    #[case("http://127.0.0.1:1", "http://127.0.0.1:2/token", true)]
    #[case("http://127.0.0.1:1", "https://login.test/token", true)]
    fn k15_a_token_endpoint_is_https_or_as_plain_as_its_issuer(
        #[case] issuer: &str,
        #[case] token_endpoint: &str,
        #[case] is_taken: bool,
    ) {
        let endpoint = read(None, issuer, token_endpoint);

        assert_eq!(endpoint.as_deref(), is_taken.then_some(token_endpoint));
    }
}
