//! The state machine of one key: fetches under way, and what past failures forbid.
//!
//! It knows neither sockets nor clocks. It is told the moment and the held token and decides what a
//! caller gets and which fetch is to begin; the rules are those of the table in `docs/caching.md`.

use std::sync::Arc;
use std::time::Duration;

use super::flight::{Departure, FetchId, FetchIds, Flight, Landing, Outcome, Purpose, flight};
use super::held::{Held, Phase};
use super::setbacks::Setbacks;
use crate::clock::{Deadline, Moment};
use crate::oauth::{Error, Freshness, Token};

/// The longest pause after a renewal that brought nothing better.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// How many failures in a row there were is forgotten when nobody has tried for this long.
const FAILURES_REMEMBERED: Duration = Duration::from_secs(60);
/// A forced fetch may begin beside one that runs; a further one waits until either ends.
const FETCHES_AT_ONCE: usize = 2;

/// What goes on for one key, apart from the held token.
#[derive(Debug, Default)]
pub(super) struct Slot {
    running: Vec<(FetchId, Flight)>,
    /// The fetch that begins when one of two running ones ends.
    queued: Option<(Landing, Flight)>,
    latest_success: FetchId,
    setbacks: Setbacks,
    pause: Option<Deadline>,
}

/// What a caller gets.
#[derive(Debug)]
pub(super) enum Answer {
    /// The held token, at once.
    Held(Arc<Held>),
    /// The outcome of a fetch.
    Wait(Flight),
    /// The outcome of a renewal if it succeeds soon, else the held token.
    WaitBriefly(Flight, Arc<Held>),
    /// A remembered error, without a call.
    Failed(Arc<Error>),
}

/// What became of a fetch's result.
#[derive(Debug)]
pub(super) struct Landed {
    /// The token to hold from now on, if it changes.
    pub(super) hold: Option<Arc<Held>>,
    /// What those who wait are told.
    pub(super) outcome: Outcome,
    /// The queued fetch, which may begin now.
    pub(super) departure: Option<Departure>,
}

impl Slot {
    /// Decides what a caller gets. `room` says whether a renewal may begin.
    pub(super) fn ask(
        &mut self,
        held: Option<&Arc<Held>>,
        freshness: Freshness,
        now: Moment,
        ids: &FetchIds,
        room: bool,
    ) -> (Answer, Option<Departure>) {
        if let Some(held) = held {
            held.mark_used();
        }
        match (freshness, held) {
            (Freshness::Renewed, _) => self.ask_renewed(now, ids),
            (Freshness::Cached, Some(held)) if held.phase(now) != Phase::Ended => {
                self.ask_held(held, now, ids, room)
            }
            (Freshness::Cached, _) => self.ask_missing(now, ids),
        }
    }

    fn ask_held(
        &mut self,
        held: &Arc<Held>,
        now: Moment,
        ids: &FetchIds,
        room: bool,
    ) -> (Answer, Option<Departure>) {
        let departure = if room {
            self.renew(held, now, ids)
        } else {
            None
        };
        let answer = match self.newest() {
            Some(flight)
                if held.phase(now) == Phase::Urgent && !self.setbacks.bind_renewals(now) =>
            {
                Answer::WaitBriefly(flight, Arc::clone(held))
            }
            _ => Answer::Held(Arc::clone(held)),
        };
        (answer, departure)
    }

    fn ask_missing(&mut self, now: Moment, ids: &FetchIds) -> (Answer, Option<Departure>) {
        if let Some(error) = self.setbacks.forbidding(now) {
            return (Answer::Failed(error), None);
        }
        if let Some(flight) = self.newest() {
            return (Answer::Wait(flight), None);
        }
        if let Some(error) = self.setbacks.putting_off(now) {
            return (Answer::Failed(error), None);
        }
        self.begin_and_wait(ids)
    }

    fn ask_renewed(&mut self, now: Moment, ids: &FetchIds) -> (Answer, Option<Departure>) {
        if let Some(error) = self.setbacks.forbidding(now) {
            return (Answer::Failed(error), None);
        }
        if self.running.len() < FETCHES_AT_ONCE {
            return self.begin_and_wait(ids);
        }
        let (_, queued) = self.queued.get_or_insert_with(flight);
        (Answer::Wait(queued.clone()), None)
    }

    fn begin_and_wait(&mut self, ids: &FetchIds) -> (Answer, Option<Departure>) {
        let (landing, flight) = flight();
        let departure = self.begin(Purpose::Caller, landing, flight.clone(), ids);
        (Answer::Wait(flight), Some(departure))
    }

    /// Begins a renewal of the held token if it is time for one and nothing forbids it.
    pub(super) fn renew(&mut self, held: &Held, now: Moment, ids: &FetchIds) -> Option<Departure> {
        let due = self.renewal_due(held)?;
        if !due.passed(now) || held.phase(now) == Phase::Ended {
            return None;
        }
        let (landing, flight) = flight();
        Some(self.begin(Purpose::Renewal, landing, flight, ids))
    }

    /// When the next renewal may begin; `None` while a fetch runs, or if the token ends before.
    pub(super) fn renewal_due(&self, held: &Held) -> Option<Deadline> {
        if !self.running.is_empty() {
            return None;
        }
        let hindrances = self
            .next_call(Freshness::Cached)
            .into_iter()
            .chain(self.pause);
        Some(hindrances.fold(held.renewable_from, Deadline::later))
    }

    fn begin(
        &mut self,
        purpose: Purpose,
        landing: Landing,
        flight: Flight,
        ids: &FetchIds,
    ) -> Departure {
        let fetch = ids.next();
        self.running.push((fetch, flight));
        Departure {
            fetch,
            purpose,
            landing,
        }
    }

    /// Takes in the result of a fetch that this slot began.
    pub(super) fn land(
        &mut self,
        fetch: FetchId,
        purpose: Purpose,
        result: Result<Token, Error>,
        held: Option<&Arc<Held>>,
        now: Moment,
        ids: &FetchIds,
    ) -> Landed {
        self.running.retain(|(running, _)| *running != fetch);
        let live = held.filter(|held| held.phase(now) != Phase::Ended);
        let latest = held.map_or(0, |held| held.fetch).max(self.latest_success);
        let (hold, outcome) = match result {
            Ok(token) => {
                let token = Arc::new(Held::new(token, fetch));
                self.succeed(token, purpose, live, latest, now)
            }
            Err(error) => {
                let error = Arc::new(error);
                self.setbacks.note_retry_after(&error, now);
                if fetch >= latest {
                    self.setbacks.note_failure(&error, live, now);
                }
                (None, Err(error))
            }
        };
        Landed {
            hold,
            outcome,
            departure: self.begin_queued(now, ids),
        }
    }

    /// Begins the queued fetch, unless what just landed forbids it.
    fn begin_queued(&mut self, now: Moment, ids: &FetchIds) -> Option<Departure> {
        let (landing, flight) = self.queued.take()?;
        if let Some(error) = self.setbacks.forbidding(now) {
            landing.tell(Err(error));
            return None;
        }
        Some(self.begin(Purpose::Caller, landing, flight, ids))
    }

    fn succeed(
        &mut self,
        token: Arc<Held>,
        purpose: Purpose,
        live: Option<&Arc<Held>>,
        latest: FetchId,
        now: Moment,
    ) -> (Option<Arc<Held>>, Outcome) {
        if token.fetch < latest {
            return (None, Ok(token));
        }
        self.latest_success = token.fetch;
        self.setbacks.forget_failures();
        let renewal = purpose == Purpose::Renewal;
        match live {
            Some(held) if renewal && token.is_no_better_than(held, now) => {
                self.pause(held, now);
                (None, Ok(Arc::clone(held)))
            }
            Some(held) if token.kept().is_zero() => {
                self.pause(held, now);
                (None, Ok(token))
            }
            None if token.kept().is_zero() => (None, Ok(token)),
            _ => {
                self.pause = None;
                (Some(Arc::clone(&token)), Ok(token))
            }
        }
    }

    /// Puts off the next renewal of `held`, as the provider has nothing better.
    fn pause(&mut self, held: &Held, now: Moment) {
        held.mark_renewal_done();
        let pause = LONGEST_PAUSE.min(held.kept().mul_f64(0.25));
        self.pause = Some(now.after(pause.max(SHORTEST_PAUSE)));
    }

    /// Forgets refusals and back-off, as after a success or a changed credential; a `Retry-After` stays.
    pub(super) fn forget_failures(&mut self) {
        self.setbacks.forget_failures();
    }

    fn newest(&self) -> Option<Flight> {
        self.running.last().map(|(_, flight)| flight.clone())
    }

    /// Whether the last attempt to fetch a token failed.
    pub(super) fn is_failing(&self) -> bool {
        self.setbacks.is_failing()
    }

    /// Whether a fetch runs, so that the slot must stay.
    pub(super) fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// The error for a fetch that was decided on before a `Retry-After` came, and has not begun yet.
    pub(super) fn too_late(&self, now: Moment) -> Option<Error> {
        self.setbacks.too_late(now)
    }

    /// When a call upstream is next allowed; `None` if nothing was ever in its way.
    pub(super) fn next_call(&self, freshness: Freshness) -> Option<Deadline> {
        self.setbacks.next_call(freshness)
    }

    /// What remembered errors take, in bytes.
    pub(super) fn size(&self) -> usize {
        self.setbacks.size()
    }

    /// The moment after which nothing in the slot matters any more, unless a fetch runs.
    pub(super) fn forgettable_from(&self) -> Option<Deadline> {
        let ends = self
            .next_call(Freshness::Cached)
            .into_iter()
            .chain(self.pause);
        ends.reduce(Deadline::later)
            .map(|end| end.plus(FAILURES_REMEMBERED))
    }
}
