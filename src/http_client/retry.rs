//! Asking again: at most twice, a little later, within the caller's time and the process' budget.

use std::time::Duration;

use super::RetryBudget;
use crate::clock::{Clock, Deadline};

/// Retries after the first attempt, from `contract.md` §4.
const MOST_RETRIES: u32 = 2;
/// No retry begins with less time left, from `contract.md` §4.
const LEAST_TIME: Duration = Duration::from_millis(250);
/// Milliseconds before a retry, drawn anew for each, from `contract.md` §4.
const JITTER_MILLIS: std::ops::RangeInclusive<u64> = 50..=250;

/// What an attempt brought.
#[derive(Debug)]
pub enum Attempt<T> {
    /// The outcome, for better or worse.
    Final(T),
    /// A failure that another attempt may turn.
    Passing(T),
}

/// Makes attempts, each told how much time is left, until one is final or none may follow; gives the last outcome.
pub async fn with_retries<T, F: Future<Output = Attempt<T>>>(
    budget: &RetryBudget,
    clock: &Clock,
    deadline: Deadline,
    mut attempt: impl FnMut(Duration) -> F,
) -> T {
    budget.note_first_attempt();
    let mut retries_left = MOST_RETRIES;
    loop {
        let outcome = match attempt(deadline.remaining(clock.now())).await {
            Attempt::Final(outcome) => return outcome,
            Attempt::Passing(outcome) => outcome,
        };
        let pause = Duration::from_millis(fastrand::u64(JITTER_MILLIS));
        let time_left = deadline.remaining(clock.now());
        let in_time = time_left >= pause.saturating_add(LEAST_TIME);
        if retries_left == 0 || !in_time || !budget.take_retry() {
            return outcome;
        }
        tokio::time::sleep(pause).await;
        // The machine may have slept through the pause.
        if deadline.remaining(clock.now()) < LEAST_TIME {
            return outcome;
        }
        retries_left = retries_left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::time::{Instant, sleep};

    use super::*;

    /// Makes attempts that each take `each` and fail; gives when each began.
    async fn beginnings(limit: Duration, each: Duration, budget: &RetryBudget) -> Vec<Duration> {
        let clock = Clock::of_runtime();
        let start = Instant::now();
        let beginnings = RefCell::new(Vec::new());
        with_retries(budget, &clock, clock.now().after(limit), |_| async {
            beginnings.borrow_mut().push(start.elapsed());
            sleep(each).await;
            Attempt::Passing(())
        })
        .await;
        beginnings.into_inner()
    }

    const LIMIT: Duration = Duration::from_secs(3);
    const INSTANT: Duration = Duration::ZERO;

    #[tokio::test(start_paused = true)]
    async fn f11_a_passing_failure_is_retried_twice_at_most() {
        let beginnings = beginnings(LIMIT, INSTANT, &RetryBudget::default()).await;

        assert_eq!(beginnings.len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn retries_come_50_to_250_ms_apart() {
        for _ in 0..100 {
            let beginnings = beginnings(LIMIT, INSTANT, &RetryBudget::default()).await;

            for pair in beginnings.windows(2) {
                let pause = pair[1] - pair[0];
                assert!((50..=251).contains(&pause.as_millis()), "{pause:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_retry_begins_with_less_than_250_ms_left() {
        for each in (0..3000).step_by(10).map(Duration::from_millis) {
            let beginnings = beginnings(LIMIT, each, &RetryBudget::default()).await;

            for retry in &beginnings[1..] {
                assert!(LIMIT - *retry >= LEAST_TIME, "{beginnings:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_outcome_is_not_retried() {
        let clock = Clock::of_runtime();
        let attempts = RefCell::new(0);

        let outcome = with_retries(
            &RetryBudget::default(),
            &clock,
            clock.now().after(LIMIT),
            |_| async {
                *attempts.borrow_mut() += 1;
                Attempt::Final("refused")
            },
        )
        .await;

        assert_eq!((outcome, attempts.into_inner()), ("refused", 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_outcome_is_the_one_given() {
        let clock = Clock::of_runtime();
        let attempts = RefCell::new(0);

        let outcome = with_retries(
            &RetryBudget::default(),
            &clock,
            clock.now().after(LIMIT),
            |_| async {
                *attempts.borrow_mut() += 1;
                match *attempts.borrow() {
                    1 => Attempt::Passing("reset"),
                    _ => Attempt::Final("token"),
                }
            },
        )
        .await;

        assert_eq!(outcome, "token");
    }

    #[tokio::test(start_paused = true)]
    async fn each_attempt_is_told_the_time_that_is_left() {
        let clock = Clock::of_runtime();
        let told = RefCell::new(Vec::new());

        with_retries(
            &RetryBudget::default(),
            &clock,
            clock.now().after(LIMIT),
            |left| {
                told.borrow_mut().push(left);
                async {
                    sleep(Duration::from_secs(1)).await;
                    Attempt::Passing(())
                }
            },
        )
        .await;

        let told = told.into_inner();
        assert_eq!(told[0], LIMIT);
        assert!(told[1] < Duration::from_secs(2), "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn f17_a_spent_budget_ends_the_retries() {
        let budget = RetryBudget::default();
        while budget.take_retry() {}

        let beginnings = beginnings(LIMIT, INSTANT, &budget).await;

        assert_eq!(beginnings.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn f17_a_storm_is_amplified_by_no_more_than_a_fifth() {
        let budget = RetryBudget::default();
        let mut calls = 0;

        for _ in 0..500 {
            calls += beginnings(LIMIT, INSTANT, &budget).await.len();
        }

        assert!(calls <= 500 + 500 / 5 + 10, "{calls} calls");
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_is_not_made_after_the_machine_slept_through_the_pause() {
        let clock = Clock::of_runtime();
        let attempts = RefCell::new(0);
        let budget = RetryBudget::default();
        let retries = with_retries(&budget, &clock, clock.now().after(LIMIT), |_| async {
            *attempts.borrow_mut() += 1;
            Attempt::Passing(())
        });

        // The attempt fails at once; the sleep falls into the pause before the retry.
        tokio::join!(retries, async { clock.advance(LIMIT) });

        assert_eq!(attempts.into_inner(), 1);
    }
}
