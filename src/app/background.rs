//! What goes on without any request: renewals, metadata, keys, and a look at the credentials' files.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::broker::Broker;
use crate::discovery::Metadata;
use crate::http_client::Get;
use crate::metrics::Metrics;
use crate::oauth::ProviderName;
use crate::provider::Credentials;

/// How often files are looked at: a change is used within twice this time.
const LOOK_AT_FILES_EVERY: Duration = Duration::from_secs(30);

/// How long a user's token may stay in memory after its end.
const DROP_ENDED_EVERY: Duration = Duration::from_secs(60);

pub(super) fn spawn(
    background: &mut JoinSet<()>,
    broker: &Arc<Broker>,
    credentials: Vec<(ProviderName, Arc<Credentials>)>,
    (metadata, get): (Vec<Arc<Metadata>>, Get),
    metrics: &Arc<Metrics>,
    reload: &watch::Sender<()>,
) {
    let tokens = Arc::clone(broker.tokens());
    background.spawn(async move { tokens.renew_when_due().await });
    background.spawn(drop_ended_exchanges(Arc::clone(broker)));
    for &name in broker.providers() {
        let broker = Arc::clone(broker);
        background.spawn(async move { broker.keep_keys(name).await });
    }
    for metadata in metadata {
        let (get, metrics) = (Arc::clone(&get), Arc::clone(metrics));
        background.spawn(async move { metadata.keep(&get, &metrics).await });
    }
    for (name, credentials) in credentials {
        let (broker, metrics) = (Arc::clone(broker), Arc::clone(metrics));
        background.spawn(forget_failures_on_change(
            name,
            Arc::clone(&credentials),
            broker,
        ));
        background.spawn(look_at_files(
            name,
            credentials,
            metrics,
            reload.subscribe(),
        ));
    }
}

async fn drop_ended_exchanges(broker: Arc<Broker>) {
    loop {
        sleep(DROP_ENDED_EVERY).await;
        broker.drop_ended_exchanges();
    }
}

async fn look_at_files(
    name: ProviderName,
    credentials: Arc<Credentials>,
    metrics: Arc<Metrics>,
    mut reload: watch::Receiver<()>,
) {
    let mut counted = 0;
    loop {
        metrics.credential_expiry(name, credentials.expiry());
        if let Ok(Err(_)) = timeout(LOOK_AT_FILES_EVERY, reload.changed()).await {
            // The daemon is gone, and nobody will ask for a token any more.
            return;
        }
        credentials.reload().await;
        let errors = credentials.reload_errors();
        metrics.credential_reload_errors(name, errors.saturating_sub(counted));
        counted = errors;
    }
}

/// Another credential may turn a refusal into a token.
async fn forget_failures_on_change(
    name: ProviderName,
    credentials: Arc<Credentials>,
    broker: Arc<Broker>,
) {
    let mut changes = credentials.changes();
    while changes.changed().await.is_ok() {
        broker.forget_failures(name);
    }
}
