//! A server under measurement: a process of its own, ended with the value.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Subject, bare, client};

/// Patience with a server, under valgrind too.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(60);

/// A process that is ended when this is dropped.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that accepts connections, and the provider behind it.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) port: u16,
    _provider: Option<Process>,
}

impl Server {
    /// Starts it on the first core alone, so that the load can have the second, and has it answer once: the
    /// daemon then holds the token.
    pub(crate) fn warm(subject: Subject) -> Self {
        let server = Self::under(&["taskset", "--cpu-list", "0"], subject);
        client::ask(server.port, 1);
        server
    }

    /// Starts it as the last words of another command, and waits until it accepts connections.
    pub(crate) fn under(wrapper: &[&str], subject: Subject) -> Self {
        let provider_port = free_port();
        let provider = (subject == Subject::Laredo).then(|| {
            let mut command = this_binary(bare::PROVIDER, provider_port);
            let process = spawn(&mut command);
            await_port(provider_port);
            process
        });
        let port = free_port();
        let command = command(subject, port, provider_port);
        let process = spawn(&mut wrapped(wrapper, &command));
        await_port(port);
        Self {
            process,
            port,
            _provider: provider,
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }
}

/// The command that starts a subject. The daemon gets a provider at `provider_port`.
pub(crate) fn command(subject: Subject, port: u16, provider_port: u16) -> Command {
    match subject {
        Subject::Bare => this_binary(bare::HANDLER, port),
        Subject::Laredo => {
            let mut command = Command::new(laredo_binary());
            command.env_clear().envs([
                ("BIND_ADDRESS", format!("127.0.0.1:{port}")),
                ("PROBE_BIND_ADDRESS", "127.0.0.1:0".to_owned()),
                ("AZURE_APP_CLIENT_ID", "bench".to_owned()),
                ("AZURE_APP_CLIENT_SECRET", "bench".to_owned()),
                (
                    "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
                    format!("http://127.0.0.1:{provider_port}/token"),
                ),
            ]);
            command
        }
    }
}

pub(crate) fn laredo_binary() -> String {
    let built = || env!("CARGO_BIN_EXE_laredo").to_owned();
    std::env::var("LAREDO_BINARY").unwrap_or_else(|_| built())
}

pub(crate) fn this_binary(mode: &str, port: u16) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary's path"));
    command.arg(mode).env(bare::PORT, port.to_string());
    command
}

/// `command` as the last words of `wrapper`, its variables kept.
fn wrapped(wrapper: &[&str], command: &Command) -> Command {
    let mut words = wrapper.iter().map(|word| (*word).into());
    let program = words
        .next()
        .unwrap_or_else(|| command.get_program().to_owned());
    let mut outer = Command::new(program);
    outer.args(words);
    if !wrapper.is_empty() {
        outer.arg(command.get_program());
    }
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    outer.args(command.get_args()).envs(set);
    outer
}

pub(crate) fn spawn(command: &mut Command) -> Process {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let program = quiet.get_program().to_owned();
    Process(
        quiet
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display())),
    )
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its number").port()
}

/// Waits until a connection is accepted.
pub(crate) fn await_port(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < START_LIMIT, "nothing listens on {port}");
        std::thread::sleep(Duration::from_micros(50));
    }
}
