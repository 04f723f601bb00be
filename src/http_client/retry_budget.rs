//! How many retries the whole process may make, so that a provider's trouble is not made worse.

use std::sync::atomic::{AtomicU32, Ordering};

/// First attempts that earn one retry, from `contract.md` §4: at most 1.2 calls for each one wanted.
const ATTEMPTS_PER_RETRY: u32 = 5;
/// Retries that can be saved up, from `contract.md` §4.
const RESERVE: u32 = 10;
const FULL: u32 = RESERVE * ATTEMPTS_PER_RETRY;

/// Retries left, shared by all callers: ten in reserve, one more for every five first attempts.
#[derive(Debug)]
pub struct RetryBudget {
    /// In first attempts, so that no fraction of a retry is needed; 0 to [`FULL`].
    credit: AtomicU32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            credit: AtomicU32::new(FULL),
        }
    }
}

impl RetryBudget {
    /// Counts a first attempt.
    pub fn note_first_attempt(&self) {
        self.change(|credit| Some(credit.saturating_add(1).min(FULL)));
    }

    /// Takes one retry out, if there is one.
    #[must_use]
    pub fn take_retry(&self) -> bool {
        self.change(|credit| credit.checked_sub(ATTEMPTS_PER_RETRY))
    }

    fn change(&self, next: impl Fn(u32) -> Option<u32>) -> bool {
        self.credit
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retries_granted(budget: &RetryBudget, wanted: u32) -> u32 {
        (0..wanted).map(|_| u32::from(budget.take_retry())).sum()
    }

    #[test]
    fn f17_the_reserve_is_ten_retries() {
        let budget = RetryBudget::default();

        assert_eq!(retries_granted(&budget, 100), 10);
    }

    #[test]
    fn f17_five_first_attempts_earn_one_retry() {
        let budget = RetryBudget::default();
        retries_granted(&budget, 10);

        (0..4).for_each(|_| budget.note_first_attempt());
        assert!(!budget.take_retry());

        budget.note_first_attempt();
        assert!(budget.take_retry());
    }

    #[test]
    fn f17_no_more_than_the_reserve_is_saved_up() {
        let budget = RetryBudget::default();

        (0..1000).for_each(|_| budget.note_first_attempt());

        assert_eq!(retries_granted(&budget, 100), 10);
    }

    #[test]
    fn f17_a_storm_from_many_threads_is_amplified_by_no_more_than_a_fifth() {
        let budget = RetryBudget::default();

        let retries: u32 = std::thread::scope(|scope| {
            let storm = || {
                (0..1000)
                    .map(|_| {
                        budget.note_first_attempt();
                        retries_granted(&budget, 2)
                    })
                    .sum::<u32>()
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(storm)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("thread"))
                .sum()
        });

        assert!(retries <= 4000 / 5 + 10, "{retries} retries");
        assert!(retries >= 4000 / 5, "{retries} retries");
    }
}
