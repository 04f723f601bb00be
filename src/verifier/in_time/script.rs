//! A scripted endpoint for keys and metadata.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::http_client::{Answer, Cause, Failure, Get};
use crate::verifier::published::{rsa, set};

/// The time-out of a call, in seconds, as by default.
const TIMEOUT: f64 = 3.0;

/// What the endpoint does with a call.
pub(super) struct Reply {
    after: Duration,
    result: Result<(u16, Vec<u8>), Failure>,
}

impl Reply {
    /// 200 with one and the same key under each of these names.
    pub(super) fn keys(ids: &[&str]) -> Self {
        let entries: Vec<Value> = ids.iter().map(|id| rsa(id)).collect();
        Self::body(set(&entries))
    }

    pub(super) fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    pub(super) fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::from(Ok((status, body.into())))
    }

    pub(super) fn fails(failure: Failure) -> Self {
        Self::from(Err(failure))
    }

    pub(super) fn refused() -> Self {
        Self::fails(Failure::Unreachable(Cause::Refused))
    }

    /// No answer until the time-out.
    pub(super) fn hangs() -> Self {
        Self::fails(Failure::TimedOut).after(TIMEOUT)
    }

    pub(super) fn after(mut self, seconds: f64) -> Self {
        self.after = Duration::from_secs_f64(seconds);
        self
    }

    fn from(result: Result<(u16, Vec<u8>), Failure>) -> Self {
        Self {
            after: Duration::ZERO,
            result,
        }
    }
}

type Script = Box<dyn FnMut(usize) -> Reply + Send>;

/// What is asked for documents. The script is given the number of the call, from 1.
#[derive(Clone)]
pub(super) struct Endpoint(Arc<Inner>);

struct Inner {
    start: Instant,
    script: Mutex<Script>,
    calls: Mutex<Vec<f64>>,
    running: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Endpoint {
    pub(super) fn new(script: impl FnMut(usize) -> Reply + Send + 'static) -> Self {
        Self(Arc::new(Inner {
            start: Instant::now(),
            script: Mutex::new(Box::new(script)),
            calls: Mutex::default(),
            running: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        }))
    }

    pub(super) fn follow(&self, script: impl FnMut(usize) -> Reply + Send + 'static) {
        *self.0.script.lock().unwrap() = Box::new(script);
    }

    /// When the calls came, in seconds since the start.
    pub(super) fn calls(&self) -> Vec<f64> {
        self.0.calls.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.0.calls.lock().unwrap().len()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.0.most_at_once.load(Ordering::Relaxed)
    }

    pub(super) fn get(&self) -> Get {
        let endpoint = self.clone();
        Arc::new(move |_| {
            let endpoint = endpoint.clone();
            Box::pin(async move { endpoint.answer().await })
        })
    }

    async fn answer(&self) -> Result<Answer, Failure> {
        let inner = &self.0;
        let number = {
            let mut calls = inner.calls.lock().unwrap();
            calls.push(inner.start.elapsed().as_secs_f64());
            calls.len()
        };
        let running = inner.running.fetch_add(1, Ordering::Relaxed) + 1;
        inner.most_at_once.fetch_max(running, Ordering::Relaxed);
        let reply = (inner.script.lock().unwrap())(number);
        sleep(reply.after).await;
        inner.running.fetch_sub(1, Ordering::Relaxed);
        let (status, body) = reply.result?;
        Ok(Answer {
            status,
            body: body.into(),
            content_type: None,
            retry_after: None,
            date: None,
        })
    }
}

/// The most calls within any stretch of so many seconds.
pub(super) fn most_within(calls: &[f64], seconds: f64) -> usize {
    let within = |begin: &f64| {
        let stretch = calls
            .iter()
            .filter(|call| (*begin..begin + seconds).contains(call));
        stretch.count()
    };
    calls.iter().map(within).max().unwrap_or(0)
}
