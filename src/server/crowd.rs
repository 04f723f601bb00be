//! All open connections of a server: who may enter, who must make room, and the end.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::timeout;

use super::house::House;
use super::progress::{Phase, Progress};

/// How long a newcomer waits for the place of one that was asked to leave: it idled, so it leaves at once.
const LEAVING: Duration = Duration::from_millis(100);

/// Who is asked to make room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
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
}

impl Crowd {
    pub(super) fn new(house: House) -> Self {
        Self {
            house: Arc::new(house),
            tasks: JoinSet::new(),
            progress: HashMap::new(),
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
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                if error.is_panic() {
                    self.house.note_panic();
                }
                error.id()
            }
            None => return,
        };
        self.progress.remove(&id);
    }

    /// Whether one more may enter; if need be somebody else leaves for it.
    pub(super) async fn make_room(&mut self) -> bool {
        self.forget_who_left();
        if self.is_full() && self.dismiss(Whom::AnyNotAtWork) {
            let _left_or_late = timeout(LEAVING, self.one_left()).await;
        } else if self.tasks.len() >= self.house.limits.crowded() {
            self.dismiss(Whom::Idle);
        }
        !self.is_full()
    }

    fn forget_who_left(&mut self) {
        while let Some(left) = self.tasks.try_join_next_with_id() {
            let id = left.map_or_else(|error| error.id(), |(id, ())| id);
            self.progress.remove(&id);
        }
    }

    /// Asks the one that has waited longest to leave. Says whether there is one.
    pub(super) fn dismiss(&self, whom: Whom) -> bool {
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
        let all_left = async { while self.tasks.join_next().await.is_some() {} };
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
            Phase::Fresh | Phase::Idle => true,
            Phase::Head | Phase::Closing => self == Self::AnyNotAtWork,
            Phase::Body | Phase::Answer => false,
        }
    }
}
