//! Whether a token is valid for this app: the strict reading of JWTs (RFC 7519, RFC 8725), the provider's keys, and
//! the rules that its claims must meet. `docs/security.md` tells the order and the reasons.

mod algorithm;
mod bucket;
mod claims;
mod compact;
mod edwards;
mod fetch;
#[cfg(feature = "dev")]
#[doc(hidden)]
pub mod fuzzing;
mod header;
#[cfg(test)]
#[cfg(feature = "dev")]
mod in_time;
mod jwk;
mod key;
mod key_issuer;
mod key_set;
mod keyring;
#[cfg(test)]
#[cfg(feature = "dev")]
mod published;
mod refresh;
mod rules;
mod times;
mod trust;
mod verdict;
mod verdicts;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Moment;
use crate::oauth::ProviderName;

pub use algorithm::Algorithm;
pub use compact::Compact;
pub use fetch::Calls;
pub use key_set::{KeyIssuers, KeySet};
pub use rules::Audience;
pub use trust::Settings;
pub use verdict::{Failure, Reason, Verdict};
pub use verdicts::{Question, Verdicts};
pub use workers::Workers;

use claims::Claims;
use key::Key;
use keyring::Keyring;
use refresh::Refresh;
use rules::Rules;
use times::{NumericDate, Times};

/// Tells valid tokens of one provider from others.
pub struct Verifier {
    settings: Settings,
    started: Moment,
    keyring: Keyring,
    calls: Calls,
    workers: Arc<Workers>,
}

/// A token that was found valid, and what that rests on.
#[derive(Debug)]
pub struct Verified {
    provider: ProviderName,
    answer: Bytes,
    times: Times,
    key_id: String,
    key: Arc<Key>,
    rules: Arc<Rules>,
}

/// Whether tokens of an issuer are this provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issues {
    /// They are.
    Yes,
    /// They are not.
    No,
    /// Its own issuer is not known yet.
    Unknown,
}

impl Verifier {
    /// A verifier without keys; [`Verifier::keep_keys`] gets them.
    #[must_use]
    pub fn new(settings: Settings, calls: Calls, workers: Arc<Workers>) -> Self {
        let keyring = Keyring::new(calls.clock.clone());
        Self {
            started: calls.clock.now(),
            settings,
            keyring,
            calls,
            workers,
        }
    }

    /// Keeps the keys up to date, for as long as it is polled.
    pub async fn keep_keys(&self) {
        let refresh = Refresh {
            settings: &self.settings,
            keyring: &self.keyring,
            calls: &self.calls,
        };
        refresh.run().await;
    }

    /// Says whether the token is valid for this app, for the first reason that holds.
    ///
    /// # Errors
    /// If that cannot be known now.
    pub async fn verify(&self, token: Compact) -> Result<Result<Verified, Reason>, Failure> {
        let Some(key_id) = token.header.key_id.clone() else {
            return Ok(Err(Reason::NoKeyId));
        };
        let Some(trust) = self.keyring.with_key(&key_id).await? else {
            return Ok(Err(Reason::UnknownKey));
        };
        let awaits_issuer = self.settings.awaits_issuer(trust.follows_metadata);
        let rules = Arc::clone(&trust.rules);
        let algorithm = token.header.algorithm;
        let allowed = algorithm.filter(|algorithm| rules.algorithms.contains(algorithm));
        let keys = trust.keys.named(&key_id).iter();
        let keys: Vec<_> = keys
            .filter(|key| allowed == Some(key.algorithm()))
            .cloned()
            .collect();
        if keys.is_empty() {
            return Ok(Err(Reason::Algorithm));
        }
        let case = Case {
            provider: self.settings.provider,
            token,
            key_id,
            keys,
            rules,
            now: self.now(),
        };
        let judgement = self.workers.run(move || case.judge()).await;
        match judgement.ok_or(Failure::Internal)? {
            // It may be the one that the metadata are still to name.
            Err(Reason::Issuer) if awaits_issuer => Err(self.unavailable()),
            judgement => Ok(judgement),
        }
    }

    /// Whether a token that was found valid still is.
    #[must_use]
    pub fn still_holds(&self, verified: &Verified) -> bool {
        let Some(trust) = self.keyring.usable() else {
            return false;
        };
        Arc::ptr_eq(&trust.rules, &verified.rules)
            && trust.keys.holds(&verified.key_id, &verified.key)
            && verified.times.check(self.now()).is_ok()
    }

    /// For how long a verified token can stay valid.
    #[must_use]
    pub fn lifetime(&self, verified: &Verified) -> Duration {
        Duration::from_secs(verified.times.seconds_left(self.now()))
    }

    /// Whether tokens of this issuer are to be verified here.
    #[must_use]
    pub fn issues(&self, issuer: &str) -> Issues {
        let metadata = self.settings.metadata.as_ref();
        let document = metadata.and_then(|metadata| metadata.known());
        let rules = self.settings.rules(document.as_deref(), None);
        if rules.issuers.iter().any(|own| own == issuer) {
            Issues::Yes
        } else if self.settings.awaits_issuer(document.is_some()) {
            Issues::Unknown
        } else {
            Issues::No
        }
    }

    /// Whose tokens are verified here.
    #[must_use]
    pub fn provider(&self) -> ProviderName {
        self.settings.provider
    }

    /// Whether a token has to be for this app.
    #[must_use]
    pub fn checks_audience(&self) -> bool {
        matches!(self.settings.audience, Audience::OneOf(_))
    }

    /// The time since the keys were fetched; if they never were, since the start.
    #[must_use]
    pub fn keys_age(&self) -> Duration {
        let fetched = self.keyring.latest().map(|trust| trust.fetched);
        self.calls
            .clock
            .now()
            .since(fetched.unwrap_or(self.started))
    }

    /// How many keys the first fetch brings.
    ///
    /// # Errors
    /// Why it brings none, in a fixed text.
    pub async fn first_keys(&self) -> Result<usize, &'static str> {
        self.keyring.first_fetch().await
    }

    /// How many entries of the key set are not used.
    #[must_use]
    pub fn keys_skipped(&self) -> usize {
        self.keyring.latest().map_or(0, |trust| trust.keys.unused())
    }

    /// What is said while it cannot be known whose a token is.
    #[must_use]
    pub fn unavailable(&self) -> Failure {
        self.keyring.unavailable()
    }

    fn now(&self) -> NumericDate {
        NumericDate::of(self.calls.clock.now().wall())
    }
}

impl Compact {
    /// `iss`, if the claims are one object without ambiguity and it is a string. Nothing of it is verified.
    #[must_use]
    pub fn untrusted_issuer(&self) -> Option<String> {
        Claims::read(&self.payload)?.issuer()
    }

    /// Whether the header names a key.
    #[must_use]
    pub fn names_key(&self) -> bool {
        self.header.key_id.is_some()
    }
}

impl Verified {
    /// Whose token it is.
    #[must_use]
    pub fn provider(&self) -> ProviderName {
        self.provider
    }

    /// The rendered answer.
    #[must_use]
    pub fn answer(&self) -> Bytes {
        self.answer.clone()
    }

    fn size(&self) -> usize {
        let texts = self.answer.len().saturating_add(self.key_id.len());
        texts.saturating_add(size_of::<Self>())
    }
}

/// A token whose key is known, and what it is held against.
struct Case {
    provider: ProviderName,
    token: Compact,
    key_id: String,
    keys: Vec<Arc<Key>>,
    rules: Arc<Rules>,
    now: NumericDate,
}

impl Case {
    /// Signature, then claims; pure, for it runs on whatever thread there is.
    fn judge(self) -> Result<Verified, Reason> {
        let message = self.token.signing_input.as_bytes();
        let signed = |key: &&Arc<Key>| key.verifies(message, &self.token.signature);
        let key = self.keys.iter().find(signed).ok_or(Reason::Signature)?;
        let claims = Claims::read(&self.token.payload).ok_or(Reason::Claims)?;
        let is_keys_issuer = |issuer: &str| key.issuer().fits(issuer);
        let times = claims.check(&self.rules, is_keys_issuer, self.now)?;
        Ok(Verified {
            provider: self.provider,
            answer: claims.answer(),
            times,
            key: Arc::clone(key),
            key_id: self.key_id,
            rules: self.rules,
        })
    }
}

#[cfg(test)]
mod tests;
