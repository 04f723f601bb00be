//! A provider, files and flights to try the credentials with.

mod keys;
mod refusal;
mod rotation;

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex as SyncMutex, Once};

use tempfile::TempDir;

use super::*;
use crate::client_auth::{
    ClientAuth, CredentialKind, CredentialSource, CredentialTexts, Origin, Part, SecretMethod,
};

const MINUTE: Duration = Duration::from_secs(60);

/// A provider that knows some secrets and counts what it is asked.
#[derive(Default)]
struct Provider {
    known: SyncMutex<HashSet<String>>,
    asked: SyncMutex<Vec<String>>,
}

impl Provider {
    fn knowing<const N: usize>(secrets: [&str; N]) -> Self {
        let provider = Self::default();
        provider.learns(secrets);
        provider
    }

    fn learns<const N: usize>(&self, secrets: [&str; N]) {
        *self.known.lock().unwrap() = secrets.map(str::to_owned).into();
    }

    fn takes(&self, credential: &Credential) -> bool {
        let secret = text(credential);
        let takes = self.known.lock().unwrap().contains(&secret);
        self.asked.lock().unwrap().push(secret);
        takes
    }

    /// What was asked with since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// One flight, as the contract wants it: whether it got a token.
    async fn flight(&self, credentials: &Credentials) -> bool {
        let used = credentials.current();
        if self.takes(&used) {
            credentials.accepted(&used);
            return true;
        }
        self.second_try(credentials, &used).await
    }

    async fn second_try(&self, credentials: &Credentials, used: &Credential) -> bool {
        let Some(alternative) = credentials.after_refusal(used).await else {
            return false;
        };
        let takes = self.takes(alternative.credential());
        if takes {
            alternative.accepted();
        } else {
            alternative.refused();
        }
        takes
    }
}

fn text(credential: &Credential) -> String {
    match credential.auth() {
        ClientAuth::ClientSecret(secret, _) => secret.expose().to_owned(),
        other => other.key_id().unwrap_or_default().to_owned(),
    }
}

fn loaded(kind: CredentialKind, variable: &'static str, origin: Origin) -> CredentialSource {
    let main = Part { variable, origin };
    let key = None;
    CredentialSource::load(CredentialTexts { kind, main, key }).unwrap()
}

const SECRET: CredentialKind = CredentialKind::ClientSecret(SecretMethod::Post);

fn source(variable: &'static str, secret: &str) -> CredentialSource {
    loaded(SECRET, variable, Origin::Variable(secret.to_owned().into()))
}

fn credentials(
    clock: &Clock,
    first: CredentialSource,
    next: Option<CredentialSource>,
) -> Credentials {
    let next = Vec::from_iter(next);
    let sources = CredentialSources { first, next };
    Credentials::new(ProviderName::EntraId, &sources, clock.clone())
}

fn fixed(clock: &Clock, current: &str, next: Option<&str>) -> Credentials {
    let next = next.map(|next| source("NEXT", next));
    credentials(clock, source("CURRENT", current), next)
}

/// Secrets laid out as Kubernetes does: a link to a folder that is swapped as a whole.
struct Mounted {
    folder: TempDir,
}

impl Mounted {
    fn new(secret: &str) -> Self {
        let mounted = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        std::os::unix::fs::symlink("..data/secret", mounted.path("secret")).unwrap();
        mounted.swap(secret.as_bytes());
        mounted
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn swap(&self, content: &[u8]) {
        let data = tempfile::tempdir_in(&self.folder).unwrap().keep();
        std::fs::write(data.join("secret"), content).unwrap();
        std::os::unix::fs::symlink(&data, self.path("..data_tmp")).unwrap();
        std::fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
    }

    fn credentials(&self, clock: &Clock, next: Option<&str>) -> Credentials {
        let next = next.map(|next| source("NEXT", next));
        credentials(clock, self.source(SECRET), next)
    }

    fn source(&self, kind: CredentialKind) -> CredentialSource {
        loaded(kind, "CURRENT_FILE", Origin::File(self.path("secret")))
    }
}

fn in_use(credentials: &Credentials) -> String {
    text(&credentials.current())
}

/// A future that a test can look at before it is done.
struct Waiting<'a, T>(std::pin::Pin<Box<dyn Future<Output = T> + 'a>>);

fn begun<'a, T>(future: impl Future<Output = T> + 'a) -> Waiting<'a, T> {
    Waiting(Box::pin(future))
}

impl<T> Waiting<'_, T> {
    async fn is_pending(&mut self) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(self.0.as_mut().poll(context).is_pending())
        })
        .await
    }

    async fn finish(self) -> T {
        self.0.await
    }
}

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What is logged on the thread of a test. The subscriber is everybody's: one that comes and goes with a test would
/// not see events that other threads came across first.
struct Log;

impl Log {
    fn begin() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_writer(|| Self);
            tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        });
        LOG.take();
        Self
    }

    fn count(&self, text: &str) -> usize {
        let log = LOG.with_borrow(Clone::clone);
        String::from_utf8(log).unwrap().matches(text).count()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
