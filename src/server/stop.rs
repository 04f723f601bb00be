//! The way to the end: announced first, then accepting ends.

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Running,
    Announced,
    Draining,
}

/// Tells every server that holds its [`Stop`] how far the end has come.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Stage>);

/// What a server goes by to know when to end. A [`Stopper`] that is dropped ends it too.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Stage>);

/// A stop that has not begun.
#[must_use]
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(Stage::Running);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// From now on every answer closes its connection; new ones are still accepted.
    pub fn announce(&self) {
        self.advance(Stage::Announced);
    }

    /// From now on no connection is accepted, and what is in flight is finished.
    pub fn drain(&self) {
        self.advance(Stage::Draining);
    }

    fn advance(&self, stage: Stage) {
        self.0.send_if_modified(|current| {
            let later = *current != stage && *current != Stage::Draining;
            if later {
                *current = stage;
            }
            later
        });
    }
}

impl Stop {
    /// Waits for a stage later than `known`. Cancel safe.
    pub(super) async fn after(&mut self, known: Stage) -> Stage {
        self.0
            .wait_for(|stage| *stage != known)
            .await
            .map_or(Stage::Draining, |stage| *stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_drain_is_not_taken_back() {
        let (stopper, mut stop) = stop();
        stopper.drain();
        stopper.announce();

        assert_eq!(stop.after(Stage::Running).await, Stage::Draining);
    }

    #[tokio::test]
    async fn nobody_left_to_stop_it_is_a_stop() {
        let (stopper, mut stop) = stop();
        drop(stopper);

        assert_eq!(stop.after(Stage::Running).await, Stage::Draining);
    }
}
