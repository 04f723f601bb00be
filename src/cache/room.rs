//! How much may go on at once with one provider, so that its trouble takes nobody else's room.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::oauth::{Error, ProviderName};

const CALLS_AT_ONCE: usize = 64;
const RENEWALS_AT_ONCE: usize = 16;
const FLIGHTS_WAITING: usize = 256;

/// What is kept back of the answer's time limit, so that a queue's own error comes before it.
const LEEWAY: Duration = Duration::from_millis(100);

/// The limits of every provider; all kinds of tokens share them.
#[derive(Debug)]
pub struct Rooms(HashMap<ProviderName, Room>);

impl Rooms {
    /// `answer`: the time in which every caller has an answer.
    #[must_use]
    pub fn new(providers: impl IntoIterator<Item = ProviderName>, answer: Duration) -> Self {
        let patience = answer.saturating_sub(LEEWAY);
        let rooms = providers
            .into_iter()
            .map(|name| (name, Room::new(patience)));
        Self(rooms.collect())
    }

    pub(super) fn get(&self, provider: ProviderName) -> Option<&Room> {
        self.0.get(&provider)
    }
}

/// The limits of one provider.
#[derive(Debug)]
pub(super) struct Room {
    calls: Arc<Semaphore>,
    renewals: Arc<Semaphore>,
    queue: Semaphore,
    patience: Duration,
}

/// Leave to call the provider; given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _call: OwnedSemaphorePermit,
    _renewal: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// `patience`: how long a fetch may wait for its turn.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            calls: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
            renewals: Arc::new(Semaphore::new(RENEWALS_AT_ONCE)),
            queue: Semaphore::new(FLIGHTS_WAITING),
            patience,
        }
    }

    /// Leave for a renewal, if there is room right now: renewals do not queue, they come later.
    pub(super) fn try_renewal(&self) -> Option<Permit> {
        let renewal = Arc::clone(&self.renewals).try_acquire_owned().ok()?;
        let call = Arc::clone(&self.calls).try_acquire_owned().ok()?;
        Some(Permit {
            _call: call,
            _renewal: Some(renewal),
        })
    }

    /// Leave for a fetch that callers wait for, in its turn.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if the queue is full or the wait too long.
    pub(super) async fn enter(&self) -> Result<Permit, Error> {
        let calls = Arc::clone(&self.calls);
        if let Ok(call) = Arc::clone(&calls).try_acquire_owned() {
            return Ok(Permit {
                _call: call,
                _renewal: None,
            });
        }
        let _place = self.queue.try_acquire().map_err(|_| Error::Overloaded)?;
        match tokio::time::timeout(self.patience, calls.acquire_owned()).await {
            Ok(Ok(call)) => Ok(Permit {
                _call: call,
                _renewal: None,
            }),
            _ => Err(Error::Overloaded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(4);

    async fn fill(room: &Room) -> Vec<Permit> {
        let mut permits = Vec::new();
        for _ in 0..CALLS_AT_ONCE {
            permits.push(room.enter().await.unwrap());
        }
        permits
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_room_makes_callers_wait_and_then_says_so() {
        let room = Room::new(PATIENCE);
        let _permits = fill(&room).await;
        let start = tokio::time::Instant::now();

        assert!(matches!(room.enter().await, Err(Error::Overloaded)));
        assert_eq!(start.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_becomes_free_goes_to_who_waits() {
        let room = Arc::new(Room::new(PATIENCE));
        let mut permits = fill(&room).await;
        let waiting = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.enter().await.is_ok() }
        });
        tokio::task::yield_now().await;

        permits.pop();

        assert!(waiting.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded() {
        let room = Arc::new(Room::new(PATIENCE));
        let _permits = fill(&room).await;
        for _ in 0..FLIGHTS_WAITING {
            let room = Arc::clone(&room);
            tokio::spawn(async move { room.enter().await.is_ok() });
        }
        while room.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let start = tokio::time::Instant::now();

        assert!(room.enter().await.is_err());
        assert!(start.elapsed().is_zero());
    }

    #[tokio::test]
    async fn renewals_take_a_quarter_of_the_room_at_most() {
        let room = Room::new(PATIENCE);

        let renewals: Vec<_> = std::iter::from_fn(|| room.try_renewal()).collect();

        assert_eq!(renewals.len(), RENEWALS_AT_ONCE);
        assert!(room.enter().await.is_ok());
    }
}
