//! All open connections of a server: who may enter, who must make room, and the end.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;

use super::house::House;
use super::progress::{Phase, Progress};

/// How long a newcomer waits for the place of one that was asked to leave: it idled, so it leaves at once.
const LEAVING: Duration = Duration::from_millis(100);

/// Who is asked to make room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whom {
    /// Who has asked nothing, or nothing since its last answer.
    Idle,
    /// Also who has got its last answer, and who is in the middle of a head: honest heads take no time.
    AnyNotAtWork,
}

/// Connections and their tasks; dropping it ends them.
pub(super) struct Crowd {
    house: Arc<House>,
    tasks: JoinSet<()>,
    progress: HashMap<Id, Arc<Progress>>,
    /// Newcomers were refused, and it has been crowded ever since.
    full: bool,
}

impl Crowd {
    pub(super) fn new(house: House) -> Self {
        Self {
            house: Arc::new(house),
            tasks: JoinSet::new(),
            progress: HashMap::new(),
            full: false,
        }
    }

    pub(super) fn house(&self) -> &House {
        &self.house
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.tasks.len() >= self.house.limits.connections
    }

    fn is_crowded(&self) -> bool {
        self.tasks.len() >= self.house.limits.crowded()
    }

    /// Begins a connection's task.
    pub(super) fn enter<F>(&mut self, task: impl FnOnce(Arc<Progress>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let progress = Arc::new(Progress::new(Arc::clone(&self.house)));
        let id = self.tasks.spawn(task(Arc::clone(&progress))).id();
        self.progress.insert(id, progress);
    }

    /// Waits for one connection to end. Cancel safe.
    pub(super) async fn one_left(&mut self) {
        if let Some(left) = self.tasks.join_next_with_id().await {
            self.forget(left);
        }
    }

    fn forget_who_left(&mut self) {
        while let Some(left) = self.tasks.try_join_next_with_id() {
            self.forget(left);
        }
    }

    fn forget(&mut self, left: Result<(Id, ()), JoinError>) {
        let id = left.map_or_else(
            |error| {
                if error.is_panic() {
                    self.house.note_panic();
                }
                error.id()
            },
            |(id, ())| id,
        );
        self.progress.remove(&id);
    }

    /// Whether one more may enter; if need be somebody else leaves for it.
    pub(super) async fn make_room(&mut self) -> bool {
        self.forget_who_left();
        if self.is_full() && self.dismiss(Whom::AnyNotAtWork) {
            let _left_or_late = timeout(LEAVING, self.one_left()).await;
        } else {
            self.relieve();
        }
        self.note_fullness();
        !self.is_full()
    }

    /// When it is crowded, the one that has idled longest is asked to leave.
    pub(super) fn relieve(&mut self) {
        if self.is_crowded() {
            self.dismiss(Whom::Idle);
        } else {
            self.full = false;
        }
    }

    /// Logs the first refusal, and not again before there was ample room.
    fn note_fullness(&mut self) {
        if self.is_full() && !self.full {
            let connections = self.tasks.len();
            tracing::warn!(
                connections,
                "as many connections are open as may be, all at work; further ones get 503"
            );
            self.full = true;
        }
    }

    /// Asks the one that has waited longest to leave. Says whether there is one.
    fn dismiss(&self, whom: Whom) -> bool {
        let longest = self
            .progress
            .values()
            .filter(|progress| !progress.is_unwanted() && whom.includes(progress.phase()))
            .min_by_key(|progress| (progress.phase() == Phase::Head, progress.since()));
        if let Some(progress) = longest {
            progress.dismiss();
        }
        longest.is_some()
    }

    /// Lets all finish, within the limit for it.
    pub(super) async fn drain(mut self) {
        self.house.drain();
        for progress in self.progress.values() {
            progress.look_again();
        }
        let limit = self.house.limits.drain;
        let all_left = async {
            while !self.is_empty() {
                self.one_left().await;
            }
        };
        if timeout(limit, all_left).await.is_err() {
            let open = self.tasks.len();
            tracing::warn!(
                open,
                "connections were cut off: their requests outlasted the drain"
            );
        }
    }
}

impl Whom {
    fn includes(self, phase: Phase) -> bool {
        match phase {
            Phase::Idle => true,
            Phase::Fresh | Phase::Head | Phase::Closing => self == Self::AnyNotAtWork,
            Phase::Body | Phase::Answer => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_was_just_accepted_leaves_only_at_the_full_cap() {
        assert!(!Whom::Idle.includes(Phase::Fresh));
        assert!(Whom::AnyNotAtWork.includes(Phase::Fresh));
    }
}
