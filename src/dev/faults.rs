//! The faults that are on, and whose turn it is.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::effect::Effect;
use super::{Fault, FaultyEndpoint, Played};

/// The faults that are on. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    on: Arc<Mutex<Vec<Active>>>,
}

/// A fault that cannot be had; the text says why.
#[derive(Debug)]
pub struct InvalidFault(pub(super) String);

#[derive(Debug)]
struct Active {
    fault: Fault,
    effect: Arc<Effect>,
    seen: u64,
    applied: u64,
}

impl Faults {
    /// Turns on these faults in place of those that were on. To a call happens the first that fits it, so that
    /// faults with `times` make a sequence.
    pub fn set(&self, faults: impl IntoIterator<Item = Fault>) -> Result<(), InvalidFault> {
        let active = faults.into_iter().map(Active::new);
        *self.lock() = active.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Turns all off.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Those that are on.
    #[must_use]
    pub fn on(&self) -> Vec<Fault> {
        self.lock()
            .iter()
            .map(|active| active.fault.clone())
            .collect()
    }

    /// What happens to the call that has just come.
    pub(super) fn effect(
        &self,
        played: Played,
        endpoint: FaultyEndpoint,
        scope: Option<&str>,
    ) -> Option<Arc<Effect>> {
        let mut on = self.lock();
        let mut here = on
            .iter_mut()
            .filter(|active| active.is_for(played, endpoint));
        let effect = here.find_map(|active| active.turn(scope));
        on.retain(|active| !active.used_up());
        effect
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Active>> {
        self.on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Active {
    fn new(fault: Fault) -> Result<Self, InvalidFault> {
        if fault.every == Some(0) || fault.times == Some(0) {
            return Err(InvalidFault("`every` and `times` begin at 1".to_owned()));
        }
        Ok(Self {
            effect: Arc::new(Effect::of(&fault)?),
            fault,
            seen: 0,
            applied: 0,
        })
    }

    fn is_for(&self, played: Played, endpoint: FaultyEndpoint) -> bool {
        let only = self.fault.provider;
        self.fault.endpoint == endpoint && only.is_none_or(|only| only == played)
    }

    fn turn(&mut self, scope: Option<&str>) -> Option<Arc<Effect>> {
        let only = self.fault.only_scope.as_deref();
        if only.is_some() && only != scope {
            return None;
        }
        self.seen = self.seen.saturating_add(1);
        if !self.seen.is_multiple_of(self.fault.every.unwrap_or(1)) {
            return None;
        }
        self.applied = self.applied.saturating_add(1);
        Some(Arc::clone(&self.effect))
    }

    fn used_up(&self) -> bool {
        self.fault.times.is_some_and(|times| self.applied >= times)
    }
}

impl fmt::Display for InvalidFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(fault: Fault, calls: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.set([fault]).unwrap();
        (0..calls)
            .map(|_| {
                faults
                    .effect(Played::EntraId, FaultyEndpoint::Token, None)
                    .is_some()
            })
            .collect()
    }

    #[test]
    fn a_fault_stays_on_until_it_is_turned_off() {
        assert_eq!(turns(Fault::default(), 3), [true, true, true]);
    }

    #[test]
    fn a_fault_happens_as_often_as_told() {
        let fault = Fault {
            times: Some(2),
            ..Fault::default()
        };

        assert_eq!(turns(fault, 4), [true, true, false, false]);
    }

    #[test]
    fn a_fault_happens_to_every_nth_call() {
        let fault = Fault {
            every: Some(2),
            times: Some(2),
            ..Fault::default()
        };

        assert_eq!(turns(fault, 6), [false, true, false, true, false, false]);
    }

    #[test]
    fn a_fault_can_be_for_one_scope() {
        let faults = Faults::default();
        let only_scope = Some("a/.default".to_owned());
        let fault = Fault {
            only_scope,
            ..Fault::default()
        };

        faults.set([fault]).unwrap();

        assert!(
            faults
                .effect(Played::EntraId, FaultyEndpoint::Token, Some("a/.default"))
                .is_some()
        );
        assert!(
            faults
                .effect(Played::EntraId, FaultyEndpoint::Token, Some("b/.default"))
                .is_none()
        );
        assert!(
            faults
                .effect(Played::EntraId, FaultyEndpoint::Token, None)
                .is_none()
        );
    }

    #[test]
    fn a_fault_can_be_for_one_provider() {
        let faults = Faults::default();
        let provider = Some(Played::TokenX);
        let fault = Fault {
            provider,
            ..Fault::default()
        };

        faults.set([fault]).unwrap();

        for played in [Played::EntraId, Played::Maskinporten, Played::Generic] {
            assert!(faults.effect(played, FaultyEndpoint::Token, None).is_none());
        }
        let there = faults.effect(Played::TokenX, FaultyEndpoint::Token, None);
        assert!(there.is_some());
    }

    #[test]
    fn faults_with_times_make_a_sequence() {
        let faults = Faults::default();
        let once = |status| Fault {
            status: Some(status),
            times: Some(1),
            ..Fault::default()
        };

        faults.set([once(503), once(500)]).unwrap();

        faults
            .effect(Played::EntraId, FaultyEndpoint::Token, None)
            .unwrap();
        assert_eq!(faults.on(), [once(500)]);
    }

    #[test]
    fn a_fault_that_could_not_be_sent_is_refused() {
        let refused = [
            Fault {
                status: Some(199),
                ..Fault::default()
            },
            Fault {
                headers: Some("no colon".to_owned()),
                ..Fault::default()
            },
            Fault {
                throttle: Some("7\n".to_owned()),
                ..Fault::default()
            },
            Fault {
                every: Some(0),
                ..Fault::default()
            },
        ];

        for fault in refused {
            assert!(Faults::default().set([fault.clone()]).is_err(), "{fault:?}");
        }
    }
}
