//! The program as a process: started with an environment of its own, watched, and ended by its id.

use std::ffi::OsStr;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use laredo::dev::IdentityProvider;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::client::{self, Answer, LONG, SCOPE};

/// The user that container images run as.
pub const NOBODY: u32 = 65532;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The program with these variables and no others. It is killed when its handle is dropped.
pub fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    command_of(env!("CARGO_BIN_EXE_laredo").as_ref(), arguments, variables)
}

pub fn command_of(program: &OsStr, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs the program to its end.
pub async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    finish(command(arguments, variables)).await
}

pub async fn finish(mut command: Command) -> Finished {
    let output = timeout(LONG, command.output())
        .await
        .expect("the program does not end")
        .unwrap();
    Finished::from(output)
}

/// What is left of a program.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A daemon that serves.
pub struct Daemon {
    pub child: Child,
    pub api: SocketAddr,
    /// The API's address if there is no operations listener.
    pub operations: SocketAddr,
    stdout: Said,
    stderr: Said,
}

/// What came out of a stream so far.
#[derive(Clone, Default)]
pub struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    fn listen(mut stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let said = Self::default();
        let (heard, mut buffer) = (said.clone(), vec![0; 16 * 1024]);
        tokio::spawn(async move {
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                heard.0.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        said
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// The first line with this text in it, as soon as it has come.
    pub async fn line_with(&self, text: &str) -> String {
        eventually(text, async || {
            let said = self.text();
            let line = said.split_inclusive('\n').find(|line| line.contains(text));
            line.filter(|line| line.ends_with('\n')).map(str::to_owned)
        })
        .await
    }
}

impl Daemon {
    /// A daemon with the variables of [`entra`] and these; an empty value takes one away.
    pub async fn start(provider: &IdentityProvider, variables: &[(&str, &str)]) -> Self {
        let secret = provider.client_secret().unwrap();
        let mut all = entra(provider, secret.expose());
        all.retain(|(name, _)| variables.iter().all(|(other, _)| other != name));
        all.extend_from_slice(variables);
        Self::of(command(&[], &all)).await
    }

    /// The daemon that this command starts, once it serves.
    pub async fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = Said::listen(child.stdout.take().unwrap());
        let stderr = Said::listen(child.stderr.take().unwrap());
        let line = stdout.line_with("\"Laredo serves\"").await;
        let line: Value = serde_json::from_str(&line).unwrap();
        let api = first_address(&line["api"]).unwrap();
        Self {
            child,
            api,
            operations: first_address(&line["operations"]).unwrap_or(api),
            stdout,
            stderr,
        }
    }

    /// One whose output goes elsewhere.
    pub fn mute(child: Child, api: SocketAddr, operations: SocketAddr) -> Self {
        Self {
            child,
            api,
            operations,
            stdout: Said::default(),
            stderr: Said::default(),
        }
    }

    pub fn id(&self) -> i32 {
        self.child.id().unwrap().try_into().unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.id()).unwrap(), signal).unwrap();
    }

    /// How it ends, if it does.
    pub async fn end(&mut self) -> ExitStatus {
        timeout(LONG, self.child.wait())
            .await
            .expect("the daemon does not end")
            .unwrap()
    }

    pub fn log(&self) -> &Said {
        &self.stdout
    }

    pub fn complaints(&self) -> String {
        self.stderr.text()
    }

    /// Asks for a token; an error if the connection brings no whole answer.
    pub async fn ask(&self, target: &str) -> std::io::Result<Answer> {
        self.post(&json!({"identity_provider": "azuread", "target": target}))
            .await
    }

    /// Asks for a token that no cache has seen.
    pub async fn ask_anew(&self, target: &str) -> std::io::Result<Answer> {
        self.post(&json!({"identity_provider": "azuread", "target": target, "skip_cache": true}))
            .await
    }

    pub async fn post(&self, body: &Value) -> std::io::Result<Answer> {
        let url = format!("http://{}/api/v1/token", self.api);
        client::send("POST", &url, "application/json", &body.to_string()).await
    }

    /// A token, whatever it takes.
    pub async fn token(&self) -> String {
        access_token(&self.ask(SCOPE).await.unwrap())
    }

    /// The status of a path of the operations listener.
    pub async fn probe(&self, path: &str) -> u16 {
        client::get(&format!("http://{}{path}", self.operations))
            .await
            .status
    }

    pub async fn metrics(&self) -> String {
        client::get(&format!("http://{}/metrics", self.operations))
            .await
            .body
    }

    /// The value of one series, written as in `/metrics`; 0 if it is not there.
    pub async fn metric(&self, series: &str) -> f64 {
        let text = self.metrics().await;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }
}

/// What a daemon needs in its environment.
pub fn entra<'a>(provider: &'a IdentityProvider, secret: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("BIND_ADDRESS", "127.0.0.1:0"),
        ("AZURE_APP_CLIENT_ID", provider.client_id()),
        ("AZURE_APP_CLIENT_SECRET", secret),
        (
            "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
            provider.token_endpoint(),
        ),
    ]
}

pub fn access_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// From a list as in the log: `[127.0.0.1:3000, [::1]:3000]`.
fn first_address(list: &Value) -> Option<SocketAddr> {
    let list = list.as_str()?.strip_prefix('[')?.strip_suffix(']')?;
    list.split(", ").next()?.parse().ok()
}

/// Looks again and again until there is something to see.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let seen = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            sleep(BETWEEN_LOOKS).await;
        }
    };
    timeout(LONG, seen)
        .await
        .unwrap_or_else(|_| panic!("does not happen: {what}"))
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Says that a test could not be run here, and why. What `eprintln!` writes is hidden for tests that pass.
pub fn skip(test: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "!!!! SKIPPED {test}: {reason}");
}

/// A copy of the program that every user may run, and the folder it lies in.
pub fn program_for_everyone() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("laredo");
    std::fs::copy(env!("CARGO_BIN_EXE_laredo"), &program).unwrap();
    let open = std::fs::Permissions::from_mode(0o555);
    std::fs::set_permissions(folder.path(), open).unwrap();
    (folder, program)
}

/// Whether there is such a command on this machine.
pub fn has(command: &str) -> bool {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    folders
        .iter()
        .any(|folder| Path::new(folder).join(command).exists())
}
