//! Loops of the background that outlive a panic: one that ended unseen would leave a daemon that looks well and renews
//! nothing.
//!
//! A panic is a fault in Laredo, and logged as one. The loop is begun again rather than the process ended: what is held
//! is good and may be what carries the app through an outage of its provider, and a new process would lose it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

/// The time before a loop is begun again, so that one that panics at once burns neither CPU nor log.
const PAUSE: Duration = Duration::from_secs(10);

/// Runs the loop that `begin` makes until it ends, and makes another after each panic. `name` is what the log calls it.
pub(super) async fn supervised(name: &'static str, begin: impl AsyncFn()) {
    while has_panicked(begin()).await {
        tracing::error!(
            background = name,
            "work in the background panicked, which is a fault in Laredo; it begins again in {} s",
            PAUSE.as_secs()
        );
        sleep(PAUSE).await;
    }
}

/// What the loop leaves behind is whole: its locks are held for no longer than one statement, and are used again after a
/// panic.
async fn has_panicked(work: impl Future<Output = ()>) -> bool {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => Poll::Ready(false),
            Err(_) => Poll::Ready(true),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_panics_begins_again_after_a_pause_until_it_ends_by_itself() {
        let (start, begun) = (Instant::now(), AtomicU32::new(0));

        supervised("test", async || {
            let number = begun.fetch_add(1, Ordering::Relaxed);
            sleep(Duration::from_secs(1)).await;
            assert_eq!(number, 3, "injected");
        })
        .await;

        assert_eq!(begun.load(Ordering::Relaxed), 4);
        assert_eq!(start.elapsed(), 4 * Duration::from_secs(1) + 3 * PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_loop_held_is_let_go_when_it_panics() {
        let held = Arc::new(());
        let loops = || {
            let held = Arc::clone(&held);
            async move {
                sleep(Duration::ZERO).await;
                assert_eq!(Arc::strong_count(&held), 1, "injected");
            }
        };

        assert!(has_panicked(loops()).await);

        assert_eq!(Arc::strong_count(&held), 1);
    }
}
