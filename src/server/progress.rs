//! How far one connection has come, and by when it must have come further.
//!
//! The socket's side, the service's side and the accept loop all look at it. Only the connection's own task
//! moves it on, hence no more order among the fields is needed than that task gives. A phase costs a clock
//! reading only where somebody has to be waited for, so that a busy connection sets no timers.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::house::House;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Accepted, and nothing heard yet.
    Fresh = 0,
    /// Between two requests.
    Idle = 1,
    /// In the middle of a head.
    Head = 2,
    /// In the middle of a body.
    Body = 3,
    /// The service works, or its answer is being written.
    Answer = 4,
    /// All is said; what the client still sends is thrown away.
    Closing = 5,
}

/// How the body of a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Sized(u64),
    Chunked,
}

/// How long a client may go on sending after the last answer, so that it comes to read that answer.
const LINGER: Duration = Duration::from_secs(1);
/// How long an idle connection still takes a request after the drain has begun: clients that are busy
/// learn from an answer that the connection ends, and lose no request to a closed socket.
const LAST_CALL: Duration = Duration::from_millis(250);

const NEVER: u64 = u64::MAX;
const NOTHING: u64 = u64::MAX;
const CHUNKED: u64 = u64::MAX - 1;

/// One connection's state, shared within its task and with the accept loop.
pub(super) struct Progress {
    pub(super) house: Arc<House>,
    phase: AtomicU8,
    /// When the phase began, in milliseconds of the house's time.
    since: AtomicU64,
    /// When the client first held up the answer that is being written.
    held_up: AtomicU64,
    /// The body of a head that hyper has read, until the socket's side hears of it.
    body: AtomicU64,
    /// The whole answer has been given to hyper.
    answered: AtomicBool,
    /// The head that was read last is one that must not be acted upon.
    ambiguous: AtomicBool,
    /// The accept loop wants the place.
    unwanted: AtomicBool,
    changed: Notify,
}

impl Progress {
    pub(super) fn new(house: Arc<House>) -> Self {
        Self {
            phase: AtomicU8::new(Phase::Fresh as u8),
            since: AtomicU64::new(house.now()),
            held_up: AtomicU64::new(NEVER),
            body: AtomicU64::new(NOTHING),
            answered: AtomicBool::new(false),
            ambiguous: AtomicBool::new(false),
            unwanted: AtomicBool::new(false),
            changed: Notify::new(),
            house,
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::Idle,
            2 => Phase::Head,
            3 => Phase::Body,
            4 => Phase::Answer,
            _ => Phase::Closing,
        }
    }

    /// When the phase began.
    pub(super) fn since(&self) -> u64 {
        self.since.load(Relaxed)
    }

    /// Begins a phase now.
    pub(super) fn enter(&self, phase: Phase) {
        self.since.store(self.house.now(), Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    /// A head has begun and is not complete. The first one's time runs since the accept.
    pub(super) fn head_is_incomplete(&self) {
        match self.phase() {
            Phase::Fresh => self.phase.store(Phase::Head as u8, Relaxed),
            Phase::Idle => self.enter(Phase::Head),
            _ => {}
        }
    }

    pub(super) fn body_is_awaited(&self) {
        if self.phase() == Phase::Answer {
            self.enter(Phase::Body);
        }
    }

    pub(super) fn body_is_complete(&self) {
        if self.phase() == Phase::Body {
            self.phase.store(Phase::Answer as u8, Relaxed);
        }
    }

    /// Hyper has read a head; the service is asked now.
    pub(super) fn begin_request(&self, body: Extent) {
        let body = match body {
            Extent::Sized(length) => length.min(CHUNKED - 1),
            Extent::Chunked => CHUNKED,
        };
        self.body.store(body, Relaxed);
        self.answered.store(false, Relaxed);
        self.phase.store(Phase::Answer as u8, Relaxed);
    }

    /// The body of the head that hyper has read since the last call.
    pub(super) fn take_body(&self) -> Option<Extent> {
        if self.body.load(Relaxed) == NOTHING {
            return None;
        }
        match self.body.swap(NOTHING, Relaxed) {
            CHUNKED => Some(Extent::Chunked),
            length => Some(Extent::Sized(length)),
        }
    }

    pub(super) fn answer_is_given(&self) {
        self.answered.store(true, Relaxed);
    }

    /// Whether all that was given to hyper since the last call ended an answer. Call it after a flush.
    pub(super) fn take_answered(&self) -> bool {
        let answered = self.answered.load(Relaxed);
        if answered {
            self.answered.store(false, Relaxed);
            self.held_up.store(NEVER, Relaxed);
        }
        answered
    }

    /// The client does not read; the first time counts, for all of the answer.
    pub(super) fn client_holds_up(&self) {
        if self.held_up.load(Relaxed) == NEVER {
            self.held_up.store(self.house.now(), Relaxed);
        }
    }

    pub(super) fn head_is_ambiguous(&self) {
        self.ambiguous.store(true, Relaxed);
    }

    pub(super) fn is_ambiguous(&self) -> bool {
        self.ambiguous.load(Relaxed)
    }

    /// Whether the next answer must be this connection's last.
    pub(super) fn ends(&self) -> bool {
        self.unwanted.load(Relaxed) || self.house.is_closing()
    }

    pub(super) fn is_unwanted(&self) -> bool {
        self.unwanted.load(Relaxed)
    }

    /// Asks the connection to end: at once between requests, else with its answer.
    pub(super) fn dismiss(&self) {
        self.unwanted.store(true, Relaxed);
        self.look_again();
    }

    /// Lets the connection's task look at its deadline.
    pub(super) fn look_again(&self) {
        self.changed.notify_one();
    }

    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// When the connection ends unless it comes further; none while the service works.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let limits = &self.house.limits;
        let since = self.since();
        let phase_ends = match self.phase() {
            Phase::Fresh => Some(self.between_requests(since, limits.head)),
            Phase::Idle => Some(self.between_requests(since, limits.idle)),
            Phase::Head | Phase::Closing if self.is_unwanted() => Some(since),
            Phase::Head => Some(after(since, limits.head)),
            Phase::Body => Some(after(since, limits.body)),
            Phase::Answer => None,
            Phase::Closing => Some(after(since, LINGER)),
        };
        let write_ends = match self.held_up.load(Relaxed) {
            NEVER => None,
            held_up => Some(after(held_up, limits.write)),
        };
        let ends = phase_ends.into_iter().chain(write_ends).min();
        ends.map(|millis| self.house.instant(millis))
    }

    fn between_requests(&self, since: u64, limit: Duration) -> u64 {
        if self.is_unwanted() {
            return since;
        }
        let ends = after(since, limit);
        match self.house.drained_since() {
            Some(drained) => ends.min(after(drained, LAST_CALL)),
            None => ends,
        }
    }
}

fn after(since: u64, limit: Duration) -> u64 {
    since.saturating_add(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX))
}
