//! One credential, and what the provider thinks of it.

use std::sync::Arc;

use crate::client_auth::ClientAuth;
use crate::clock::{Deadline, Moment};

/// One secret, key, certificate or token.
#[derive(Debug)]
pub struct Credential {
    auth: Arc<ClientAuth>,
    source: usize,
    variable: &'static str,
    number: u64,
}

impl Credential {
    pub(super) fn new(
        auth: Arc<ClientAuth>,
        source: usize,
        variable: &'static str,
        number: u64,
    ) -> Self {
        Self {
            auth,
            source,
            variable,
            number,
        }
    }

    /// What goes into requests.
    #[must_use]
    pub fn auth(&self) -> &ClientAuth {
        &self.auth
    }

    /// The variable that held it or named its file, for the log.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// Its number in the order of appearance, for the log.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn source(&self) -> usize {
        self.source
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

/// A credential with its record.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) credential: Arc<Credential>,
    pub(super) standing: Standing,
    /// Whether it was ever the one in use.
    pub(super) served: bool,
    pub(super) forget: Option<Deadline>,
}

/// What the provider last said; `order` grows with each verdict.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing {
    Untried,
    Accepted { order: u64 },
    Refused { order: u64, again: Deadline },
}

impl Known {
    pub(super) fn new(credential: Arc<Credential>) -> Self {
        Self {
            credential,
            standing: Standing::Untried,
            served: false,
            forget: None,
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        matches!(self.standing, Standing::Accepted { .. })
    }

    pub(super) fn may_be_tried(&self, now: Moment) -> bool {
        match self.standing {
            Standing::Refused { again, .. } => again.passed(now),
            Standing::Untried | Standing::Accepted { .. } => true,
        }
    }

    pub(super) fn is_of_use(&self, now: Moment) -> bool {
        let refused = matches!(self.standing, Standing::Refused { .. });
        self.served && !refused && self.forget.is_none_or(|forget| !forget.passed(now))
    }

    /// Its content was put into a file anew: an old refusal says nothing about that.
    pub(super) fn learn_again(&mut self, source: usize, variable: &'static str) {
        if !self.is_accepted() {
            self.standing = Standing::Untried;
        }
        if source < self.credential.source {
            self.credential = Arc::new(Credential {
                auth: Arc::clone(&self.credential.auth),
                source,
                variable,
                number: self.credential.number,
            });
        }
    }
}

impl Standing {
    pub(super) fn order(self) -> u64 {
        match self {
            Self::Untried => 0,
            Self::Accepted { order } | Self::Refused { order, .. } => order,
        }
    }
}
