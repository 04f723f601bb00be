//! What goes on without any request: renewals, metadata, keys, and a look at the credentials' files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::supervised::supervised;
use crate::broker::Broker;
use crate::discovery::Metadata;
use crate::http_client::Get;
use crate::metrics::Metrics;
use crate::oauth::ProviderName;
use crate::provider::Credentials;

/// How often files are looked at: a change is used within twice this time.
const LOOK_AT_FILES_EVERY: Duration = Duration::from_secs(30);

/// How long a token or a verdict may stay in memory after its end when nobody asks for anything.
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
    background.spawn(supervised("renewals", async move || {
        tokens.renew_when_due().await;
    }));
    let ended = Arc::clone(broker);
    background.spawn(supervised("ended tokens", async move || {
        drop_what_has_ended(&ended).await;
    }));
    for &name in broker.providers() {
        let broker = Arc::clone(broker);
        background.spawn(supervised("signing keys", async move || {
            broker.keep_keys(name).await;
        }));
    }
    for metadata in metadata {
        let (get, metrics) = (Arc::clone(&get), Arc::clone(metrics));
        background.spawn(supervised("metadata", async move || {
            metadata.keep(&get, &metrics).await;
        }));
    }
    for (name, credentials) in credentials {
        let (broker, changing) = (Arc::clone(broker), Arc::clone(&credentials));
        background.spawn(supervised("changes of credentials", async move || {
            forget_failures_on_change(name, &changing, &broker).await;
        }));
        let (metrics, reload) = (Arc::clone(metrics), reload.subscribe());
        let counted = AtomicU64::new(0);
        background.spawn(supervised("files of credentials", async move || {
            look_at_files(name, &credentials, (&metrics, &counted), reload.clone()).await;
        }));
    }
}

async fn drop_what_has_ended(broker: &Broker) {
    loop {
        sleep(DROP_ENDED_EVERY).await;
        broker.drop_ended();
    }
}

async fn look_at_files(
    name: ProviderName,
    credentials: &Credentials,
    (metrics, counted): (&Metrics, &AtomicU64),
    mut reload: watch::Receiver<()>,
) {
    loop {
        metrics.credential_expiry(name, credentials.expiry());
        if let Ok(Err(_)) = timeout(LOOK_AT_FILES_EVERY, reload.changed()).await {
            // The daemon is gone, and nobody will ask for a token any more.
            return;
        }
        credentials.reload().await;
        let errors = credentials.reload_errors();
        let before = counted.swap(errors, Ordering::Relaxed);
        metrics.credential_reload_errors(name, errors.saturating_sub(before));
    }
}

/// Another credential may turn a refusal into a token.
async fn forget_failures_on_change(name: ProviderName, credentials: &Credentials, broker: &Broker) {
    let mut changes = credentials.changes();
    // One may have come before.
    changes.mark_changed();
    while changes.changed().await.is_ok() {
        broker.forget_failures(name);
    }
}
