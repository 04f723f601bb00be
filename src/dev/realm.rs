//! The providers that are played beside Entra, each with an issuer, keys and a client of its own.

mod claims;
mod client;
mod exchange;
mod grant;
mod metadata;
mod routes;
mod token;

use std::io;
use std::sync::Arc;

use super::client_key::ClientKey;
use super::registrations::Registrations;
use super::secrets::Secrets;
use super::shared::Shared;
use super::signing_keys::SigningKeys;
use super::{Endpoints, Played, SigningKey};

pub(super) use routes::router;

/// One of them.
pub(super) struct Realm {
    pub(super) played: Played,
    pub(super) endpoints: Endpoints,
    pub(super) client_id: &'static str,
    pub(super) client_key: ClientKey,
    pub(super) secrets: Secrets,
    pub(super) registrations: Registrations,
    pub(super) signing_keys: SigningKeys,
    /// Those whose users it knows too.
    trusted: Vec<Arc<Realm>>,
    shared: Shared,
}

/// All of them. Clones share them.
#[derive(Clone)]
pub(super) struct Realms {
    maskinporten: Arc<Realm>,
    tokenx: Arc<Realm>,
    idporten: Arc<Realm>,
    generic: Arc<Realm>,
}

impl Realms {
    /// `signing_key`: what all of them sign with; without one each makes its own.
    pub(super) fn new(
        base_url: &str,
        signing_key: Option<&Arc<SigningKey>>,
        shared: &Shared,
    ) -> io::Result<Self> {
        let realm = |played, client_id, trusted| -> io::Result<_> {
            let client_key = ClientKey::generate()?;
            Ok(Arc::new(Realm {
                played,
                endpoints: Endpoints::of_realm(base_url, played),
                client_id,
                secrets: Secrets::or_random(Vec::new())?,
                registrations: Registrations::new(vec![client_key.registered.clone()], None),
                client_key,
                signing_keys: SigningKeys::new(signing_key.cloned()),
                trusted,
                shared: shared.clone(),
            }))
        };
        let idporten = realm(Played::IdPorten, "dev-idporten-audience", Vec::new())?;
        let trusted = vec![Arc::clone(&idporten)];
        Ok(Self {
            maskinporten: realm(Played::Maskinporten, "dev-maskinporten-client", Vec::new())?,
            tokenx: realm(Played::TokenX, "cluster:namespace:app", trusted)?,
            idporten,
            generic: realm(Played::Generic, "dev-generic-client", Vec::new())?,
        })
    }

    /// `None`: it is Entra, which is a tenant.
    pub(super) fn get(&self, played: Played) -> Option<&Arc<Realm>> {
        match played {
            Played::EntraId => None,
            Played::Maskinporten => Some(&self.maskinporten),
            Played::TokenX => Some(&self.tokenx),
            Played::IdPorten => Some(&self.idporten),
            Played::Generic => Some(&self.generic),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Realm>> {
        [
            &self.maskinporten,
            &self.tokenx,
            &self.idporten,
            &self.generic,
        ]
        .into_iter()
    }
}
