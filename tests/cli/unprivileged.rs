//! As in an image without anything: another user, nothing to write to, no home, no temporary folder.

use std::process::Stdio;

use laredo::dev::Fault;
use rustix::process::Signal;
use tokio::process::Command;

use crate::client::provider;
use crate::program::{
    Daemon, Finished, NOBODY, command_of, entra, finish, is_root, program_for_everyone, skip,
};

/// Reads a file as the user that the daemon runs as; the output is of no interest.
async fn read_as(user: Option<u32>, path: &str) -> Finished {
    let mut command = Command::new("head");
    command
        .args(["-c", "1", path])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    finish(command).await
}

/// As root the other user is one without rights, else it is ourselves.
fn someone() -> Option<u32> {
    is_root().then_some(NOBODY)
}

fn belonging_to(user: Option<u32>, mut command: Command) -> Command {
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command
}

#[tokio::test]
async fn f83_it_works_without_rights_files_or_folders() {
    if !is_root() {
        return skip("f83_it_works_without_rights", "needs root to become nobody");
    }
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    let (folder, program) = program_for_everyone();
    let mut variables = entra(&provider, secret.expose());
    variables.push(("TMPDIR", "/nonexistent"));
    let mut command = command_of(program.as_os_str(), &[], &variables);
    // The folder may be read by all and written by none but root.
    command.current_dir(folder.path()).uid(NOBODY).gid(NOBODY);

    let mut daemon = Daemon::of(command).await;
    daemon.token().await;

    assert_eq!(daemon.probe("/readyz").await, 200);
    assert!(daemon.metric("process_open_fds").await > 0.0);
    assert_eq!(daemon.complaints(), "");
    assert!(
        !daemon.log().text().contains("WARN"),
        "{}",
        daemon.log().text()
    );
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().await.code(), Some(0));
}

#[tokio::test]
async fn s4_no_process_of_the_same_user_reads_its_memory_or_environment() {
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    let (_folder, program) = program_for_everyone();
    let variables = entra(&provider, secret.expose());
    let command = command_of(program.as_os_str(), &[], &variables);
    let daemon = Daemon::of(belonging_to(someone(), command)).await;
    daemon.token().await;

    for file in ["environ", "mem", "maps", "auxv", "fd/0"] {
        let path = format!("/proc/{}/{file}", daemon.id());
        let outcome = read_as(someone(), &path).await;
        assert_ne!(outcome.code, Some(0), "{file} can be read");
        assert!(outcome.stderr.contains("ermission denied"), "{outcome:?}");
    }
}

#[tokio::test]
async fn s4_commands_keep_their_memory_private_too() {
    let provider = provider().await;
    let hang = Fault {
        hang: true,
        ..Fault::default()
    };
    provider.faults().set([hang]).unwrap();
    let secret = provider.client_secret().unwrap();
    let (_folder, program) = program_for_everyone();
    let variables = entra(&provider, secret.expose());
    let check = command_of(program.as_os_str(), &["check"], &variables);
    let check = belonging_to(someone(), check).spawn().unwrap();
    provider.calls().wait_for(1).await;

    let outcome = read_as(someone(), &format!("/proc/{}/environ", check.id().unwrap())).await;

    assert!(outcome.stderr.contains("ermission denied"), "{outcome:?}");
}

/// What the tests above would see of any other program.
#[tokio::test]
async fn s4_of_another_process_the_same_user_reads_the_environment() {
    let sleep = command_of("/bin/sleep".as_ref(), &["60"], &[("MARK", "1")]);
    let mut sleeper = belonging_to(someone(), sleep).spawn().unwrap();
    let path = format!("/proc/{}/environ", sleeper.id().unwrap());

    let outcome = read_as(someone(), &path).await;

    sleeper.kill().await.unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[tokio::test]
async fn s4_it_leaves_no_core_dump() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;

    let limits = std::fs::read_to_string(format!("/proc/{}/limits", daemon.id())).unwrap();

    let core = limits.lines().find(|line| line.starts_with("Max core"));
    let fields: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(fields[4..6], ["0", "0"]);
}
