//! The provider as its owner holds it: started, stopped, watched.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;

use crate::secret::Secret;

use super::mint_routes::{self, Cast};
use super::options::random_guid;
use super::realm::{self, Realms};
use super::registrations::Registrations;
use super::routes::{self, Tenant};
use super::secrets::Secrets;
use super::server::{Server, listener};
use super::shared::Shared;
use super::signing_keys::SigningKeys;
use super::{Calls, Endpoints, Faults, Options, RegisteredKey, SigningKey, fault_routes};

/// A running identity provider. It ends when it is dropped.
pub struct IdentityProvider {
    address: SocketAddr,
    base_url: String,
    pub(super) cast: Cast,
    server: Mutex<Option<Server>>,
}

impl IdentityProvider {
    /// Listens and serves, on the current runtime. Fails where the address is taken or not of loopback.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = listener(options.address)?;
        let address = listener.local_addr()?;
        let base_url = format!("http://{address}");
        let cast = cast(options, &base_url)?;
        let server = Server::start(listener, router(&cast, &base_url));
        Ok(Self {
            address,
            base_url,
            cast,
            server: Mutex::new(Some(server)),
        })
    }

    /// Closes the listener and cuts all connections; after that, connections are refused.
    pub async fn stop(&self) {
        let server = self.swap(None);
        if let Some(server) = server {
            server.stop().await;
        }
    }

    /// Serves again at the same address, with the same key, secrets, faults and calls.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = listener(self.address)?;
        let server = Server::start(listener, router(&self.cast, &self.base_url));
        self.swap(Some(server));
        Ok(())
    }

    fn swap(&self, server: Option<Server>) -> Option<Server> {
        let mut current = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, server)
    }

    /// Scheme and authority, without a trailing slash: Entra's authority host.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where tokens are had.
    #[must_use]
    pub fn token_endpoint(&self) -> &str {
        &self.cast.tenant.endpoints.token
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.cast.tenant.endpoints.issuer
    }

    /// Where its keys are.
    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        &self.cast.tenant.endpoints.keys
    }

    /// Where its metadata are.
    #[must_use]
    pub fn metadata_url(&self) -> &str {
        &self.cast.tenant.endpoints.metadata
    }

    /// The one tenant.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.cast.tenant.id
    }

    /// The one client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.cast.tenant.client_id
    }

    /// The first of the accepted secrets.
    #[must_use]
    pub fn client_secret(&self) -> Option<Secret> {
        self.cast.tenant.secrets.first()
    }

    /// From now on these secrets are accepted, and no others.
    pub fn accept_secrets(&self, secrets: Vec<Secret>) {
        self.cast.tenant.secrets.replace(secrets);
    }

    /// From now on these keys are published, and the first of them signs.
    pub async fn publish_keys(&self, keys: Vec<Arc<SigningKey>>) {
        self.cast.tenant.signing_keys.publish(keys).await;
    }

    /// From now on assertions by these keys are accepted, and no others.
    pub fn register_keys(&self, keys: Vec<RegisteredKey>) {
        self.cast.tenant.registrations.replace(keys);
    }

    /// The calls so far, and the gate at which they can be held.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.cast.tenant.shared.calls
    }

    /// What goes wrong with token calls.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.cast.tenant.shared.faults
    }
}

fn router(cast: &Cast, base_url: &str) -> Router {
    routes::router(Arc::clone(&cast.tenant))
        .merge(realm::router(&cast.realms, base_url))
        .merge(mint_routes::router(cast.clone()))
        .merge(fault_routes::router(cast.tenant.shared.faults.clone()))
}

fn cast(options: Options, base_url: &str) -> io::Result<Cast> {
    let shared = Shared {
        clock: options.clock,
        calls: Calls::default(),
        faults: Faults::default(),
    };
    let realms = Realms::new(base_url, options.signing_key.as_ref(), &shared)?;
    let tenant = Tenant {
        endpoints: Endpoints::of_tenant(base_url, &options.tenant_id),
        id: options.tenant_id,
        client_id: options.client_id,
        object_id: random_guid(),
        secrets: Secrets::or_random(options.client_secrets)?,
        registrations: Registrations::new(options.registered_keys, options.federation),
        signing_keys: SigningKeys::new(options.signing_key),
        shared,
    };
    Ok(Cast {
        tenant: Arc::new(tenant),
        realms,
    })
}
