//! The files that hold secrets, looked at again and again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::oauth::ProviderName;
use crate::secret::{Secret, SecretSource, Unusable};

/// A look at the files is given up after this time; a refused request may be waiting for it.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// The files of one provider's secrets.
#[derive(Debug)]
pub(super) struct Files {
    provider: ProviderName,
    variables: Vec<&'static str>,
    files: Vec<SecretFile>,
    /// One look at a time, also when nobody waits for it any more: a hanging file system costs one thread.
    looking: Arc<Mutex<()>>,
    errors: AtomicU64,
}

#[derive(Debug)]
struct SecretFile {
    source: usize,
    path: PathBuf,
    usable: AtomicBool,
}

/// What a look at the files found: the secrets, each with its source's position. No other look runs until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) secrets: Vec<(usize, Secret)>,
    _looking: Option<OwnedMutexGuard<()>>,
}

type Contents = Vec<Result<Secret, Unusable>>;

impl Files {
    pub(super) fn of(provider: ProviderName, sources: [Option<&SecretSource>; 2]) -> Self {
        let sources = || sources.into_iter().flatten();
        let files = sources().enumerate().filter_map(|(source, secret)| {
            let path = secret.file.clone()?;
            let usable = AtomicBool::new(true);
            Some(SecretFile {
                source,
                path,
                usable,
            })
        });
        Self {
            provider,
            variables: sources().map(|secret| secret.variable).collect(),
            files: files.collect(),
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
        if self.files.is_empty() {
            return Look::default();
        }
        let (contents, looking) = match tokio::time::timeout(LONGEST_LOOK, self.contents()).await {
            Ok(Some((contents, looking))) => (contents, Some(looking)),
            Ok(None) | Err(_) => (vec![Err(Unusable::Unreadable); self.files.len()], None),
        };
        let pairs = self.files.iter().zip(contents);
        let secrets = pairs.filter_map(|(file, content)| {
            self.note(file, content.as_ref().err().copied());
            Some((file.source, content.ok()?))
        });
        Look {
            secrets: secrets.collect(),
            _looking: looking,
        }
    }

    async fn contents(&self) -> Option<(Contents, OwnedMutexGuard<()>)> {
        let looking = Arc::clone(&self.looking).lock_owned().await;
        let paths: Vec<PathBuf> = self.files.iter().map(|file| file.path.clone()).collect();
        let read = move || {
            let contents = paths.iter().map(|path| Secret::read(path));
            (contents.collect(), looking)
        };
        tokio::task::spawn_blocking(read).await.ok()
    }

    fn note(&self, file: &SecretFile, failure: Option<Unusable>) {
        let was_usable = file.usable.swap(failure.is_none(), Ordering::Relaxed);
        let identity_provider = self.provider.as_str();
        let variable = self.variable(file.source);
        if let Some(failure) = failure {
            self.errors.fetch_add(1, Ordering::Relaxed);
            if was_usable {
                tracing::error!(
                    identity_provider,
                    variable,
                    reason = %failure,
                    "a credential file cannot be used; the last good version stays in use"
                );
            }
        } else if !was_usable {
            tracing::info!(
                identity_provider,
                variable,
                "the credential file can be used again"
            );
        }
    }
}
