//! Threads for signatures, so that one that is being verified holds up no other request.

use std::num::NonZero;
use std::sync::OnceLock;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// More threads than this are not of use to one app.
const MOST_THREADS: usize = 8;
/// A thread without work ends after this time, and gives back its memory.
const IDLE: Duration = Duration::from_secs(60);

/// Threads that come with the work and go without it: as many as there are cores. On a single core there are
/// none, for handing work over would only cost.
#[derive(Debug, Default)]
pub struct Workers(OnceLock<Option<Runtime>>);

impl Workers {
    /// As many threads as that many cores are worth.
    #[must_use]
    pub fn for_cores(cores: usize) -> Self {
        Self(OnceLock::from(runtime(cores)))
    }

    /// Does the work, elsewhere if there is an elsewhere. `None`: it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let cores = || available_parallelism().map_or(1, NonZero::get);
        match self.0.get_or_init(|| runtime(cores())) {
            Some(runtime) => runtime.spawn_blocking(work).await.ok(),
            None => Some(work()),
        }
    }
}

/// Nothing ever runs on it but the threads that it has for blocking work: those that serve requests look up names and
/// files on theirs, and a look-up that hangs takes no room here. Without it the work is done where it comes up.
fn runtime(cores: usize) -> Option<Runtime> {
    if cores == 1 {
        return None;
    }
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(cores.min(MOST_THREADS))
        .thread_keep_alive(IDLE)
        .thread_name("laredo-verify")
        .build();
    runtime.ok()
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    use super::*;

    #[tokio::test]
    async fn s23_however_many_cores_there_are_eight_threads_are_the_most() {
        let workers = Workers::for_cores(100);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let shared = Arc::new((running, most, Barrier::new(MOST_THREADS)));
        let work = || {
            let shared = Arc::clone(&shared);
            move || {
                let (running, most, barrier) = &*shared;
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                barrier.wait();
                running.fetch_sub(1, Ordering::SeqCst);
            }
        };

        let runtime = workers.0.get().unwrap().as_ref().unwrap();
        let tasks: Vec<_> = (0..8 * MOST_THREADS)
            .map(|_| runtime.spawn_blocking(work()))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }

        assert_eq!(shared.1.load(Ordering::SeqCst), MOST_THREADS);
    }

    #[tokio::test]
    async fn work_that_panics_is_told_of_and_ends_no_worker() {
        let workers = Workers::for_cores(2);

        let failed = workers.run(|| panic!("a fault")).await;
        let done = workers.run(|| 7).await;

        assert_eq!((failed, done), (None::<()>, Some(7)));
    }

    #[tokio::test]
    async fn on_a_single_core_no_work_is_handed_over() {
        let workers = Workers::for_cores(1);
        let here = std::thread::current().id();

        let there = workers.run(|| std::thread::current().id()).await;

        assert_eq!(there, Some(here));
    }
}
