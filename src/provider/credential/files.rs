//! The files that hold credentials, looked at again and again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::client_auth::{
    ClientAuth, CredentialSource, CredentialSources, CredentialTexts, Defect, Fault,
};
use crate::oauth::ProviderName;
use crate::secret::Unusable;

/// A look at the files is given up after this time; a refused request may be waiting for it.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// The files of one provider's credentials.
#[derive(Debug)]
pub(super) struct Files {
    provider: ProviderName,
    variables: Vec<&'static str>,
    watched: Arc<[Watched]>,
    /// One look at a time, also when nobody waits for it any more: a hanging file system costs one thread.
    looking: Arc<tokio::sync::Mutex<()>>,
    errors: AtomicU64,
}

/// A credential of which at least a part is in a file.
#[derive(Debug)]
struct Watched {
    position: usize,
    texts: CredentialTexts,
    usable: AtomicBool,
    /// Of the texts that last made a credential: the same ones are not worked on again.
    fingerprint: Mutex<u64>,
}

/// What a look at the files found: what is new, each with its source's position. No other look runs until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) found: Vec<(usize, ClientAuth)>,
    _looking: Option<OwnedMutexGuard<()>>,
}

/// Of each the new credential with its texts' fingerprint, or `None` where the texts are those of before.
type Found = Vec<Result<Option<New>, Fault>>;
type New = (ClientAuth, u64);

impl Files {
    pub(super) fn of(provider: ProviderName, sources: &CredentialSources) -> Self {
        let sources = || std::iter::once(&sources.first).chain(&sources.next);
        let in_files = sources()
            .enumerate()
            .filter(|(_, source)| source.texts().are_in_files());
        Self {
            provider,
            variables: sources().map(CredentialSource::variable).collect(),
            watched: in_files.map(Watched::new).collect(),
            looking: Arc::default(),
            errors: AtomicU64::new(0),
        }
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(super) fn variable(&self, source: usize) -> &'static str {
        self.variables.get(source).copied().unwrap_or_default()
    }

    /// Reads them all. What cannot be used is counted, logged when it begins and ends, and left out.
    pub(super) async fn read(&self) -> Look {
        if self.watched.is_empty() {
            return Look::default();
        }
        let (found, looking) = match tokio::time::timeout(LONGEST_LOOK, self.found()).await {
            Ok(Some((found, looking))) => (found, Some(looking)),
            Ok(None) | Err(_) => (self.watched.iter().map(Watched::silent).collect(), None),
        };
        let pairs = self.watched.iter().zip(found);
        let found = pairs.filter_map(|(watched, found)| {
            self.note(watched, found.as_ref().err().copied());
            let (auth, fingerprint) = found.ok()??;
            // Not before: a look that was given up finds it once more.
            *watched.fingerprint() = fingerprint;
            Some((watched.position, auth))
        });
        Look {
            found: found.collect(),
            _looking: looking,
        }
    }

    async fn found(&self) -> Option<(Found, OwnedMutexGuard<()>)> {
        let looking = Arc::clone(&self.looking).lock_owned().await;
        let watched = Arc::clone(&self.watched);
        let read = move || (watched.iter().map(Watched::look).collect(), looking);
        tokio::task::spawn_blocking(read).await.ok()
    }

    fn note(&self, watched: &Watched, fault: Option<Fault>) {
        let was_usable = watched.usable.swap(fault.is_none(), Ordering::Relaxed);
        let identity_provider = self.provider.as_str();
        if let Some(Fault { variable, defect }) = fault {
            self.errors.fetch_add(1, Ordering::Relaxed);
            if was_usable {
                tracing::error!(
                    identity_provider,
                    variable,
                    reason = %defect,
                    "a credential file cannot be used; the last good version stays in use"
                );
            }
        } else if !was_usable {
            tracing::info!(
                identity_provider,
                variable = watched.texts.main.variable,
                "the credential file can be used again"
            );
        }
    }
}

impl Watched {
    fn new((position, source): (usize, &CredentialSource)) -> Self {
        Self {
            position,
            usable: AtomicBool::new(true),
            fingerprint: Mutex::new(source.fingerprint()),
            texts: source.texts().clone(),
        }
    }

    /// Blocks.
    fn look(&self) -> Result<Option<New>, Fault> {
        let contents = self.texts.read()?;
        let fingerprint = contents.fingerprint();
        if *self.fingerprint() == fingerprint {
            return Ok(None);
        }
        let auth = self.texts.parsed(&contents)?;
        Ok(Some((auth, fingerprint)))
    }

    fn fingerprint(&self) -> MutexGuard<'_, u64> {
        self.fingerprint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What is said of files that do not answer.
    fn silent(&self) -> Result<Option<New>, Fault> {
        Err(Fault {
            variable: self.texts.main.variable,
            defect: Defect::Unusable(Unusable::Unreadable),
        })
    }
}
