//! How often keys may be fetched on demand: a few times at once, then now and then.

use std::time::Duration;

use crate::clock::{Deadline, Moment};

/// Fetches that may begin at once.
const CAPACITY: u32 = 4;
/// One more may begin after this time.
const REFILL: Duration = Duration::from_secs(30);

/// A token bucket. It is full at first.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// What was taken and is not yet refilled.
    taken: u32,
    /// When the next token comes back, if one was taken.
    refill: Option<Deadline>,
}

impl Bucket {
    /// Takes a token if there is one.
    pub(super) fn take(&mut self, now: Moment) -> bool {
        self.refill(now);
        if self.taken >= CAPACITY {
            return false;
        }
        self.taken = self.taken.saturating_add(1);
        self.refill.get_or_insert_with(|| now.after(REFILL));
        true
    }

    /// When there is a token, if there is none now.
    pub(super) fn next(&mut self, now: Moment) -> Option<Deadline> {
        self.refill(now);
        self.refill.filter(|_| self.taken >= CAPACITY)
    }

    fn refill(&mut self, now: Moment) {
        while let Some(due) = self.refill
            && due.passed(now)
        {
            self.taken = self.taken.saturating_sub(1);
            self.refill = (self.taken > 0).then(|| due.plus(REFILL));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bucket: &mut Bucket, second: u64) -> usize {
        let now = Moment::at(Duration::from_secs(second));
        std::iter::from_fn(|| bucket.take(now).then_some(())).count()
    }

    #[test]
    fn f43_four_fetches_at_once_then_two_a_minute() {
        let mut bucket = Bucket::default();

        let by_time = [0, 29, 30, 59, 60, 89, 90].map(|second| taken(&mut bucket, second));

        assert_eq!(by_time, [4, 0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn a_long_rest_fills_the_bucket_and_no_more() {
        let mut bucket = Bucket::default();
        taken(&mut bucket, 0);

        assert_eq!(taken(&mut bucket, 1_000_000), 4);
    }

    #[test]
    fn an_empty_bucket_tells_when_it_is_worth_asking_again() {
        let mut bucket = Bucket::default();
        let at = |second| Moment::at(Duration::from_secs(second));
        assert_eq!(bucket.next(at(0)), None);

        taken(&mut bucket, 0);

        assert_eq!(bucket.next(at(10)), Some(at(30).after(Duration::ZERO)));
        assert_eq!(bucket.next(at(30)), None);
    }
}
