//! What the provider was asked, and a gate at which token calls can be held, so that tests need no sleep.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Played;

/// Calls of which the details are kept, so that a provider may run for weeks.
const KEPT: usize = 10_000;

/// The calls so far. Clones show the same ones.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    state: Arc<watch::Sender<State>>,
}

/// One call of the token endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenCall {
    /// Counted from 1, in the order of arrival.
    pub number: usize,
    /// When it had been read.
    pub arrived: Instant,
    /// Whom it was for.
    pub provider: Played,
    /// The `Authorization` header, secrets included.
    pub authorization: Option<String>,
    /// The form as it came, secrets included.
    pub form: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct State {
    token_calls: usize,
    kept: VecDeque<TokenCall>,
    in_flight: usize,
    peak: usize,
    keys_calls: usize,
    metadata_calls: usize,
    gate: Gate,
}

#[derive(Debug, Default)]
struct Gate {
    closed: bool,
    /// Calls up to this number came while the gate stood open, or had their way before it was closed again.
    free_up_to: usize,
    let_through: BTreeSet<usize>,
}

/// A token call under way. It counts until it is dropped, as happens also when its client goes away.
pub(super) struct Pending {
    calls: Calls,
    number: usize,
}

impl Calls {
    /// The number of token calls.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.borrow().token_calls
    }

    /// The last ten thousand token calls, in the order of arrival.
    #[must_use]
    pub fn all(&self) -> Vec<TokenCall> {
        self.state.borrow().kept.iter().cloned().collect()
    }

    /// Those of them that one provider got.
    #[must_use]
    pub fn of(&self, provider: Played) -> Vec<TokenCall> {
        let calls = self.all().into_iter();
        calls.filter(|call| call.provider == provider).collect()
    }

    /// The most token calls that were under way at once.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.state.borrow().peak
    }

    /// The number of times that the keys were asked for.
    #[must_use]
    pub fn keys_count(&self) -> usize {
        self.state.borrow().keys_calls
    }

    /// The number of times that the metadata were asked for.
    #[must_use]
    pub fn metadata_count(&self) -> usize {
        self.state.borrow().metadata_calls
    }

    /// Returns when `count` token calls have arrived since the start, held or not.
    pub async fn wait_for(&self, count: usize) {
        let mut changes = self.state.subscribe();
        // It fails only when there is no sender, and this is one.
        let _ = changes.wait_for(|state| state.token_calls >= count).await;
    }

    /// Returns when no more than `count` token calls are under way.
    pub async fn wait_until_under_way(&self, count: usize) {
        let mut changes = self.state.subscribe();
        let _ = changes.wait_for(|state| state.in_flight <= count).await;
    }

    /// From now on token calls wait at the gate.
    pub fn close_gate(&self) {
        self.state.send_modify(|state| {
            if !state.gate.closed {
                state.gate.free_up_to = state.token_calls;
                state.gate.closed = true;
            }
        });
    }

    /// Lets all calls go that wait, and all to come.
    pub fn open_gate(&self) {
        self.state.send_modify(|state| state.gate.closed = false);
    }

    /// Lets one call go, by its number; it may be yet to come.
    pub fn let_through(&self, number: usize) {
        self.state.send_modify(|state| {
            state.gate.let_through.insert(number);
        });
    }

    pub(super) fn arrive(
        &self,
        provider: Played,
        headers: &HeaderMap,
        form: &[(String, String)],
    ) -> Pending {
        let mut number = 0;
        self.state.send_modify(|state| {
            number = state.arrive(provider, headers, form);
        });
        Pending {
            calls: self.clone(),
            number,
        }
    }

    pub(super) fn count_keys(&self) {
        self.state
            .send_modify(|state| state.keys_calls = state.keys_calls.saturating_add(1));
    }

    pub(super) fn count_metadata(&self) {
        self.state
            .send_modify(|state| state.metadata_calls = state.metadata_calls.saturating_add(1));
    }
}

impl State {
    fn arrive(
        &mut self,
        provider: Played,
        headers: &HeaderMap,
        form: &[(String, String)],
    ) -> usize {
        let authorization = headers.get(AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        self.token_calls = self.token_calls.saturating_add(1);
        self.in_flight = self.in_flight.saturating_add(1);
        self.peak = self.peak.max(self.in_flight);
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(TokenCall {
            number: self.token_calls,
            arrived: Instant::now(),
            provider,
            authorization: authorization.map(str::to_owned),
            form: form.to_vec(),
        });
        self.token_calls
    }
}

impl Gate {
    fn stands_open_for(&self, number: usize) -> bool {
        !self.closed || number <= self.free_up_to || self.let_through.contains(&number)
    }
}

impl Pending {
    /// Waits while the gate is closed.
    pub(super) async fn pass_gate(&self) {
        let mut changes = self.calls.state.subscribe();
        let _ = changes
            .wait_for(|state| state.gate.stands_open_for(self.number))
            .await;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.calls
            .state
            .send_modify(|state| state.in_flight = state.in_flight.saturating_sub(1));
    }
}

impl TokenCall {
    /// The form's first field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let (_, value) = self.form.iter().find(|(key, _)| key == name)?;
        Some(value)
    }
}

/// Without the form's values: there are secrets among them.
impl fmt::Debug for TokenCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.form.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("TokenCall")
            .field("number", &self.number)
            .field("provider", &self.provider)
            .field("form", &names)
            .finish_non_exhaustive()
    }
}
