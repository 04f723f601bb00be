//! Fetching a provider's keys: in time, on demand, and after failures more and more rarely.

use std::sync::Arc;
use std::time::Duration;

use super::fetch::{Calls, Cause, Fetch};
use super::keyring::{Keyring, Phase};
use super::trust::{Settings, Trust};
use crate::clock::Deadline;
use crate::discovery::Document;

/// The time between fetches while all is well, 4 to 6 min.
const PERIOD: Duration = Duration::from_secs(300);
/// By what part the period is moved at random, so that the pods of a node do not all come at once.
const JITTER: f64 = 0.2;
/// The time after a failure doubles from the first to the second of these.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Keeps a keyring up to date.
pub(super) struct Refresh<'a> {
    pub(super) settings: &'a Settings,
    pub(super) keyring: &'a Keyring,
    pub(super) calls: &'a Calls,
}

impl Refresh<'_> {
    /// Fetches keys, for as long as it is polled.
    pub(super) async fn run(&self) {
        loop {
            self.keyring
                .state
                .send_modify(|state| state.phase = Phase::Fetching);
            let before = self.keyring.latest();
            let document = self.fetch().document().await;
            let fetched = match &document {
                Ok(document) => {
                    let fetch = self.fetch();
                    fetch.trust(document.as_deref(), before.as_deref()).await
                }
                Err(cause) => Err(*cause),
            };
            self.log(before.as_deref(), &fetched);
            let is_failure = fetched.is_err();
            let due = self.end(fetched);
            let tried = document.ok().flatten();
            self.rest(due, is_failure, tried.as_ref()).await;
        }
    }

    fn fetch(&self) -> Fetch<'_> {
        Fetch {
            settings: self.settings,
            calls: self.calls,
        }
    }

    /// Tells everybody how the fetch ended, and says when the next one is due.
    fn end(&self, fetched: Result<Trust, Cause>) -> Deadline {
        let now = self.calls.clock.now();
        let mut due = now.after(Duration::ZERO);
        self.keyring.state.send_modify(|state| {
            match fetched {
                Ok(trust) => {
                    state.failures = 0;
                    state.trust = Some(Arc::new(trust));
                }
                Err(cause) => {
                    state.failures = state.failures.saturating_add(1);
                    state.cause = cause;
                }
            }
            due = now.after(pause(state.failures));
            state.phase = Phase::Resting;
            state.ended = state.ended.saturating_add(1);
            state.next_fetch = Some(due);
        });
        due
    }

    /// Until the next fetch is due or demanded, or other metadata have come than those that were `tried`.
    async fn rest(&self, due: Deadline, is_failure: bool, tried: Option<&Arc<Document>>) {
        let clock = &self.calls.clock;
        if is_failure {
            clock.sleep_until(clock.now().after(FIRST_PAUSE)).await;
        }
        let mut states = self.keyring.state.subscribe();
        tokio::select! {
            _ = states.wait_for(|state| state.phase == Phase::Demanded) => {}
            () = self.other_metadata_than(tried) => {}
            () = self.until_due(due, is_failure) => {}
        }
    }

    /// A fetch after a failure counts like one on demand: a hanging endpoint is not asked more often either.
    async fn until_due(&self, due: Deadline, is_failure: bool) {
        self.calls.clock.sleep_until(due).await;
        while is_failure && !self.keyring.may_fetch() {
            if let Some(next) = self.keyring.next_allowed() {
                self.keyring
                    .state
                    .send_modify(|state| state.next_fetch = Some(next));
                self.calls.clock.sleep_until(next).await;
            }
        }
    }

    async fn other_metadata_than(&self, tried: Option<&Arc<Document>>) {
        match &self.settings.metadata {
            Some(metadata) => metadata.other_than(tried).await,
            None => std::future::pending().await,
        }
    }

    /// Says what has changed, and says it once.
    fn log(&self, before: Option<&Trust>, fetched: &Result<Trust, Cause>) {
        let provider = self.settings.provider;
        let has_failed = self.keyring.state.borrow().failures > 0;
        match fetched {
            Err(cause) if !has_failed => tracing::warn!(
                identity_provider = %provider,
                cause,
                "the signing keys cannot be fetched; known ones are used for up to 24 h"
            ),
            Err(_) => {}
            Ok(trust) => {
                if has_failed {
                    tracing::info!(identity_provider = %provider, "the signing keys can be fetched");
                }
                let oddities = trust.keys.oddities();
                if before
                    .map(|trust| trust.keys.oddities())
                    .unwrap_or_default()
                    != oddities
                {
                    tracing::warn!(
                        identity_provider = %provider,
                        skipped = oddities.skipped,
                        surplus = oddities.surplus,
                        private = oddities.private,
                        "some of the provider's keys are left out, or published with their private part"
                    );
                }
            }
        }
    }
}

fn pause(failures: u32) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else {
        return PERIOD.mul_f64(1.0 + JITTER * (2.0 * fastrand::f64() - 1.0));
    };
    let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings));
    pause
        .min(LONGEST_PAUSE)
        .mul_f64(1.0 - JITTER * fastrand::f64())
        .max(FIRST_PAUSE)
}
