//! The only place that builds things: configuration, broker, routers, listeners, and the way to the end.

mod background;
mod listen;
mod prefetch;
mod providers;
mod supervised;
mod verifiers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub use listen::StartError;
pub use providers::{ProviderParts, parts};
pub use verifiers::how_to_switch_on;

use crate::broker::{self, Broker};
use crate::cache::CacheLimits;
use crate::clock::Clock;
use crate::config::Config;
use crate::frontends::api::{Api, ApiGuard};
use crate::frontends::operations::{self, Readiness};
use crate::metrics::Route;
use crate::server::{self, Limits, Stop, Stopper};

/// Every caller has an answer after this time, unless the upstream time-out is set so long that it takes more.
const ANSWER_TIME: Duration = Duration::from_secs(4);
/// What an answer may take beyond the upstream time-out.
const BEYOND_TIMEOUT: Duration = Duration::from_secs(1);

/// A running daemon.
pub struct App {
    /// Where the API listens.
    pub api: Vec<SocketAddr>,
    /// Where the operations listener is; empty if it is off.
    pub operations: Vec<SocketAddr>,
    readiness: watch::Sender<Readiness>,
    api_server: Running,
    operations_server: Running,
    shutdown_delay: Duration,
    reload: watch::Sender<()>,
    _background: JoinSet<()>,
}

struct Running {
    stopper: Stopper,
    task: JoinHandle<()>,
}

impl App {
    /// Binds and serves at once; whatever needs a provider happens in the background.
    /// `lines_dropped` tells how many log lines were lost.
    ///
    /// # Errors
    /// If an address cannot be bound.
    pub async fn start(
        config: Config,
        clock: Clock,
        lines_dropped: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let api = listen::bind("BIND_ADDRESS", &config.api.addresses)?;
        let operations = match &config.operations {
            Some(operations) => listen::bind("PROBE_BIND_ADDRESS", &operations.addresses)?,
            None => listen::Bound::default(),
        };
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        let answer = ANSWER_TIME.max(config.http.timeout.saturating_add(BEYOND_TIMEOUT));
        let parts = providers::parts(&config, &clock, answer)?;
        let metrics = Arc::clone(&parts.metrics);
        let setting = broker::Setting {
            limits: CacheLimits {
                max_bytes: config.cache.max_bytes,
                answer,
            },
            metrics: Arc::clone(&metrics),
            clock,
        };
        let broker = Arc::new(Broker::new(parts.providers, setting));
        let readiness = watch::Sender::new(Readiness::Starting);
        let reload = watch::Sender::new(());
        let mut background = JoinSet::new();
        background::spawn(
            &mut background,
            &broker,
            parts.credentials,
            (parts.metadata, parts.http.getter()),
            &metrics,
            &reload,
        );
        prefetch::spawn(&mut background, &broker, &config.prefetch, &readiness);

        let guard = ApiGuard::new(
            &api.addresses,
            &config.api.allowed_hosts,
            config.api.refuse_forwarded,
        );
        let service = Api::new(Arc::clone(&broker), guard, Arc::clone(&metrics));
        let panicked = {
            let metrics = Arc::clone(&metrics);
            move || metrics.http_request(Route::Other, 500, Duration::ZERO)
        };
        let api_server = serve(|stop| {
            server::serve(
                api.listeners,
                service,
                Limits::default().within_descriptors(),
                stop,
                panicked,
            )
        });
        let render = move || {
            metrics.log_lines_dropped(lines_dropped());
            broker.rendered_metrics()
        };
        let routes = operations::routes(Arc::new(render), readiness.subscribe());
        let operations_server = serve(|stop| {
            server::serve(
                operations.listeners,
                routes,
                Limits::for_operations(),
                stop,
                || (),
            )
        });
        tracing::info!(api = ?api.addresses, operations = ?operations.addresses, "Laredo serves");
        Ok(Self {
            api: api.addresses,
            operations: operations.addresses,
            readiness,
            api_server,
            operations_server,
            shutdown_delay: config.shutdown.delay,
            reload,
            _background: background,
        })
    }

    /// Looks at the credentials' files now rather than within half a minute.
    pub fn reload_credentials(&self) {
        self.reload.send_replace(());
    }

    /// The orderly end: readiness off, full service for the configured delay, then no new connections,
    /// and requests in flight finish. Dropping the future ends at once.
    pub async fn stop(self) {
        self.readiness.send_replace(Readiness::Stopping);
        self.api_server.stopper.announce();
        tracing::info!("Laredo stops");
        tokio::time::sleep(self.shutdown_delay).await;
        self.api_server.end().await;
        self.operations_server.end().await;
    }
}

impl Running {
    async fn end(self) {
        self.stopper.drain();
        // A server task ends by itself within its limit for draining.
        let _ = self.task.await;
    }
}

fn serve<F: Future<Output = ()> + Send + 'static>(server: impl FnOnce(Stop) -> F) -> Running {
    let (stopper, stop) = server::stop();
    Running {
        stopper,
        task: tokio::spawn(server(stop)),
    }
}
