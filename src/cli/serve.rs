//! `laredo serve`: the daemon.

use std::io;
use std::pin::pin;
use std::process::ExitCode;

use argh::FromArgs;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::output::complain;
use super::private_memory::keep_memory_private;
use super::{Environment, wrong_configuration};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry::Telemetry;

/// serve tokens (what laredo does without a command)
#[derive(FromArgs)]
#[argh(subcommand, name = "serve")]
pub(super) struct Arguments {}

pub(super) fn run(environment: Environment) -> ExitCode {
    let config = match Config::read(environment) {
        Ok(config) => config,
        Err(problems) => return wrong_configuration(&problems),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return cannot_start(&error.to_string()),
    };
    let code = runtime.block_on(serve(config, |_| ()));
    // A resolver that hangs must not hold up the end.
    runtime.shutdown_background();
    code
}

/// One thread serves: see `docs/decisions/7-one-thread.md`.
pub(super) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Serves until told to stop; `started` is called once the listeners are there.
pub(super) async fn serve(config: Config, started: impl FnOnce(&App)) -> ExitCode {
    let telemetry = Telemetry::start(&config.log);
    // It was done before; here a failure can be logged.
    if keep_memory_private().is_err() {
        tracing::warn!("memory cannot be kept from core dumps or debuggers on this system");
    }
    let dropped = telemetry.dropped();
    // As process 1 of a container there are no default actions: handlers come before anything else.
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => return cannot_start(&error.to_string()),
    };
    let app = App::start(config, Clock::system(), move || dropped.dropped_lines());
    let app = match app.await {
        Ok(app) => app,
        Err(error) => return cannot_start(&error.to_string()),
    };
    started(&app);
    signals.stop(|| app.reload_credentials()).await;
    let mut stopped = pin!(app.stop());
    tokio::select! {
        () = &mut stopped => ExitCode::SUCCESS,
        () = signals.stop(|| ()) => {
            tracing::warn!("told twice to stop: requests in flight are cut off");
            ExitCode::FAILURE
        }
    }
}

fn cannot_start(reason: &str) -> ExitCode {
    complain(&format!("laredo cannot start: {reason}"));
    ExitCode::FAILURE
}

/// The signals that a daemon heeds.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for SIGTERM or SIGINT; calls `hung_up` for every SIGHUP meanwhile.
    async fn stop(&mut self, hung_up: impl Fn()) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => hung_up(),
            }
        }
    }
}
