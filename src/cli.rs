//! The command line: the daemon, and small commands that ask a running one or try a configuration.

mod aadsts;
mod check;
mod daemon;
#[cfg(feature = "dev")]
mod dev;
mod healthcheck;
mod introspect;
mod output;
mod private_memory;
mod serve;
mod token;

use std::ffi::OsString;
use std::process::ExitCode;

use argh::{EarlyExit, FromArgs};

use output::{complain, say};
use private_memory::keep_memory_private;

/// The environment, as main found it.
type Environment = Vec<(OsString, OsString)>;

/// Exit code for a wrong configuration or command line.
const WRONG_CONFIGURATION: u8 = 2;

/// Gets, caches and renews OAuth tokens for the app beside it.
/// Without a command it serves, configured by environment variables.
#[derive(FromArgs)]
struct Arguments {
    /// print the version
    #[argh(switch)]
    version: bool,
    #[argh(subcommand)]
    command: Option<Command>,
}

#[derive(FromArgs)]
#[argh(subcommand)]
enum Command {
    Serve(serve::Arguments),
    #[cfg(feature = "dev")]
    Dev(dev::Arguments),
    Token(token::Arguments),
    Introspect(introspect::Arguments),
    Check(check::Arguments),
    Healthcheck(healthcheck::Arguments),
}

/// Runs the command that `arguments` name; `environment` is the process' own.
pub fn run(
    arguments: impl Iterator<Item = OsString>,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> ExitCode {
    // Every command may come to hold a secret. That it failed is for the daemon to log.
    let _ = keep_memory_private();
    let arguments: Vec<String> = arguments
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match Arguments::from_args(&["laredo"], &arguments) {
        Ok(Arguments { version: true, .. }) => {
            say(concat!("laredo ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        Ok(Arguments { command, .. }) => dispatch(command, environment.collect()),
        Err(EarlyExit {
            output,
            status: Ok(()),
        }) => {
            say(&output);
            ExitCode::SUCCESS
        }
        Err(EarlyExit { output, .. }) => {
            complain(&output);
            ExitCode::from(WRONG_CONFIGURATION)
        }
    }
}

fn dispatch(command: Option<Command>, environment: Environment) -> ExitCode {
    match command.unwrap_or(Command::Serve(serve::Arguments {})) {
        Command::Serve(_) => serve::run(environment),
        #[cfg(feature = "dev")]
        Command::Dev(_) => dev::run(environment),
        Command::Token(arguments) => token::run(&arguments, environment),
        Command::Introspect(arguments) => introspect::run(arguments, environment),
        Command::Check(arguments) => check::run(&arguments, environment),
        Command::Healthcheck(_) => healthcheck::run(environment),
    }
}

/// Says what is wrong with the configuration, one line each.
fn wrong_configuration(problems: &crate::config::Problems) -> ExitCode {
    complain(&problems.to_string());
    ExitCode::from(WRONG_CONFIGURATION)
}

/// Runs a command that needs no more than one thread.
fn block_on<T>(command: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(command))
}
