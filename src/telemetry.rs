//! The log: JSON lines or text on standard output, written by a thread of its own, so that a collector
//! that is stuck costs log lines and no requests.

use std::io::{self, IsTerminal as _};

use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterFn, Targets};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::config::{LogConfig, LogFormat};

/// Lines that may wait to be written; beyond it they are dropped and counted.
const LINES_WAITING: usize = 1024;
/// What other crates may say: their finer levels may show what they send.
const MOST_OF_OTHERS: LevelFilter = LevelFilter::WARN;

/// Keeps the log's thread; what waits is written when it is dropped.
#[must_use]
pub struct Telemetry {
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

impl Telemetry {
    /// Sets up the log for the whole process.
    pub fn start(config: &LogConfig) -> Self {
        let (writer, guard) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(LINES_WAITING)
            .finish(io::stdout());
        let dropped = writer.error_counter();
        // Whoever embeds the crate may have a log already.
        let _ = tracing::subscriber::set_global_default(subscriber(config, writer));
        hide_panic_messages();
        Self {
            dropped,
            _writer: guard,
        }
    }

    /// How many lines were lost so far.
    #[must_use]
    pub fn dropped(&self) -> ErrorCounter {
        self.dropped.clone()
    }
}

fn subscriber(config: &LogConfig, writer: NonBlocking) -> Box<dyn Subscriber + Send + Sync> {
    let filter = config.filter.clone();
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    if is_text(&config.format) {
        let layer = layer.with_ansi(io::stdout().is_terminal());
        Box::new(tracing_subscriber::registry().with(layer.with_filter(ours(filter))))
    } else {
        let layer = layer
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false);
        Box::new(tracing_subscriber::registry().with(layer.with_filter(ours(filter))))
    }
}

fn is_text(format: &LogFormat) -> bool {
    match format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::ByTerminal => io::stdout().is_terminal(),
    }
}

/// `RUST_LOG` as it is for what we say ourselves, and no more than warnings for the rest.
fn ours(filter: Targets) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    FilterFn::new(move |metadata: &Metadata<'_>| {
        let is_ours = metadata.target().split("::").next() == Some("laredo");
        filter.would_enable(metadata.target(), metadata.level())
            && (is_ours || *metadata.level() <= MOST_OF_OTHERS)
    })
}

/// A panic's message may hold what was being worked on; its place says enough.
fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            place,
            "a part of Laredo failed; the rest goes on, please report this"
        );
    }));
}
