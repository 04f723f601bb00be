//! What the daemon logs on the thread of a test, which is the daemon's too.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The log of one test. The subscriber is everybody's: one that comes and goes with a test would not see events
/// that other threads came across first.
pub struct Log;

impl Log {
    /// Listens from now on, to all that the daemon itself says at any level.
    pub fn begin() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let levels = Targets::new()
                .with_default(LevelFilter::WARN)
                .with_target("laredo", LevelFilter::TRACE);
            let layer = tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(|| Self)
                .with_filter(levels);
            let subscriber = tracing_subscriber::registry().with(layer);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        LINES.take();
        Self
    }

    /// How often this text was logged.
    pub fn count(&self, text: &str) -> usize {
        self.text().matches(text).count()
    }

    /// All that was logged.
    pub fn text(&self) -> String {
        String::from_utf8(LINES.with_borrow(Clone::clone)).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
