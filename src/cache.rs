//! Tokens kept, renewed ahead of need and fetched once for all who ask: the heart of the daemon.
//!
//! `slot` decides, `slots` keeps, and this file carries out: it runs fetches, each detached from its
//! callers, wakes up for renewals and lets callers wait no longer than they should.

mod back_off;
mod flight;
mod held;
#[cfg(all(test, not(feature = "schedules")))]
mod in_time;
#[cfg(test)]
mod model;
mod room;
#[cfg(all(test, feature = "schedules"))]
mod schedules;
mod served;
mod setbacks;
mod slot;
mod slot_map;
mod slots;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

pub use held::Held;
pub use room::Rooms;
use room::{Permit, Room};
pub use served::{Failed, Served, Source};
use slot::Answer;
use slots::{Slots, Start};

use crate::clock::{Clock, Deadline};
use crate::oauth::{
    Errand, Error, Freshness, ProviderName, Purpose, Token, TokenRequest, UserToken,
};

/// How long a caller waits for the renewal of a token that is about to end.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(2);
/// A timer sleeps no longer than this, for it does not run while the machine sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Renewals are looked for no more often than this, however fast tokens come in.
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);

/// One attempt to get a token from its provider, retries included.
pub type Fetch = Box<dyn Fn(Errand) -> FetchFuture + Send + Sync>;
/// See [`Fetch`].
pub type FetchFuture = Pin<Box<dyn Future<Output = Result<Token, Error>> + Send>>;

/// What bounds the cache.
#[derive(Clone, Copy, Debug)]
pub struct CacheLimits {
    /// Bytes that held tokens may take, keys and overhead counted.
    pub max_bytes: u64,
    /// Every caller has an answer after this time.
    pub answer: Duration,
}

/// The cache of tokens.
pub struct TokenCache {
    slots: Slots,
    rooms: Arc<Rooms>,
    fetch: Fetch,
    clock: Clock,
    limits: CacheLimits,
    runtime: Handle,
    landed: Notify,
}

impl TokenCache {
    /// A cache in front of `fetch`. It must be made within the runtime that is to run the fetches.
    pub fn new(rooms: Arc<Rooms>, limits: CacheLimits, clock: Clock, fetch: Fetch) -> Arc<Self> {
        Arc::new(Self {
            slots: Slots::new(limits.max_bytes),
            rooms,
            fetch,
            clock,
            limits,
            runtime: Handle::current(),
            landed: Notify::new(),
        })
    }

    /// A token for the request; on a user's behalf, `user_token` is what its subject stands for.
    ///
    /// # Errors
    /// The provider's or our own, at the latest when the answer's time limit is over.
    pub async fn token(
        self: &Arc<Self>,
        request: TokenRequest,
        user_token: Option<UserToken>,
        freshness: Freshness,
    ) -> Result<Served, Failed> {
        let now = self.clock.now();
        if freshness == Freshness::Cached
            && let Some(held) = self.slots.fresh(&request, now)
        {
            return Ok(Served::from_memory(held, now));
        }
        let key = Arc::new(request);
        match timeout(
            self.limits.answer,
            self.resolve(&key, user_token, freshness),
        )
        .await
        {
            Ok(result) => result.map_err(|error| self.failed(&key, freshness, error)),
            Err(_) => Err(self.failed(&key, freshness, Arc::new(Error::TimedOut))),
        }
    }

    async fn resolve(
        self: &Arc<Self>,
        key: &Arc<TokenRequest>,
        user_token: Option<UserToken>,
        freshness: Freshness,
    ) -> Result<Served, Arc<Error>> {
        loop {
            let (flight, held) = match self.ask(key, user_token.as_ref(), freshness) {
                Answer::Held(held) => return Ok(Served::from_memory(held, self.clock.now())),
                Answer::Failed(error) => return Err(error),
                Answer::Wait(flight) => {
                    let held = flight.outcome().await?;
                    return Ok(Served::fetched(held, freshness, self.clock.now()));
                }
                Answer::WaitBriefly(flight, held) => (flight, held),
            };
            let patience = RENEWAL_PATIENCE.min(held.ends.remaining(self.clock.now()));
            let renewed = timeout(patience, flight.outcome()).await;
            if let Ok(Ok(held)) = renewed
                && !held.ends.passed(self.clock.now())
            {
                return Ok(Served::fetched(held, freshness, self.clock.now()));
            }
            if !held.ends.passed(self.clock.now()) {
                return Ok(Served::from_memory(held, self.clock.now()));
            }
        }
    }

    fn ask(
        self: &Arc<Self>,
        key: &Arc<TokenRequest>,
        user_token: Option<&UserToken>,
        freshness: Freshness,
    ) -> Answer {
        let permit = self.rooms.get(key.provider).and_then(Room::try_renewal);
        let now = self.clock.now();
        let (answer, start) = self.slots.ask(key, freshness, now, permit.is_some());
        if let Some(start) = start {
            let permit = permit.filter(|_| start.departure.purpose == Purpose::Renewal);
            self.begin(start, user_token.cloned(), permit);
        }
        answer
    }

    fn failed(&self, key: &TokenRequest, freshness: Freshness, error: Arc<Error>) -> Failed {
        let now = self.clock.now();
        let next_call = self
            .slots
            .next_call(key, freshness)
            .map(|deadline| deadline.remaining(now));
        Failed {
            error,
            retry_after: next_call.unwrap_or_default(),
        }
    }

    /// Runs a fetch on its own: no caller can cancel it, and it lands even if it panics.
    fn begin(
        self: &Arc<Self>,
        start: Start,
        user_token: Option<UserToken>,
        permit: Option<Permit>,
    ) {
        let airborne = Airborne {
            cache: Arc::clone(self),
            start: Some(start),
            user_token,
        };
        self.runtime.spawn(airborne.fly(permit));
    }

    async fn fetch(&self, errand: Errand, permit: Option<Permit>) -> Result<Token, Error> {
        let key = Arc::clone(&errand.request);
        let room = self
            .rooms
            .get(key.provider)
            .ok_or(Error::NotEnabled(key.provider))?;
        let _permit = match permit {
            Some(permit) => permit,
            None => room.enter().await?,
        };
        if let Some(error) = self.slots.too_late(&key, self.clock.now()) {
            return Err(error);
        }
        let token = (self.fetch)(errand).await?;
        let lifetime = &token.lifetime;
        if !lifetime.stated.is_zero() && lifetime.expiry().passed(self.clock.now()) {
            return Err(Error::TimedOut);
        }
        Ok(token)
    }

    /// Renews tokens in the background, for as long as it is polled.
    pub async fn renew_when_due(self: &Arc<Self>) {
        loop {
            let next = self.renew_due();
            let sleep = next.map(|due| due.remaining(self.clock.now()).min(LONGEST_SLEEP));
            match sleep {
                Some(sleep) => drop(timeout(sleep, self.landed.notified()).await),
                None => self.landed.notified().await,
            }
            tokio::time::sleep(SHORTEST_SLEEP).await;
        }
    }

    fn renew_due(self: &Arc<Self>) -> Option<Deadline> {
        let admit = |key: &TokenRequest| self.rooms.get(key.provider).and_then(Room::try_renewal);
        let (starts, next) = self.slots.renewals(self.clock.now(), admit);
        for (start, permit) in starts {
            self.begin(start, None, Some(permit));
        }
        next
    }

    /// Forgets a provider's refusals and back-off, as after a change of its credential; a
    /// `Retry-After` stays.
    pub fn forget_failures(&self, provider: ProviderName) {
        self.slots.forget_failures(provider);
        self.landed.notify_one();
    }

    /// How many tokens of each provider are asked for and cannot be fetched now, while none is held or less than a
    /// quarter of its life is left.
    #[must_use]
    pub fn at_risk(&self) -> HashMap<ProviderName, usize> {
        self.slots.at_risk(self.clock.now())
    }

    /// Drops the tokens that have ended.
    pub fn drop_ended(&self) {
        self.slots.drop_ended(self.clock.now());
    }

    /// How many tokens are held that have not ended, and how many bytes they take.
    pub fn size(&self) -> (u64, u64) {
        self.slots.size(self.clock.now())
    }
}

/// A fetch under way. It lands exactly once: with its result, or, if it is dropped before, as our fault.
struct Airborne {
    cache: Arc<TokenCache>,
    start: Option<Start>,
    user_token: Option<UserToken>,
}

impl Airborne {
    async fn fly(mut self, permit: Option<Permit>) {
        let Some(start) = &self.start else { return };
        let errand = Errand {
            request: Arc::clone(&start.key),
            purpose: start.departure.purpose,
            user_token: self.user_token.clone(),
        };
        let result = self.cache.fetch(errand, permit).await;
        self.land(result);
    }

    fn land(&mut self, result: Result<Token, Error>) {
        let Some(start) = self.start.take() else {
            return;
        };
        let next = self.cache.slots.land(start, result, self.cache.clock.now());
        self.cache.landed.notify_one();
        if let Some(next) = next {
            // For the same key, so on behalf of the same user.
            self.cache.begin(next, self.user_token.take(), None);
        }
    }
}

impl Drop for Airborne {
    fn drop(&mut self) {
        self.land(Err(Error::Internal));
    }
}
