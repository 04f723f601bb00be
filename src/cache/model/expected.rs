//! What the contract's table says, in whole milliseconds and without regard to how the cache does it.

use super::Result;

/// A point in time or a duration, in milliseconds.
pub(super) type Millis = u64;

/// The token that ought to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) fetch: u64,
    pub(super) text: u64,
    pub(super) begun: Millis,
    pub(super) stated: Millis,
    pub(super) kept: Millis,
}

impl Token {
    pub(super) fn expiry(&self) -> Millis {
        self.begun + self.kept
    }

    pub(super) fn end(&self) -> Millis {
        self.expiry() - (self.kept / 10).min(10_000)
    }

    pub(super) fn urgent_from(&self) -> Millis {
        self.expiry() - (self.kept / 4).min(120_000)
    }

    /// Half the life, give or take a tenth of it, and no sooner than after a second.
    pub(super) fn renewable(&self) -> Span {
        let half = self.kept / 2;
        Span {
            from: self.begun + (half - half / 10).max(1_000),
            to: self.begun + (half + half / 10 + 1).max(1_000),
        }
    }
}

/// A time known but for its jitter: surely running before `from`, surely over at `to`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Millis,
    pub(super) to: Millis,
}

impl Span {
    fn cut(self, longest: Millis) -> Self {
        Self {
            from: self.from.min(longest),
            to: self.to.min(longest),
        }
    }
}

/// A `Retry-After` or a remembered refusal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remembered {
    pub(super) until: Millis,
    pub(super) error: Result,
}

/// What ought to be remembered about a key.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) token: Option<Token>,
    pub(super) latest_success: u64,
    pub(super) failures: u32,
    pub(super) retry_after: Option<Remembered>,
    pub(super) refusal: Option<Remembered>,
    pub(super) back_off: Option<(Span, Result)>,
    pub(super) pause: Millis,
}

impl Expected {
    pub(super) fn live(&self, now: Millis) -> Option<Token> {
        self.token.filter(|token| now < token.end())
    }

    /// The error that binds every caller who would need a call.
    pub(super) fn forbidding(&self, now: Millis) -> Option<Result> {
        [self.retry_after, self.refusal]
            .into_iter()
            .flatten()
            .find(|remembered| now < remembered.until)
            .map(|remembered| remembered.error)
    }

    /// While this runs nobody waits, and no renewal begins.
    pub(super) fn backing_off(&self) -> Span {
        let fixed = self.retry_after.map_or(0, |remembered| remembered.until);
        let wait = self
            .back_off
            .map_or(Span { from: 0, to: 0 }, |(span, _)| span);
        Span {
            from: fixed.max(wait.from),
            to: fixed.max(wait.to),
        }
    }

    /// When the renewal of `token` may begin, as far as time goes.
    pub(super) fn renewal(&self, token: &Token) -> Span {
        let (due, wait) = (token.renewable(), self.backing_off());
        Span {
            from: due.from.max(wait.from).max(self.pause),
            to: due.to.max(wait.to).max(self.pause),
        }
    }

    /// Without a token a back-off lasts five seconds at most.
    pub(super) fn miss(&mut self, now: Millis) {
        if let Some((span, _)) = &mut self.back_off {
            *span = span.cut(now + 5_000);
        }
    }

    pub(super) fn forget_failures(&mut self) {
        self.failures = 0;
        self.back_off = None;
        self.refusal = None;
    }

    /// A success; `renewal`: by a fetch in the background.
    pub(super) fn succeed(&mut self, token: Token, renewal: bool, now: Millis) {
        if token.fetch < self.latest_success {
            return;
        }
        self.latest_success = token.fetch;
        self.forget_failures();
        let held = self.live(now);
        let nothing = |held: &Token| token.kept == 0 || renewal && no_gain(held, &token);
        if let Some(held) = held.filter(nothing) {
            self.pause = now + (held.kept / 4).clamp(1_000, 30_000);
        } else if token.kept > 0 {
            self.pause = 0;
            self.token = Some(token);
        }
    }

    pub(super) fn fail(&mut self, fetch: u64, error: Result, now: Millis) {
        let wanted = match error {
            Result::Throttled { retry_after } => Some(retry_after),
            Result::Unavailable { retry_after } => retry_after,
            _ => None,
        };
        if let Some(seconds) = wanted {
            let until = now + seconds * 1_000;
            if self.retry_after.is_none_or(|other| other.until < until) {
                self.retry_after = Some(Remembered { until, error });
            }
        }
        if fetch < self.latest_success || error == Result::Overloaded {
            return;
        }
        self.failures += 1;
        match (self.live(now), error) {
            _ if wanted.is_some() => {}
            (Some(held), _) => {
                let wait = delay(self.failures, 30_000, now).cut(held.end() + 5_000);
                self.back_off = Some((wait, error));
            }
            (None, Result::Internal) => {}
            (None, Result::Refused) => {
                self.failures = 0;
                self.back_off = None;
                self.refusal = Some(Remembered {
                    until: now + 2_000,
                    error,
                });
            }
            (None, _) => self.back_off = Some((delay(self.failures, 5_000, now), error)),
        }
    }
}

fn no_gain(held: &Token, token: &Token) -> bool {
    token.expiry() < held.expiry()
        || token.text == held.text && token.expiry() < held.expiry() + 1_000
}

/// 1, 2, 4 … seconds and up to a quarter more, never above `longest`.
fn delay(failures: u32, longest: Millis, now: Millis) -> Span {
    let least = (1_000u64 << (failures - 1).min(16)).min(longest * 4 / 5);
    Span {
        from: now + least,
        to: now + least * 5 / 4 + 1,
    }
}
