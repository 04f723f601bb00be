//! Whom the daemon calls, and who may call it: strangers see no byte (S6, S7, S8, S10, S11).

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;

use laredo::dev::Fault;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{SCOPE, provider};
use crate::program::{Daemon, command_of, entra, has, skip};

/// Somebody whom nobody should call.
struct Trap(TcpListener);

impl Trap {
    fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn assert_untouched(&self) {
        let called = self.0.accept().map(|_| ()).map_err(|error| error.kind());
        assert_eq!(called, Err(ErrorKind::WouldBlock));
    }
}

#[tokio::test]
async fn s7_a_redirect_is_not_followed() {
    let provider = provider().await;
    let trap = Trap::set();
    let redirect = Fault {
        redirect: Some(trap.url()),
        ..Fault::default()
    };
    provider.faults().set([redirect]).unwrap();
    let daemon = Daemon::start(&provider, &[]).await;

    let answer = daemon.ask(SCOPE).await.unwrap();

    assert_eq!(answer.status, 502, "{}", answer.body);
    trap.assert_untouched();
}

#[tokio::test]
async fn s8_no_proxy_stands_between_the_daemon_and_loopback() {
    let provider = provider().await;
    let trap = Trap::set();
    let url = trap.url();
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
    let variables = names.map(|name| (name, &*url));
    let daemon = Daemon::start(&provider, &variables).await;

    daemon.token().await;

    trap.assert_untouched();
}

#[tokio::test]
async fn s10_metadata_on_loopback_leads_to_no_plain_http_elsewhere() {
    let provider = provider().await;
    let metadata = crate::hostile::serve_metadata("http://192.0.2.1/token").await;
    let variables = [
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", ""),
        ("AZURE_APP_WELL_KNOWN_URL", &*metadata.1),
    ];
    let daemon = Daemon::start(&provider, &variables).await;

    let answer = daemon.ask(SCOPE).await.unwrap();

    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("plain http"), "{}", answer.body);
}

#[rstest]
#[case("POST /api/v1/token", "Host: rebound.test", 421)]
#[case("POST /api/v1/token", "Host: 127.0.0.1.rebound.test", 421)]
#[case(
    "POST /api/v1/token",
    "Host: localhost\r\nOrigin: http://localhost",
    403
)]
#[case("OPTIONS /api/v1/token", "Host: localhost\r\nOrigin: null", 403)]
#[case(
    "POST /api/v1/token",
    "Host: localhost\r\nSec-Fetch-Site: cross-site",
    403
)]
#[case("OPTIONS /api/v1/token", "Host: localhost", 405)]
#[tokio::test]
async fn s6_no_web_page_gets_an_answer(
    #[case] request: &str,
    #[case] headers: &str,
    #[case] status: u16,
) {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let body = r#"{"identity_provider":"azuread","target":"a/.default"}"#;
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\n{headers}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );

    let mut stream = TcpStream::connect(daemon.api).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    assert!(
        !answer.to_lowercase().contains("access-control"),
        "{answer}"
    );
    assert_eq!(provider.calls().count(), 0);
}

/// The addresses in the lines that strace writes: IP and port, or the path of a socket.
fn called(trace: &str) -> BTreeSet<String> {
    let between = |line: &str, begin: &str, end: char| {
        let (_, rest) = line.split_once(begin)?;
        Some(rest.split_once(end)?.0.to_owned())
    };
    let lines = trace.lines().filter(|line| line.contains("connect("));
    lines
        .map(|line| {
            let port = between(line, "htons(", ')');
            let address = between(line, "inet_addr(\"", '"');
            match (address, port) {
                (Some(address), Some(port)) => format!("{address}:{port}"),
                _ => line.to_owned(),
            }
        })
        .collect()
}

#[tokio::test]
async fn s11_the_kernel_sees_calls_to_the_provider_and_to_nobody_else() {
    if !has("strace") {
        return skip("s11_the_kernel_sees_calls", "there is no strace");
    }
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let arguments = [
        // The daemon stays the process that was started, and is ended with its handle.
        "--daemonize",
        "--follow-forks",
        "--quiet=all",
        "--trace=connect",
        "--signal=none",
        "--output",
        trace.to_str().unwrap(),
        env!("CARGO_BIN_EXE_laredo"),
    ];
    let variables = entra(&provider, secret.expose());
    let daemon = Daemon::of(command_of("strace".as_ref(), &arguments, &variables)).await;

    daemon.token().await;
    daemon.ask("http://192.0.2.1/.default").await.unwrap();
    daemon
        .post(&json!({"identity_provider": "http://192.0.2.2", "target": "a", "resource": "http://192.0.2.3"}))
        .await
        .unwrap();
    let redirect = Fault {
        redirect: Some("http://127.0.0.1:9/".to_owned()),
        ..Fault::default()
    };
    provider.faults().set([redirect]).unwrap();
    daemon.ask("api://moved/.default").await.unwrap();

    let expected = provider.base_url().trim_start_matches("http://").to_owned();
    let trace = std::fs::read_to_string(&trace).unwrap();
    assert_eq!(called(&trace), BTreeSet::from([expected]), "{trace}");
}
