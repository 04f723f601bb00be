//! The state machine of one key: fetches under way, and what past failures forbid.
//!
//! It knows neither sockets nor clocks. It is told the moment and the held token and decides what a
//! caller gets and which fetch is to begin; the rules are those of the table in `docs/caching.md`.

use std::sync::Arc;
use std::time::Duration;

use super::back_off;
use super::flight::{Departure, FetchId, FetchIds, Flight, Landing, Outcome, Purpose, flight};
use super::held::{Held, Phase};
use crate::clock::{Deadline, Moment};
use crate::oauth::{Error, Freshness, Token};

/// For how long a refusal is answered from memory while there is no token.
const REFUSAL_REMEMBERED: Duration = Duration::from_secs(2);
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
    failures: u32,
    back_off: Option<Hindrance>,
    refusal: Option<Hindrance>,
    retry_after: Option<Hindrance>,
    pause: Option<Deadline>,
}

/// A time in which no call goes upstream, and the error that began it.
#[derive(Clone, Debug)]
struct Hindrance {
    until: Deadline,
    error: Arc<Error>,
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
            Some(flight) if held.phase(now) == Phase::Urgent && !self.backs_off(now) => {
                Answer::WaitBriefly(flight, Arc::clone(held))
            }
            _ => Answer::Held(Arc::clone(held)),
        };
        (answer, departure)
    }

    fn ask_missing(&mut self, now: Moment, ids: &FetchIds) -> (Answer, Option<Departure>) {
        if let Some(answer) = self.forbidden(now) {
            return (answer, None);
        }
        if let Some(flight) = self.newest() {
            return (Answer::Wait(flight), None);
        }
        if let Some(back_off) = &mut self.back_off {
            // Without a token nobody is put off for longer than this, however long renewals have failed.
            let longest = now.after(back_off::LONGEST_WITHOUT_TOKEN);
            back_off.until = back_off.until.earlier(longest);
            if !back_off.until.passed(now) {
                return (back_off.answer(), None);
            }
        }
        self.begin_and_wait(ids)
    }

    fn ask_renewed(&mut self, now: Moment, ids: &FetchIds) -> (Answer, Option<Departure>) {
        if let Some(answer) = self.forbidden(now) {
            return (answer, None);
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
        let hindrances = self.next_call().into_iter().chain(self.pause);
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
                self.fail(&error, fetch < latest, live, now);
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
        if let Some(Answer::Failed(error)) = self.forbidden(now) {
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
        self.forget_failures();
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

    fn fail(&mut self, error: &Arc<Error>, outdated: bool, live: Option<&Arc<Held>>, now: Moment) {
        let hindrance = |until| {
            Some(Hindrance {
                until,
                error: Arc::clone(error),
            })
        };
        if let Some(retry_after) = error.retry_after() {
            let remaining = |other: &Hindrance| other.until.remaining(now);
            if self.retry_after.as_ref().map_or(Duration::ZERO, remaining) < retry_after {
                self.retry_after = hindrance(now.after(retry_after));
            }
        }
        if outdated || matches!(error.as_ref(), Error::Overloaded) {
            return;
        }
        if let Some(held) = live {
            held.mark_renewal_failed();
        }
        self.failures = self.failures.saturating_add(1);
        match (live, error.as_ref()) {
            _ if error.retry_after().is_some() => {}
            (Some(held), _) => {
                let wait = now.after(back_off::with_token(self.failures));
                let longest = held.ends.plus(back_off::LONGEST_WITHOUT_TOKEN);
                self.back_off = hindrance(wait.earlier(longest));
            }
            (None, Error::Internal) => {}
            (None, Error::Refused(_)) => {
                self.failures = 0;
                self.back_off = None;
                self.refusal = hindrance(now.after(REFUSAL_REMEMBERED));
            }
            (None, _) => {
                self.back_off = hindrance(now.after(back_off::without_token(self.failures)));
            }
        }
    }

    /// Forgets refusals and back-off, as after a success or a changed credential; a `Retry-After` stays.
    pub(super) fn forget_failures(&mut self) {
        self.failures = 0;
        self.back_off = None;
        self.refusal = None;
    }

    /// The error that answers a caller in place of any call, if there is one.
    fn forbidden(&self, now: Moment) -> Option<Answer> {
        let hindrances = [&self.retry_after, &self.refusal];
        let running = |hindrance: &&Hindrance| !hindrance.until.passed(now);
        hindrances
            .into_iter()
            .flatten()
            .find(running)
            .map(Hindrance::answer)
    }

    fn backs_off(&self, now: Moment) -> bool {
        let hindrances = [&self.retry_after, &self.back_off];
        hindrances
            .into_iter()
            .flatten()
            .any(|hindrance| !hindrance.until.passed(now))
    }

    fn newest(&self) -> Option<Flight> {
        self.running.last().map(|(_, flight)| flight.clone())
    }

    /// Whether a fetch runs, so that the slot must stay.
    pub(super) fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    /// When a call upstream is next allowed; `None` if it is allowed now.
    pub(super) fn next_call(&self) -> Option<Deadline> {
        let hindrances = [&self.retry_after, &self.back_off, &self.refusal];
        hindrances
            .into_iter()
            .flatten()
            .map(|hindrance| hindrance.until)
            .reduce(Deadline::later)
    }

    /// The moment after which nothing in the slot matters any more, unless a fetch runs.
    pub(super) fn forgettable_from(&self) -> Option<Deadline> {
        let ends = self.next_call().into_iter().chain(self.pause);
        ends.reduce(Deadline::later)
            .map(|end| end.plus(FAILURES_REMEMBERED))
    }
}

impl Hindrance {
    fn answer(&self) -> Answer {
        Answer::Failed(Arc::clone(&self.error))
    }
}
