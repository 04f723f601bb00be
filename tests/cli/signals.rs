//! Signals that a platform, a terminal or a careless script sends.

use rstest::rstest;
use rustix::process::Signal;
use tokio::process::Command;

use crate::client::{SCOPE, provider};
use crate::program::{Daemon, access_token, command_of, eventually, has, is_root, skip};

#[rstest]
#[case(Signal::TERM)]
#[case(Signal::INT)]
#[tokio::test]
async fn f77_a_signal_to_stop_ends_it_with_0(#[case] signal: Signal) {
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &[]).await;

    daemon.signal(signal);

    assert_eq!(daemon.end().await.code(), Some(0));
}

#[rstest]
#[case(Signal::TERM)]
#[case(Signal::INT)]
#[tokio::test]
async fn f77_a_second_signal_ends_it_at_once(#[case] second: Signal) {
    let delay = [("LAREDO_SHUTDOWN_DELAY", "3600")];
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &delay).await;
    daemon.signal(Signal::TERM);
    daemon.log().line_with("Laredo stops").await;

    daemon.signal(second);

    assert_eq!(daemon.end().await.code(), Some(1));
}

#[rstest]
#[case(Signal::HUP)]
#[case(Signal::PIPE)]
#[tokio::test]
async fn f77_other_signals_do_not_end_it(#[case] signal: Signal) {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;

    for _ in 0..10 {
        daemon.signal(signal);
        access_token(&daemon.ask_anew(SCOPE).await.unwrap());
    }
}

#[tokio::test]
async fn f77_as_process_1_it_heeds_signals() {
    if !is_root() || !has("unshare") {
        return skip(
            "f77_as_process_1_it_heeds_signals",
            "needs root and unshare",
        );
    }
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    let arguments = ["--pid", "--fork", "--kill-child"];
    let arguments: Vec<_> = arguments
        .into_iter()
        .chain([env!("CARGO_BIN_EXE_laredo")])
        .collect();
    let variables = crate::program::entra(&provider, secret.expose());
    let unshare = command_of("/usr/bin/unshare".as_ref(), &arguments, &variables);
    let mut daemon = Daemon::of(unshare).await;
    let children = format!("/proc/{0}/task/{0}/children", daemon.id());
    let child = std::fs::read_to_string(children).unwrap();

    // Whoever is outside may send any signal, also to a process 1.
    let mut kill = Command::new("kill");
    kill.args(["-TERM", child.trim()]);
    let sent = kill.status().await.unwrap();

    assert!(sent.success());
    assert_eq!(daemon.end().await.code(), Some(0));
}

#[tokio::test]
async fn f77_hang_up_has_the_credential_files_looked_at() {
    let provider = provider().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "outdated").unwrap();
    let variables = [
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_SECRET_FILE", file.to_str().unwrap()),
    ];
    let daemon = Daemon::start(&provider, &variables).await;
    let secret = provider.client_secret().unwrap();
    std::fs::write(&file, secret.expose()).unwrap();

    daemon.signal(Signal::HUP);
    let news = "a new version of the credential was read";
    daemon.log().line_with(news).await;

    let answer = eventually("a token", async || {
        let answer = daemon.ask(SCOPE).await.unwrap();
        (answer.status == 200).then_some(answer)
    });
    access_token(&answer.await);
    assert_eq!(provider.calls().count(), 1);
}
