//! Collectors of logs and metrics that go away or get stuck cost log lines and no requests (F77, F81, F82).

use std::io::{Write as _, pipe};
use std::process::Stdio;

use laredo::dev::{Fault, IdentityProvider};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::client::{LONG, SCOPE, provider};
use crate::program::{Daemon, access_token, command, command_of, entra, eventually};

/// Two ports that were free a moment ago: for a daemon that cannot say which it took.
fn ports() -> [String; 2] {
    let listeners = [0; 2].map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().to_string())
}

/// A daemon whose output goes nowhere that the test could read.
struct Mute(Daemon);

impl Mute {
    /// Starts it at other ports if somebody took these meanwhile.
    async fn start(
        provider: &IdentityProvider,
        spawn: impl Fn(&[(&str, &str)]) -> Command,
    ) -> Self {
        let secret = provider.client_secret().unwrap();
        let start = async || {
            let [api, operations] = ports();
            let mut variables = entra(provider, secret.expose());
            variables.retain(|(name, _)| *name != "BIND_ADDRESS");
            variables.extend([("BIND_ADDRESS", &*api), ("PROBE_BIND_ADDRESS", &operations)]);
            let mut child = spawn(&variables).spawn().unwrap();
            let (api, operations) = (api.parse().unwrap(), operations.parse().unwrap());
            eventually("it serves or ends", async || {
                let ended = child.try_wait().unwrap().is_some();
                let serves = tokio::net::TcpStream::connect(operations).await.is_ok();
                (ended || serves).then_some(())
            })
            .await;
            let is_alive = child.try_wait().unwrap().is_none();
            is_alive.then(|| Self(Daemon::mute(child, api, operations)))
        };
        eventually("ports are free", start).await
    }
}

async fn serves(daemon: &Daemon) {
    for _ in 0..20 {
        access_token(&daemon.ask_anew(SCOPE).await.unwrap());
    }
    assert_eq!(daemon.probe("/healthz").await, 200);
}

#[tokio::test]
async fn f81_closed_streams_do_not_matter() {
    let provider = provider().await;
    let daemon = Mute::start(&provider, |variables| {
        let script = r#"exec "$0" <&- >&- 2>&-"#;
        let arguments = ["-c", script, env!("CARGO_BIN_EXE_laredo")];
        command_of("/bin/sh".as_ref(), &arguments, variables)
    })
    .await;

    serves(&daemon.0).await;
}

#[tokio::test]
async fn f77_f81_a_reader_of_the_log_that_goes_away_does_not_matter() {
    let provider = provider().await;
    let mut variables = vec![("RUST_LOG", "trace")];
    variables.push(("LAREDO_LOG_FORMAT", "json"));
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let daemon = Mute::start(&provider, |given| {
        let all: Vec<_> = given.iter().chain(&variables).copied().collect();
        let mut command = command(&[], &all);
        command
            .stdout(Stdio::from(writer.try_clone().unwrap()))
            .stderr(Stdio::from(writer.try_clone().unwrap()));
        command
    })
    .await;

    serves(&daemon.0).await;
}

#[tokio::test]
async fn f81_a_full_pipe_that_nobody_reads_costs_lines_and_no_requests() {
    let provider = provider().await;
    let (unread, writer) = pipe().unwrap();
    let mut filling = writer.try_clone().unwrap();
    // Blocks once the pipe is full, until its reader is gone.
    let filler = std::thread::spawn(move || while filling.write_all(&[b'\n'; 4096]).is_ok() {});
    let daemon = Mute::start(&provider, |variables| {
        let variables: Vec<_> = variables
            .iter()
            .chain(&[("RUST_LOG", "debug")])
            .copied()
            .collect();
        let mut command = command(&[], &variables);
        command.stdout(Stdio::from(writer.try_clone().unwrap()));
        command
    })
    .await
    .0;
    // Each answer that makes no sense is a line.
    let odd = Fault {
        status: Some(404),
        body: Some("<html>".to_owned()),
        ..Fault::default()
    };
    provider.faults().set([odd]).unwrap();

    let dropped = async {
        for number in 0.. {
            let answer = daemon.ask(&format!("api://{number}/.default")).await;
            assert_eq!(answer.unwrap().status, 502);
            if number % 100 == 0 && daemon.metric("laredo_log_lines_dropped").await > 0.0 {
                return;
            }
        }
    };
    tokio::time::timeout(2 * LONG, dropped).await.unwrap();

    provider.faults().clear();
    serves(&daemon).await;
    drop((unread, daemon));
    filler.join().unwrap();
}

#[tokio::test]
async fn f82_a_collector_that_does_not_read_its_metrics_holds_up_nobody() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let question = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

    // Many answers of 20 KiB each, of which the last ones find no room in any buffer.
    let mut collector = TcpStream::connect(daemon.operations).await.unwrap();
    collector.write_all(&question.repeat(1_000)).await.unwrap();
    serves(&daemon).await;

    assert!(daemon.metric("process_open_fds").await > 0.0);
}
