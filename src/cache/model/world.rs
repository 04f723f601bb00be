//! Runs a history on a real slot and on the model beside it, and compares them at every step.

use std::ops::RangeInclusive;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::expected::{Expected, Millis, Token as ExpectedToken};
use super::scripted::{real_error, real_token};
use super::{Point, Result as Scripted, Step};
use crate::cache::flight::{Departure, FetchIds, Flight, Outcome, Purpose};
use crate::cache::held::Held;
use crate::cache::slot::Slot;
use crate::clock::Moment;
use crate::oauth::Freshness;

#[derive(Default)]
pub(super) struct World {
    slot: Slot,
    ids: FetchIds,
    held: Option<Arc<Held>>,
    pub(super) expected: Expected,
    pub(super) now: Millis,
    pub(super) running: Vec<Running>,
    /// The id of the fetch begun last.
    begun: u64,
    pub(super) waiting: Vec<Waiting>,
    pub(super) last_renewal: Option<Millis>,
}

pub(super) struct Running {
    departure: Departure,
    begun: Millis,
}

/// A caller who was told to wait.
pub(super) struct Waiting {
    pub(super) flight: Flight,
    /// The fetches whose outcome the caller may get.
    pub(super) from: RangeInclusive<u64>,
}

impl World {
    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Ask { freshness, room } => self.ask(freshness, room),
            Step::Timer => self.timer(),
            Step::Pass { millis } => self.now += millis,
            Step::PassTo { point, offset } => self.pass_to(point, offset),
            Step::Land { newest, result } => self.land(newest, result),
            Step::Renew { result } => {
                self.pass_to(Point::RenewalAllowed, 0);
                self.ask(Freshness::Cached, true);
                self.land(true, result);
            }
            Step::Evict => (self.held, self.expected.token) = (None, None),
            Step::NewCredential => {
                self.slot.forget_failures();
                self.expected.forget_failures();
                self.last_renewal = None;
            }
        }
        assert!(self.running.len() <= 2);
        self.forget_idle_slot();
    }

    /// Every caller has an answer once every fetch has come back.
    pub(super) fn land_everything(&mut self) {
        while !self.running.is_empty() {
            self.land(false, Scripted::Unreachable);
        }
        assert!(self.waiting.is_empty(), "{} wait", self.waiting.len());
    }

    fn moment(&self) -> Moment {
        Moment::at(Duration::from_millis(self.now))
    }

    /// The one fetch that a plain caller may wait for.
    pub(super) fn newest(&self) -> RangeInclusive<u64> {
        let fetches = self.running.iter().map(|running| running.departure.fetch);
        let newest = fetches.max().unwrap_or(0);
        newest..=newest
    }

    fn pass_to(&mut self, point: Point, offset: i64) {
        let token = self.expected.token.as_ref();
        let to = match point {
            Point::Renewable => token.map(|token| token.renewable().to),
            Point::Urgent => token.map(ExpectedToken::urgent_from),
            Point::End => token.map(ExpectedToken::end),
            Point::BackOffOver => Some(self.expected.backing_off().to),
            Point::RenewalAllowed => token.map(|token| self.expected.renewal(token).to),
        };
        let to = to.map_or(0, |to| to.saturating_add_signed(offset));
        self.now = self.now.max(to);
    }

    fn ask(&mut self, freshness: Freshness, room: bool) {
        let running = self.running.len();
        let (answer, departure) = self.slot.ask(
            self.held.as_ref(),
            freshness,
            self.moment(),
            &self.ids,
            room,
        );
        let began = departure.as_ref().map(|departure| departure.purpose);
        let asked_after = self.begun;
        self.depart(departure);
        match (freshness, self.expected.live(self.now)) {
            (Freshness::Renewed, _) => self.check_forced(answer, began, running, asked_after),
            (Freshness::Cached, Some(token)) => {
                self.check_renewal(&token, began, running, room);
                self.check_held(&token, answer);
            }
            (Freshness::Cached, None) => self.check_miss(answer, began, running),
        }
    }

    fn timer(&mut self) {
        let (Some(held), Some(token)) = (&self.held, self.expected.token) else {
            return;
        };
        let running = self.running.len();
        let departure = self.slot.renew(held, self.moment(), &self.ids);
        let began = departure.as_ref().map(|departure| departure.purpose);
        self.depart(departure);
        self.check_renewal(&token, began, running, true);
    }

    fn depart(&mut self, departure: Option<Departure>) {
        let Some(departure) = departure else { return };
        let retry_after = self.expected.retry_after;
        assert!(retry_after.is_none_or(|retry| self.now >= retry.until));
        assert!(departure.fetch > self.begun);
        self.begun = departure.fetch;
        let begun = self.now;
        self.running.push(Running { departure, begun });
    }

    fn land(&mut self, newest: bool, scripted: Scripted) {
        if self.running.is_empty() {
            return;
        }
        let index = if newest { self.running.len() - 1 } else { 0 };
        let Running { departure, begun } = self.running.remove(index);
        let Departure {
            fetch,
            purpose,
            landing,
        } = departure;
        let result = self.result(fetch, begun, scripted);
        let landed = self.slot.land(
            fetch,
            purpose,
            result.map(real_token).map_err(real_error),
            self.held.as_ref(),
            self.moment(),
            &self.ids,
        );
        self.held = landed.hold.or(self.held.take());
        landing.tell(landed.outcome);
        let renewal = purpose == Purpose::Renewal;
        match result {
            Ok(token) => self.expected.succeed(token, renewal, self.now),
            Err(error) => self.expected.fail(fetch, error, self.now),
        }
        if renewal && result == Err(Scripted::Overloaded) {
            self.last_renewal = None;
        }
        let held = self.held.as_ref().map(|held| held.fetch);
        assert_eq!(held, self.expected.token.map(|token| token.fetch));
        self.answer_waiting(fetch);
        self.depart(landed.departure);
    }

    /// A token that has expired when it is read counts as a time-out.
    fn result(
        &self,
        fetch: u64,
        begun: Millis,
        scripted: Scripted,
    ) -> Result<ExpectedToken, Scripted> {
        let (text, lifetime) = match (scripted, self.expected.token) {
            (Scripted::Token { lifetime }, _) => (fetch, lifetime),
            (Scripted::TheHeldTokenAgain, Some(held)) => {
                (held.text, held.expiry().saturating_sub(begun) / 1_000)
            }
            (Scripted::TheHeldTokenAgain, None) => (fetch, 3_600),
            (error, _) => return Err(error),
        };
        if lifetime > 0 && self.now >= begun + lifetime * 1_000 {
            return Err(Scripted::TimedOut);
        }
        Ok(ExpectedToken {
            fetch,
            text,
            begun,
            stated: lifetime * 1_000,
            kept: lifetime.min(24 * 3_600) * 1_000,
        })
    }

    /// Looks who has an answer now that `fetch` has come back.
    fn answer_waiting(&mut self, fetch: u64) {
        let (now, moment) = (self.now, self.moment());
        let forbidden = self.expected.forbidding(now).is_some();
        self.waiting.retain(|waiting| {
            let Some(outcome) = outcome(&waiting.flight) else {
                return true;
            };
            assert!(waiting.from.contains(&fetch) || forbidden && outcome.is_err());
            if let Ok(held) = outcome {
                let lifetime = held.token().lifetime;
                assert!(lifetime.stated.is_zero() || !lifetime.expiry().passed(moment));
            }
            false
        });
    }

    /// The cache drops a slot in which nothing matters any more.
    fn forget_idle_slot(&mut self) {
        let end = self.slot.forgettable_from();
        if self.slot.is_busy() || end.is_some_and(|end| !end.passed(self.moment())) {
            return;
        }
        assert!(self.expected.backing_off().from <= self.now);
        assert!(self.expected.pause <= self.now);
        assert_eq!(self.expected.forbidding(self.now), None);
        self.slot = Slot::default();
        self.expected.failures = 0;
    }
}

fn outcome(flight: &Flight) -> Option<Outcome> {
    let outcome = pin!(flight.clone().outcome());
    match outcome.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}
