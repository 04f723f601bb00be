//! Getting one token from one provider: form, attempts, credential, answer.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::answer::{self, Issued};
use super::health::Health;
use super::outcome::{error, outcome};
use super::request::Attempted;
use super::{Credential, Credentials, Endpoint};
use crate::client_auth::{Client, Recipient};
use crate::clock::{Clock, Deadline, Moment};
use crate::http_client::{self, Answer, Attempt, HttpClient, RetryBudget};
use crate::metrics::{Metrics, Operation};
use crate::oauth::{
    Errand, Error, Flow, Grants, Lifetime, ProviderName, Purpose, Token, UserGrant,
};

/// What every provider's client works with.
#[derive(Clone)]
pub struct Setting {
    /// Makes the calls.
    pub http: Arc<HttpClient>,
    /// Bounds the retries of the whole process.
    pub retries: Arc<RetryBudget>,
    /// Counts the calls.
    pub metrics: Arc<Metrics>,
    /// Times them.
    pub clock: Clock,
    /// The time for one token, attempts and all.
    pub time_limit: Duration,
}

/// Gets tokens, for the app itself and on behalf of users.
pub struct TokenClient {
    provider: ProviderName,
    client: Client,
    grants: Grants,
    endpoint: Endpoint,
    credentials: Arc<Credentials>,
    health: Health,
    skew_millis: AtomicI64,
    setting: Setting,
}

/// With less time left no try with another credential begins: the refusal says more than a time-out.
const LEAST_TIME: Duration = Duration::from_millis(250);
/// Stands for a clock skew that is not known yet.
const UNKNOWN_SKEW: i64 = i64::MIN;

/// The answer to one attempt.
struct Answered {
    result: Result<Token, Error>,
    may_be_retried: bool,
}

impl Answered {
    /// No answer, for a fault of our own.
    fn failed(error: Error) -> Self {
        Self {
            result: Err(error),
            may_be_retried: false,
        }
    }
}

impl TokenClient {
    /// A client that proves who it is by `credentials`.
    #[must_use]
    pub fn new(
        provider: ProviderName,
        (client, grants): (Client, Grants),
        endpoint: Endpoint,
        credentials: Arc<Credentials>,
        setting: Setting,
    ) -> Self {
        let health = Health::new(provider);
        Self {
            provider,
            client,
            grants,
            endpoint,
            credentials,
            health,
            skew_millis: AtomicI64::new(UNKNOWN_SKEW),
            setting,
        }
    }

    /// Whether the provider issues such tokens.
    #[must_use]
    pub fn supports(&self, flow: Flow) -> bool {
        self.grants.support(flow)
    }

    /// One token, retried only for callers who wait, and tried with another credential if this one is refused.
    ///
    /// # Errors
    /// The last attempt's.
    pub async fn token(&self, errand: &Errand) -> Result<Token, Error> {
        let clock = &self.setting.clock;
        let deadline = clock.now().after(self.setting.time_limit);
        let result = self.token_before(deadline, errand).await;
        self.health.note(&result);
        result
    }

    async fn token_before(&self, deadline: Deadline, errand: &Errand) -> Result<Token, Error> {
        let recipient = self.endpoint.recipient(self.time_left(deadline)).await?;
        let credential = self.credentials.current();
        let result = self
            .attempts(deadline, &recipient, errand, &credential)
            .await;
        if !is_invalid_client(&result) {
            if result.is_ok() {
                self.credentials.accepted(&credential);
            }
            return result;
        }
        let alternative = timeout(
            self.time_left(deadline),
            self.credentials.after_refusal(&credential),
        );
        let Ok(Some(alternative)) = alternative.await else {
            return result;
        };
        if self.time_left(deadline) < LEAST_TIME {
            return result;
        }
        let result = self
            .attempts(deadline, &recipient, errand, alternative.credential())
            .await;
        if result.is_ok() {
            alternative.accepted();
        } else if is_invalid_client(&result) {
            alternative.refused();
        }
        result
    }

    fn time_left(&self, deadline: Deadline) -> Duration {
        deadline.remaining(self.setting.clock.now())
    }

    async fn attempts(
        &self,
        deadline: Deadline,
        recipient: &Recipient,
        errand: &Errand,
        credential: &Credential,
    ) -> Result<Token, Error> {
        let Setting { retries, clock, .. } = &self.setting;
        let answered =
            http_client::with_retries(retries, clock, deadline, |time_left| async move {
                let answered = self.attempt(recipient, errand, credential, time_left).await;
                if answered.may_be_retried && errand.purpose == Purpose::Caller {
                    Attempt::Passing(answered)
                } else {
                    Attempt::Final(answered)
                }
            });
        answered.await.result
    }

    async fn attempt(
        &self,
        recipient: &Recipient,
        errand: &Errand,
        credential: &Credential,
        time_left: Duration,
    ) -> Answered {
        let (begun, started) = (self.setting.clock.now(), Instant::now());
        let attempted = Attempted {
            client: &self.client,
            grants: self.grants,
            recipient,
            credential,
            now: begun.wall(),
        };
        let form = match attempted.form(errand) {
            Ok(form) => form,
            Err(error) => return Answered::failed(error),
        };
        let http = &self.setting.http;
        let answer = http
            .post_form(&recipient.token_endpoint, form, time_left)
            .await;
        let answered = match &answer {
            Ok(answer) => Answered {
                result: self.read(answer, errand, begun),
                may_be_retried: answer.may_be_retried(),
            },
            Err(failure) => Answered {
                result: Err(error(*failure)),
                may_be_retried: failure.may_be_retried(),
            },
        };
        let outcome = outcome(&answered.result);
        let operation = match errand.user_token {
            None => Operation::Token,
            Some(_) => Operation::Exchange,
        };
        self.setting
            .metrics
            .upstream_request(self.provider, operation, outcome, started.elapsed());
        answered
    }

    fn read(&self, answer: &Answer, errand: &Errand, begun: Moment) -> Result<Token, Error> {
        self.note_clock_skew(answer);
        let issued = answer::read(answer.status, &answer.body, answer.pause())
            .and_then(|issued| self.fitting(issued, errand))
            .inspect_err(|error| self.note_nonsense(error, answer))?;
        if issued.states_no_lifetime() {
            self.setting.metrics.lifetime_missing(self.provider);
        }
        let user_token = errand.user_token.as_ref();
        let cap = user_token.map(|token| token.remaining(begun.wall()));
        token(&issued, begun, cap)
    }

    /// A token exchange may bring other things than tokens to be shown (RFC 8693 §2.2.1).
    fn fitting(&self, issued: Issued, errand: &Errand) -> Result<Issued, Error> {
        let is_exchange = matches!(self.grants.user, Some(UserGrant::TokenExchange(..)));
        if is_exchange && errand.user_token.is_some() && !issued.is_access_token() {
            return Err(Error::Nonsense(Cow::Borrowed(
                "the identity provider issued something else than an access token",
            )));
        }
        Ok(issued)
    }

    fn note_nonsense(&self, error: &Error, answer: &Answer) {
        if matches!(error, Error::Nonsense(_)) {
            let media_type = answer.content_type.as_deref();
            self.health
                .log_nonsense(answer.status, media_type, answer.body.len());
        }
    }

    /// `Date` is in whole seconds (RFC 9110 §6.6.1): on average half a second has passed since.
    fn note_clock_skew(&self, answer: &Answer) {
        let Some(date) = answer.date else { return };
        let ours = self.setting.clock.now().wall();
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let ahead = match date.duration_since(ours) {
            Ok(ahead) => millis(ahead),
            Err(behind) => millis(behind.duration()).saturating_neg(),
        };
        self.skew_millis
            .store(ahead.saturating_add(500), Ordering::Relaxed);
        if let Some(skew) = self.clock_skew() {
            self.setting.metrics.clock_skew(self.provider, skew);
        }
    }

    /// By how many seconds the provider's clock is ahead of ours, as its last answer told.
    pub fn clock_skew(&self) -> Option<f64> {
        let millis = self.skew_millis.load(Ordering::Relaxed);
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds between two clocks are few"
        )]
        (millis != UNKNOWN_SKEW).then_some(millis as f64 / 1000.0)
    }

    /// The credential in use.
    pub fn credential(&self) -> Arc<Credential> {
        self.credentials.current()
    }
}

pub(super) fn token(issued: &Issued, begun: Moment, cap: Option<Duration>) -> Result<Token, Error> {
    let lifetime = Lifetime {
        begun,
        stated: issued.lifetime(),
        refresh_in: issued.refresh_in,
        cap,
    };
    Token::new(&issued.access_token, lifetime).ok_or(Error::Nonsense(Cow::Borrowed(
        "the identity provider's token has characters that no token may have",
    )))
}

fn is_invalid_client(result: &Result<Token, Error>) -> bool {
    matches!(result, Err(Error::Refused(refusal)) if refusal.error == "invalid_client")
}
