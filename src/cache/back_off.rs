//! How long to wait after failures.

use std::time::Duration;

/// The longest wait between renewals of a held token.
const LONGEST_WITH_TOKEN: Duration = Duration::from_secs(30);
/// The longest time for which a caller without a token is answered with the last error.
pub(super) const LONGEST_WITHOUT_TOKEN: Duration = Duration::from_secs(5);
/// Up to this much is added at random.
const JITTER: f64 = 0.25;

/// The wait after the `failures`th failure in a row (1, 2, …) while a token is held: 1, 2, 4 … 30 s.
pub(super) fn with_token(failures: u32) -> Duration {
    delay(failures, LONGEST_WITH_TOKEN)
}

/// The same while there is no token: 1, 2, 4, 5 s.
pub(super) fn without_token(failures: u32) -> Duration {
    delay(failures, LONGEST_WITHOUT_TOKEN)
}

/// At the cap there is no jitter: the waits before have spread the keys, and a longer wait would outlast the
/// bound, a shorter one make more calls than one key is allowed.
fn delay(failures: u32, longest: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let exact = Duration::from_secs(1u64 << doublings);
    exact.mul_f64(1.0 + JITTER * fastrand::f64()).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_thirty_seconds() {
        for (failures, seconds) in [
            (1, 1.0_f64),
            (2, 2.0),
            (3, 4.0),
            (4, 8.0),
            (5, 16.0),
            (6, 30.0),
        ] {
            let wait = with_token(failures).as_secs_f64();

            assert!(
                (seconds..=(seconds * 1.25).min(30.0)).contains(&wait),
                "{failures}: {wait}"
            );
        }
        assert!(with_token(u32::MAX) <= LONGEST_WITH_TOKEN);
    }

    #[test]
    fn callers_without_a_token_wait_at_most_five_seconds() {
        for failures in [1, 3, 4, 100] {
            let wait = without_token(failures);

            assert!(wait >= Duration::from_secs(1) && wait <= LONGEST_WITHOUT_TOKEN);
        }
    }
}
