//! What a caller must get and what may begin, by the model.

use super::Result;
use super::expected::Token;
use super::scripted::real_error;
use super::world::{Waiting, World};
use crate::cache::flight::Purpose;
use crate::cache::slot::Answer;

impl World {
    pub(super) fn check_forced(
        &mut self,
        answer: Answer,
        began: Option<Purpose>,
        running: usize,
        asked_after: u64,
    ) {
        if let Some(error) = self.expected.forbidding(self.now) {
            assert_eq!(began, None);
            return assert_failed(&answer, error);
        }
        assert_eq!(began, (running < 2).then_some(Purpose::Caller));
        let Answer::Wait(flight) = answer else {
            panic!("a forced caller got {answer:?}");
        };
        let from = asked_after + 1..=u64::MAX;
        self.waiting.push(Waiting { flight, from });
    }

    pub(super) fn check_held(&mut self, token: &Token, answer: Answer) {
        let backing_off = self.expected.backing_off();
        let may_wait = !self.running.is_empty() && self.now >= token.urgent_from();
        let held = match answer {
            Answer::Held(held) => {
                assert!(!may_wait || self.now < backing_off.to, "did not wait");
                held
            }
            Answer::WaitBriefly(flight, held) => {
                assert!(may_wait && self.now >= backing_off.from, "waited");
                let from = self.newest();
                self.waiting.push(Waiting { flight, from });
                held
            }
            other => panic!("a held token was not served: {other:?}"),
        };
        assert_eq!(held.fetch, token.fetch);
    }

    pub(super) fn check_miss(&mut self, answer: Answer, began: Option<Purpose>, running: usize) {
        if let Some(error) = self.expected.forbidding(self.now) {
            assert_eq!(began, None);
            return assert_failed(&answer, error);
        }
        if running == 0 {
            self.expected.miss(self.now);
            if let Some((wait, error)) = self.expected.back_off {
                if began.is_none() {
                    assert!(self.now < wait.to, "put off for too long");
                    return assert_failed(&answer, error);
                }
                assert!(self.now >= wait.from, "a call during back-off");
            }
        }
        assert_eq!(began, (running == 0).then_some(Purpose::Caller));
        let Answer::Wait(flight) = answer else {
            panic!("a caller without a token got {answer:?}");
        };
        let from = self.newest();
        self.waiting.push(Waiting { flight, from });
    }

    pub(super) fn check_renewal(
        &mut self,
        token: &Token,
        began: Option<Purpose>,
        running: usize,
        room: bool,
    ) {
        let due = self.expected.renewal(token);
        let possible = room && running == 0 && self.now < token.end();
        if began.is_none() {
            assert!(!possible || self.now < due.to, "a renewal is overdue");
            return;
        }
        assert_eq!(began, Some(Purpose::Renewal));
        assert!(possible && self.now >= due.from, "a renewal came early");
        if let Some(last) = self.last_renewal.replace(self.now) {
            assert!(self.now >= last + 1_000, "renewals in a row");
        }
    }
}

fn assert_failed(answer: &Answer, expected: Result) {
    let Answer::Failed(error) = answer else {
        panic!("{answer:?} in place of {expected:?}");
    };
    assert_eq!(format!("{error:?}"), format!("{:?}", real_error(expected)));
}
