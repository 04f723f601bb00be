//! Tokens that are got at start and kept for good (`LAREDO_PREFETCH`); readiness waits for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

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
    let missing = watch::Sender::new(config.targets.len());
    for target in &config.targets {
        background.spawn(keep(
            Arc::clone(broker),
            token_request(target),
            missing.clone(),
        ));
    }
    let (deadline, readiness) = (config.deadline, readiness.clone());
    if config.targets.is_empty() {
        become_ready(&readiness);
        return;
    }
    background.spawn(async move {
        let mut missing = missing.subscribe();
        let all_there = missing.wait_for(|missing| *missing == 0);
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
async fn keep(broker: Arc<Broker>, request: TokenRequest, missing: watch::Sender<usize>) {
    let mut is_missing = true;
    loop {
        let pause = match broker
            .tokens()
            .token(request.clone(), None, Freshness::Cached)
            .await
        {
            Ok(served) => {
                if std::mem::take(&mut is_missing) {
                    missing.send_modify(|missing| *missing = missing.saturating_sub(1));
                }
                served.held.remaining(broker.now()).mul_f64(0.5)
            }
            Err(failed) => failed.retry_after,
        };
        sleep(pause.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)).await;
    }
}
