//! A provider that follows a script and notes every call.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cache::Purpose;
use crate::clock::Clock;
use crate::oauth::{Error, Lifetime, Refusal, Token, TokenRequest};
use crate::secret::Secret;

/// A call to the provider. The script is asked what to reply when it comes in.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) target: String,
    pub(super) purpose: Purpose,
    /// Time since the stage was set.
    pub(super) at: Duration,
    /// 1 for the first call, and so on.
    pub(super) number: usize,
}

/// What the provider does about a call.
pub(super) struct Reply {
    after: Duration,
    result: Result<(u64, Option<u64>), Error>,
    text: Option<&'static str>,
    panic: bool,
}

impl Reply {
    /// A token that nobody got before.
    pub(super) fn token(seconds: u64) -> Self {
        Self {
            after: Duration::ZERO,
            result: Ok((seconds, None)),
            text: None,
            panic: false,
        }
    }

    pub(super) fn error(error: Error) -> Self {
        Self {
            result: Err(error),
            ..Self::token(0)
        }
    }

    pub(super) fn refused() -> Self {
        Self::error(Error::Refused(Box::new(Refusal {
            status: 400,
            error: "invalid_scope".into(),
            description: None,
            further: serde_json::Map::new(),
        })))
    }

    pub(super) fn down() -> Self {
        Self::error(Error::Unreachable("down".into()))
    }

    pub(super) fn throttled(seconds: u64) -> Self {
        let retry_after = Duration::from_secs(seconds);
        Self::error(Error::Throttled { retry_after })
    }

    pub(super) fn unavailable(seconds: Option<u64>) -> Self {
        Self::error(Error::Unavailable {
            retry_after: seconds.map(Duration::from_secs),
            description: "busy".into(),
        })
    }

    pub(super) fn panics() -> Self {
        Self {
            panic: true,
            ..Self::token(0)
        }
    }

    pub(super) fn after_millis(self, millis: u64) -> Self {
        let after = Duration::from_millis(millis);
        Self { after, ..self }
    }

    pub(super) fn named(self, text: &'static str) -> Self {
        let text = Some(text);
        Self { text, ..self }
    }

    pub(super) fn refresh_in(self, seconds: u64) -> Self {
        let result = self.result.map(|(life, _)| (life, Some(seconds)));
        Self { result, ..self }
    }
}

pub(super) type Script = Mutex<Box<dyn FnMut(&Call) -> Reply + Send>>;

pub(super) struct Provider {
    pub(super) start: Instant,
    pub(super) clock: Clock,
    pub(super) script: Script,
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) running: AtomicUsize,
    pub(super) most_at_once: AtomicUsize,
}

/// Counts a call out again even if it panics.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Provider {
    pub(super) async fn answer(
        &self,
        request: &TokenRequest,
        purpose: Purpose,
    ) -> Result<Token, Error> {
        let begun = self.clock.now();
        let call = self.note(request, purpose);
        let reply = (self.script.lock().unwrap())(&call);
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        let _running = Running(&self.running);
        self.most_at_once.fetch_max(running, Ordering::Relaxed);
        sleep(reply.after).await;
        assert!(!reply.panic, "scripted panic");
        let (stated, refresh_in) = reply.result?;
        let lifetime = Lifetime {
            begun,
            stated: Duration::from_secs(stated),
            refresh_in: refresh_in.map(Duration::from_secs),
            cap: None,
        };
        let numbered = || format!("{}-{}", call.target.replace(' ', "_"), call.number);
        let text = reply.text.map_or_else(numbered, str::to_owned);
        Ok(Token::new(&Secret::from(text), lifetime).unwrap())
    }

    fn note(&self, request: &TokenRequest, purpose: Purpose) -> Call {
        let mut calls = self.calls.lock().unwrap();
        let call = Call {
            target: request.target.clone(),
            purpose,
            at: self.start.elapsed(),
            number: calls.len() + 1,
        };
        calls.push(call.clone());
        call
    }
}
