//! The client secrets that are accepted.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::Secret;

/// As long as Entra's own secrets, about.
const RANDOM_BYTES: usize = 30;

/// The secrets that are accepted. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Secrets(Arc<Mutex<Vec<Secret>>>);

impl Secrets {
    /// These secrets, or a random one where there are none.
    pub(super) fn or_random(secrets: Vec<Secret>) -> io::Result<Self> {
        let secrets = match secrets.is_empty() {
            true => vec![random()?],
            false => secrets,
        };
        Ok(Self(Arc::new(Mutex::new(secrets))))
    }

    pub(super) fn replace(&self, secrets: Vec<Secret>) {
        *self.lock() = secrets;
    }

    pub(super) fn first(&self) -> Option<Secret> {
        self.lock().first().cloned()
    }

    pub(super) fn accept(&self, text: &str) -> bool {
        self.lock().iter().any(|secret| secret.expose() == text)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn random() -> io::Result<Secret> {
    let mut bytes = [0; RANDOM_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(Secret::from(URL_SAFE_NO_PAD.encode(bytes)))
}
