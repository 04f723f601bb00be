//! Time as deadlines see it: a clock that runs while the machine sleeps, and wall time beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};

/// The longest time between two looks at the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Tells the time. Clones share one offset, by which tests move it.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    offsets: Arc<Offsets>,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Machine,
    Runtime { start: tokio::time::Instant },
}

#[derive(Debug, Default)]
struct Offsets {
    boot_millis: AtomicI64,
    wall_millis: AtomicI64,
}

impl Clock {
    /// The machine's clocks.
    #[must_use]
    pub fn system() -> Self {
        Self {
            source: Source::Machine,
            offsets: Arc::default(),
        }
    }

    /// A clock that goes with the runtime's timers, so that tests can pause it.
    #[must_use]
    pub fn of_runtime() -> Self {
        let start = tokio::time::Instant::now();
        Self {
            source: Source::Runtime { start },
            offsets: Arc::default(),
        }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Moment {
        let (boot, wall) = match self.source {
            Source::Machine => (read(ClockId::Boottime), read(ClockId::Realtime)),
            Source::Runtime { start } => {
                let elapsed = Timestamp(0).after(start.elapsed());
                (elapsed, elapsed)
            }
        };
        Moment {
            boot: boot.shifted(self.offsets.boot_millis.load(Ordering::Relaxed)),
            wall: wall.shifted(self.offsets.wall_millis.load(Ordering::Relaxed)),
        }
    }

    /// Returns when the deadline has passed. A timer does not run while the machine sleeps, so the clock is looked
    /// at every now and then.
    pub async fn sleep_until(&self, deadline: Deadline) {
        loop {
            let remaining = deadline.remaining(self.now());
            if remaining.is_zero() {
                return;
            }
            tokio::time::sleep(remaining.min(LONGEST_SLEEP)).await;
        }
    }

    /// Lets both clocks jump ahead, as after a sleep of the machine.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offsets
            .boot_millis
            .fetch_add(millis, Ordering::Relaxed);
        self.shift_wall(millis);
    }

    /// Sets the wall clock ahead or back, as an administrator would.
    pub fn shift_wall(&self, millis: i64) {
        self.offsets
            .wall_millis
            .fetch_add(millis, Ordering::Relaxed);
    }
}

fn read(clock: ClockId) -> Timestamp {
    let time = clock_gettime(clock);
    Timestamp::new(time.tv_sec, time.tv_nsec)
}

/// Milliseconds on one clock. Signed: a wall clock may stand before 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Timestamp(i64);

impl Timestamp {
    fn new(seconds: i64, nanos: i64) -> Self {
        Self(
            seconds
                .saturating_mul(1000)
                .saturating_add(nanos.saturating_div(1_000_000)),
        )
    }

    fn shifted(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    fn after(self, duration: Duration) -> Self {
        self.shifted(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    fn until(self, later: Self) -> Duration {
        let millis = later.0.saturating_sub(self.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

/// One instant on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    boot: Timestamp,
    wall: Timestamp,
}

impl Moment {
    /// A moment for pure tests, counted from nothing.
    #[must_use]
    pub fn at(since_start: Duration) -> Self {
        let timestamp = Timestamp(0).after(since_start);
        Self {
            boot: timestamp,
            wall: timestamp,
        }
    }

    /// The deadline that lies `duration` ahead, on both clocks.
    #[must_use]
    pub fn after(self, duration: Duration) -> Deadline {
        Deadline {
            boot: self.boot.after(duration),
            wall: self.wall.after(duration),
        }
    }

    /// The time since an earlier moment, by the clock on which more has passed.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let by_boot = earlier.boot.until(self.boot);
        by_boot.max(earlier.wall.until(self.wall))
    }

    /// Wall time, for comparison with dates that others name.
    #[must_use]
    pub fn wall(self) -> SystemTime {
        let millis = Duration::from_millis(self.wall.0.unsigned_abs());
        let shifted = if self.wall.0 < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(millis)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(millis)
        };
        shifted.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// A point in time to come: passed as soon as either clock has reached it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    boot: Timestamp,
    wall: Timestamp,
}

impl Deadline {
    /// What is left of the time, by the clock on which less is left.
    #[must_use]
    pub fn remaining(self, now: Moment) -> Duration {
        now.boot.until(self.boot).min(now.wall.until(self.wall))
    }

    /// Whether the time has come.
    #[must_use]
    pub fn passed(self, now: Moment) -> bool {
        self.remaining(now).is_zero()
    }

    /// The same deadline, later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self {
            boot: self.boot.after(duration),
            wall: self.wall.after(duration),
        }
    }

    /// The same deadline, earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis())
            .unwrap_or(i64::MAX)
            .saturating_neg();
        Self {
            boot: self.boot.shifted(millis),
            wall: self.wall.shifted(millis),
        }
    }

    /// On each clock the earlier of the two.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        Self {
            boot: self.boot.min(other.boot),
            wall: self.wall.min(other.wall),
        }
    }

    /// On each clock the later of the two.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        Self {
            boot: self.boot.max(other.boot),
            wall: self.wall.max(other.wall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const TWO_HOURS_MILLIS: i64 = 7_200_000;

    #[test]
    fn time_asleep_counts() {
        let clock = Clock::system();
        let deadline = clock.now().after(HOUR);

        clock.advance(HOUR);

        assert!(deadline.passed(clock.now()));
    }

    #[test]
    fn a_wall_clock_set_back_does_not_extend_a_deadline() {
        let clock = Clock::system();
        let deadline = clock.now().after(HOUR);

        clock.shift_wall(-TWO_HOURS_MILLIS);

        assert!(deadline.remaining(clock.now()) <= HOUR);
    }

    #[test]
    fn a_wall_clock_set_ahead_ends_a_deadline_early() {
        let clock = Clock::system();
        let deadline = clock.now().after(HOUR);

        clock.shift_wall(TWO_HOURS_MILLIS);

        assert!(deadline.passed(clock.now()));
    }

    #[test]
    fn a_wall_clock_before_1970_still_counts() {
        let clock = Clock::system();
        clock.shift_wall(i64::MIN / 2);
        let deadline = clock.now().after(HOUR);

        assert!(!deadline.passed(clock.now()));
        assert!(clock.now().wall() < SystemTime::UNIX_EPOCH);
        clock.advance(HOUR);
        assert!(deadline.passed(clock.now()));
    }
}
