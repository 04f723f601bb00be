//! Tokens that are got at start and kept for good (`LAREDO_PREFETCH`); readiness waits for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::supervised::supervised;
use crate::broker::Broker;
use crate::config::{PrefetchConfig, PrefetchTarget};
use crate::frontends::operations::Readiness;
use crate::oauth::{Freshness, TokenRequest};

/// The time between two looks at a prefetched token.
const SHORTEST_SLEEP: Duration = Duration::from_secs(1);
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

pub(super) fn spawn(
    background: &mut JoinSet<()>,
    broker: &Arc<Broker>,
    config: &PrefetchConfig,
    readiness: &watch::Sender<Readiness>,
) {
    let requests: Vec<_> = config.targets.iter().map(token_request).collect();
    let missing = watch::Sender::new(requests.clone());
    for request in requests {
        let (broker, missing) = (Arc::clone(broker), missing.clone());
        background.spawn(supervised("prefetch", async move || {
            keep(&broker, &request, &missing).await;
        }));
    }
    let (deadline, readiness) = (config.deadline, readiness.clone());
    if config.targets.is_empty() {
        become_ready(&readiness);
        return;
    }
    background.spawn(async move {
        let mut missing = missing.subscribe();
        let all_there = missing.wait_for(Vec::is_empty);
        if timeout(deadline, all_there).await.is_err() {
            tracing::warn!("not all tokens of LAREDO_PREFETCH came in time; ready without them");
        }
        become_ready(&readiness);
    });
}

fn token_request(target: &PrefetchTarget) -> TokenRequest {
    TokenRequest::new(target.provider, &target.target)
}

/// A stop may have begun meanwhile.
fn become_ready(readiness: &watch::Sender<Readiness>) {
    readiness.send_if_modified(|state| {
        let is_starting = *state == Readiness::Starting;
        if is_starting {
            *state = Readiness::Ready;
        }
        is_starting
    });
}

/// Asks for the token as an app would, often enough for it to count as used and to come back after an
/// outage. Requests of the app alone are counted, so the cache is asked past the broker.
async fn keep(broker: &Broker, request: &TokenRequest, missing: &watch::Sender<Vec<TokenRequest>>) {
    loop {
        let pause = match broker
            .tokens()
            .token(request.clone(), None, Freshness::Cached)
            .await
        {
            Ok(served) => {
                missing.send_if_modified(|missing| {
                    let before = missing.len();
                    missing.retain(|other| other != request);
                    missing.len() < before
                });
                served.held.remaining(broker.now()).mul_f64(0.5)
            }
            Err(failed) => failed.retry_after,
        };
        sleep(pause.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)).await;
    }
}
