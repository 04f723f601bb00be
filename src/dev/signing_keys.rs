//! The keys that the provider publishes, and the one of them that it signs with.

use std::io;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::SigningKey;
use super::jwt::Jwt;

/// The published keys; the first one signs.
#[derive(Debug)]
pub(super) struct SigningKeys(Mutex<Vec<Arc<SigningKey>>>);

impl SigningKeys {
    /// This key, or where there is none one that is made when it is first needed.
    pub(super) fn new(key: Option<Arc<SigningKey>>) -> Self {
        Self(Mutex::new(key.into_iter().collect()))
    }

    /// The key that signs.
    pub(super) async fn current(&self) -> io::Result<Arc<SigningKey>> {
        let mut keys = self.0.lock().await;
        if let Some(key) = keys.first() {
            return Ok(Arc::clone(key));
        }
        let key = generate().await?;
        keys.push(Arc::clone(&key));
        Ok(key)
    }

    /// All that are published, at least one.
    pub(super) async fn published(&self) -> io::Result<Vec<Arc<SigningKey>>> {
        self.current().await?;
        Ok(self.0.lock().await.clone())
    }

    /// Whether one of the published keys has signed it.
    pub(super) async fn have_signed(&self, jwt: &Jwt<'_>) -> bool {
        let keys = self.0.lock().await;
        let mut public = keys.iter().filter_map(|key| key.public());
        public.any(|key| key.name == *jwt.key_name() && jwt.is_signed_by(&key))
    }

    /// From now on these are published, and the first of them signs.
    pub(super) async fn publish(&self, keys: Vec<Arc<SigningKey>>) {
        *self.0.lock().await = keys;
    }

    /// A new key signs; the old ones stay published.
    pub(super) async fn rotate(&self) -> io::Result<()> {
        let key = generate().await?;
        self.0.lock().await.insert(0, key);
        Ok(())
    }
}

/// A new key, made off the runtime's threads.
pub(super) async fn generate() -> io::Result<Arc<SigningKey>> {
    tokio::task::spawn_blocking(SigningKey::generate).await?
}
