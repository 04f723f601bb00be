//! The clients that hold the connections, each made when it is first needed: start and idle memory stay small.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::RootCertStore;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::resolver::{Allowed, Resolver};
use super::route::Route;
use super::{Cause, HttpSettings, tls};

/// How long an unused connection is kept, from `contract.md` §4.
const IDLE: Duration = Duration::from_secs(10);
/// Unused connections kept per host.
const IDLE_PER_HOST: usize = 8;
/// After a client could not be made, how long the cause is given before it is tried again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(10);

/// One client per route.
pub(super) struct Connections {
    maker: Arc<Maker>,
    tls: Arc<Slot>,
    plain_listed: Arc<Slot>,
    plain_loopback: Arc<Slot>,
}

impl Connections {
    /// Makes no client yet.
    pub(super) fn new(settings: HttpSettings, resolver: Resolver) -> Self {
        Self {
            maker: Arc::new(Maker { settings, resolver }),
            tls: Arc::default(),
            plain_listed: Arc::default(),
            plain_loopback: Arc::default(),
        }
    }

    pub(super) fn settings(&self) -> &HttpSettings {
        &self.maker.settings
    }

    /// The client for `route`, made now if it was not needed before.
    pub(super) async fn client(&self, route: Route) -> Result<Client, Cause> {
        let slot = match route {
            Route::Tls => &self.tls,
            Route::PlainListed => &self.plain_listed,
            Route::PlainLoopback => &self.plain_loopback,
        };
        match slot.client.get() {
            Some(client) => Ok(client.clone()),
            None => {
                // Goes on when the caller's time is up: a slow disk must not be read anew by each of them.
                let making = slot.clone().make(self.maker.clone(), route);
                tokio::spawn(making).await.unwrap_or(Err(Cause::Setup))
            }
        }
    }
}

#[derive(Default)]
struct Slot {
    client: OnceCell<Client>,
    failed: Mutex<Option<(Instant, Cause)>>,
}

impl Slot {
    async fn make(self: Arc<Self>, maker: Arc<Maker>, route: Route) -> Result<Client, Cause> {
        let client = self.client.get_or_try_init(|| async {
            if let Some(cause) = self.recent_failure() {
                return Err(cause);
            }
            let made = tokio::task::spawn_blocking(move || maker.make(route));
            let made = made.await.unwrap_or(Err(Cause::Setup));
            *self.failed() = made.as_ref().err().map(|cause| (Instant::now(), *cause));
            made
        });
        client.await.cloned()
    }

    fn recent_failure(&self) -> Option<Cause> {
        let (at, cause) = (*self.failed())?;
        (at.elapsed() < PAUSE_AFTER_FAILURE).then_some(cause)
    }

    fn failed(&self) -> MutexGuard<'_, Option<(Instant, Cause)>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Maker {
    settings: HttpSettings,
    resolver: Resolver,
}

impl Maker {
    fn make(&self, route: Route) -> Result<Client, Cause> {
        let roots = self.roots(route)?;
        let builder = self
            .basics()
            .https_only(route == Route::Tls)
            .tls_backend_preconfigured(tls::config(roots)?);
        let builder = match route {
            Route::Tls | Route::PlainListed => {
                let builder = builder.dns_resolver(self.resolver.allowing(Allowed::All));
                self.with_proxies(builder)?
            }
            Route::PlainLoopback => builder.dns_resolver(self.resolver.allowing(Allowed::Loopback)),
        };
        builder.build().map_err(|_| Cause::Setup)
    }

    /// Plain http needs none, except to reach a proxy that itself speaks TLS.
    fn roots(&self, route: Route) -> Result<RootCertStore, Cause> {
        let proxy = self.settings.proxies.http.as_ref();
        let tls_to_proxy = proxy.is_some_and(|proxy| proxy.scheme() == "https");
        let needed = match route {
            Route::Tls => true,
            Route::PlainListed => tls_to_proxy,
            Route::PlainLoopback => false,
        };
        if needed {
            tls::roots(self.settings.ca_file.as_deref())
        } else {
            Ok(RootCertStore::empty())
        }
    }

    fn basics(&self) -> ClientBuilder {
        Client::builder()
            .user_agent(concat!("laredo/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.settings.connect_timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .http1_only()
            .no_proxy()
    }

    fn with_proxies(&self, builder: ClientBuilder) -> Result<ClientBuilder, Cause> {
        let proxies = self.settings.proxies.for_client();
        let proxies = proxies.map_err(|_| Cause::Setup)?;
        Ok(proxies.into_iter().fold(builder, ClientBuilder::proxy))
    }
}
