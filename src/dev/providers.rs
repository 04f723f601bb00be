//! The provider as its owner holds it, for whichever provider it plays.

use std::io;
use std::sync::Arc;

use serde_json::Value;

use super::mint::Order;
use super::{Endpoints, IdentityProvider, Played, RegisteredKey, SigningKey};
use crate::secret::Secret;

impl IdentityProvider {
    /// Where the provider is that is played.
    #[must_use]
    pub fn endpoints(&self, played: Played) -> &Endpoints {
        match self.cast.realms.get(played) {
            Some(realm) => &realm.endpoints,
            None => &self.cast.tenant.endpoints,
        }
    }

    /// The one client there; with ID-porten the audience.
    #[must_use]
    pub fn client_id_of(&self, played: Played) -> &str {
        match self.cast.realms.get(played) {
            Some(realm) => realm.client_id,
            None => self.client_id(),
        }
    }

    /// The client's private key there, as a JWK; for Entra none is made.
    #[must_use]
    pub fn client_jwk(&self, played: Played) -> Option<Secret> {
        let realm = self.cast.realms.get(played)?;
        Some(realm.client_key.jwk.clone())
    }

    /// The first of the secrets that are accepted there.
    #[must_use]
    pub fn client_secret_of(&self, played: Played) -> Option<Secret> {
        match self.cast.realms.get(played) {
            Some(realm) => realm.secrets.first(),
            None => self.client_secret(),
        }
    }

    /// From now on these secrets are accepted there, and no others.
    pub fn accept_secrets_of(&self, played: Played, secrets: Vec<Secret>) {
        match self.cast.realms.get(played) {
            Some(realm) => realm.secrets.replace(secrets),
            None => self.accept_secrets(secrets),
        }
    }

    /// From now on assertions by these keys are accepted there, and no others.
    pub fn register_keys_of(&self, played: Played, keys: Vec<RegisteredKey>) {
        match self.cast.realms.get(played) {
            Some(realm) => realm.registrations.replace(keys),
            None => self.register_keys(keys),
        }
    }

    /// From now on these keys are published there, and the first of them signs.
    pub async fn publish_keys_of(&self, played: Played, keys: Vec<Arc<SigningKey>>) {
        self.cast.signing_keys(played).publish(keys).await;
    }

    /// A good token for the app, with these claims in place of the usual ones.
    pub async fn user_token(&self, provider: Played, claims: &Value) -> io::Result<String> {
        let order = Order {
            provider,
            claims: Some(claims.to_string()),
            ..Order::default()
        };
        self.cast.mint(order).await
    }
}
