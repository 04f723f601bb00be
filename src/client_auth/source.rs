//! The credentials that an app has at start, and where each may change.

use std::sync::Arc;

use super::{ClientAuth, CredentialTexts, Fault};

/// The credentials that an app has for one provider, the first choice first.
#[derive(Clone, Debug)]
pub struct CredentialSources {
    /// The one to use.
    pub first: CredentialSource,
    /// Those to use when the provider refuses it, in their order.
    pub next: Vec<CredentialSource>,
}

/// A credential as it was at start, and where to look for a newer one.
#[derive(Clone, Debug)]
pub struct CredentialSource {
    texts: CredentialTexts,
    credential: Arc<ClientAuth>,
    fingerprint: u64,
}

impl CredentialSource {
    /// The credential that is there now. Blocks.
    ///
    /// # Errors
    /// There is none that can be used.
    pub fn load(texts: CredentialTexts) -> Result<Self, Fault> {
        let contents = texts.read()?;
        Ok(Self {
            credential: Arc::new(texts.parsed(&contents)?),
            fingerprint: contents.fingerprint(),
            texts,
        })
    }

    /// Where it may change.
    #[must_use]
    pub fn texts(&self) -> &CredentialTexts {
        &self.texts
    }

    /// The credential as it was at start.
    #[must_use]
    pub fn at_start(&self) -> &Arc<ClientAuth> {
        &self.credential
    }

    /// The fingerprint of the texts at start.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The variable that it is called by.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.texts.main.variable
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
