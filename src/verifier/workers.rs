//! Threads for signatures, so that one that is being verified holds up no other request.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// More threads than this are not of use to one app.
const MOST_THREADS: usize = 8;
/// A thread without work ends after this time, and gives back its memory.
const IDLE: Duration = Duration::from_secs(60);

/// Threads that come with the work and go without it: as many as there are cores. On a single core there are
/// none, for handing work over would only cost.
#[derive(Debug)]
pub struct Workers(Option<Runtime>);

impl Workers {
    /// Starts no thread yet.
    ///
    /// # Errors
    /// If the system gives no runtime.
    pub fn new() -> std::io::Result<Self> {
        Self::for_cores(available_parallelism().map_or(1, NonZero::get))
    }

    /// As many threads as that many cores are worth.
    ///
    /// # Errors
    /// If the system gives no runtime.
    pub fn for_cores(cores: usize) -> std::io::Result<Self> {
        if cores == 1 {
            return Ok(Self(None));
        }
        // Nothing ever runs on this runtime but the threads that it has for blocking work; those that serve
        // requests look up names and files on theirs, and a look-up that hangs takes no room here.
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(cores.min(MOST_THREADS))
            .thread_keep_alive(IDLE)
            .thread_name("laredo-verify")
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Does the work, elsewhere if there is an elsewhere. `None`: it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        match &self.0 {
            Some(runtime) => runtime.spawn_blocking(work).await.ok(),
            None => Some(work()),
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
