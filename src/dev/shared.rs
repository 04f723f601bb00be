//! What all played providers share: the time, the record of calls, and what goes wrong.

use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::Answer;
use super::effect::Effect;
use super::{Calls, Faults};
use crate::clock::Clock;

/// What all played providers share. Clones are the same.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) calls: Calls,
    pub(super) faults: Faults,
}

/// What a provider says with a status that it was ordered to have.
pub(super) type Words = fn(StatusCode, SystemTime) -> Answer;

impl Shared {
    pub(super) fn now(&self) -> SystemTime {
        self.clock.now().wall()
    }

    /// An answer, and what a fault makes of it.
    pub(super) async fn with_effect(
        &self,
        effect: Option<Arc<Effect>>,
        words: Words,
        answer: impl AsyncFnOnce(Option<&Effect>) -> Answer,
    ) -> Response {
        let Some(effect) = effect else {
            return answer(None).await.map(Body::from);
        };
        match effect.before_answer().await {
            Some(response) => response,
            None => effect.change_answer(answer(Some(&effect)).await, words, self.now()),
        }
    }
}
