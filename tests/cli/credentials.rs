//! Credentials that change on disk while the daemon runs, as Kubernetes changes them.

use std::os::unix::fs::symlink;
use std::path::Path;

use laredo::secret::Secret;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::client::{SCOPE, provider};
use crate::program::{Daemon, access_token, eventually};

const ERRORS: &str = r#"laredo_credential_reload_errors_total{identity_provider="entra_id"}"#;

/// A folder as the kubelet mounts it: `secret` → `..data/secret`, `..data` → one version's folder.
struct Mounted(TempDir);

impl Mounted {
    fn with(secret: &str) -> Self {
        let mounted = Self(tempfile::tempdir().unwrap());
        mounted.swap("..version_1", secret);
        symlink("..data/secret", mounted.path().join("secret")).unwrap();
        mounted
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> String {
        self.path().join("secret").to_str().unwrap().to_owned()
    }

    /// A new version, taken into use in one step.
    fn swap(&self, version: &str, secret: &str) {
        std::fs::create_dir(self.path().join(version)).unwrap();
        std::fs::write(self.path().join(version).join("secret"), secret).unwrap();
        symlink(version, self.path().join("..new")).unwrap();
        std::fs::rename(self.path().join("..new"), self.path().join("..data")).unwrap();
    }
}

fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts
        .iter()
        .map(|text| Secret::from((*text).to_owned()))
        .collect()
}

#[tokio::test]
async fn f69_a_swapped_secret_is_used_without_restart_and_no_request_fails() {
    let provider = provider().await;
    provider.accept_secrets(secrets(&["first"]));
    let mounted = Mounted::with("first");
    let file = mounted.file();
    let variables = [
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_SECRET_FILE", &*file),
    ];
    let daemon = Daemon::start(&provider, &variables).await;
    let held = daemon.token().await;

    mounted.swap("..version_2", "second");
    provider.accept_secrets(secrets(&["second"]));

    let renewed = daemon.ask_anew("api://another/.default").await.unwrap();
    access_token(&renewed);
    assert_eq!(daemon.token().await, held);
    let last = provider.calls().all().pop().unwrap();
    assert_eq!(last.field("client_secret"), Some("second"));
}

#[tokio::test]
async fn f70_an_unusable_file_keeps_the_last_good_secret_and_is_counted() {
    let provider = provider().await;
    provider.accept_secrets(secrets(&["first"]));
    let mounted = Mounted::with("first");
    let file = mounted.file();
    let variables = [
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_SECRET_FILE", &*file),
    ];
    let daemon = Daemon::start(&provider, &variables).await;

    mounted.swap("..empty", "");
    let mut counted = signal_until_more_errors(&daemon, 0.0).await;
    access_token(&daemon.ask_anew(SCOPE).await.unwrap());

    mounted.swap("..garbage", "two\nlines\0");
    counted = signal_until_more_errors(&daemon, counted).await;
    access_token(&daemon.ask_anew(SCOPE).await.unwrap());

    std::fs::remove_file(mounted.path().join("..data")).unwrap();
    signal_until_more_errors(&daemon, counted).await;
    access_token(&daemon.ask_anew(SCOPE).await.unwrap());
}

/// A look that had begun before the change does not count, so the next one is asked for again.
async fn signal_until_more_errors(daemon: &Daemon, counted: f64) -> f64 {
    eventually("another error is counted", async || {
        daemon.signal(Signal::HUP);
        let errors = daemon.metric(ERRORS).await;
        (errors > counted).then_some(errors)
    })
    .await
}
