//! What tokens are held against: a provider's keys and rules as they were at one time, swapped as a whole.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::key_set::{KeyIssuers, KeySet};
use super::rules::{Audience, Rules, allowed};
use crate::clock::Moment;
use crate::discovery::{Document, Issuers, Metadata};
use crate::oauth::ProviderName;

/// Keys are trusted for this time after they were fetched.
const USABLE_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How one provider's tokens are verified, as configured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whose tokens these are.
    pub provider: ProviderName,
    /// The issuers that are known without metadata.
    pub issuers: Issuers,
    /// Whom tokens must be for.
    pub audience: Audience,
    /// Where the keys are, if that is known without metadata.
    pub jwks_uri: Option<Url>,
    /// The provider's metadata, for what is not known without.
    pub metadata: Option<Arc<Metadata>>,
    /// Whether the keys' own `issuer` counts.
    pub key_issuers: KeyIssuers,
}

/// Keys and rules of one time.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) rules: Arc<Rules>,
    pub(super) keys: KeySet,
    /// When the keys were asked for.
    pub(super) fetched: Moment,
    /// Whether the metadata were there for the rules.
    pub(super) follows_metadata: bool,
}

impl Settings {
    /// The rules that follow from these settings and the metadata, as far as it is there. Those of `before` stay
    /// the same in memory if they still hold, so that what was verified under them stays verified.
    pub(super) fn rules(&self, document: Option<&Document>, before: Option<&Trust>) -> Arc<Rules> {
        let own = &self.issuers.own;
        let issuer = own
            .as_ref()
            .or(document.and_then(|known| known.issuer.as_ref()));
        let rules = Rules {
            issuers: issuer
                .into_iter()
                .chain(&self.issuers.accepted)
                .cloned()
                .collect(),
            audience: self.audience.clone(),
            algorithms: allowed(document.map_or(&[], |known| &known.algorithms)),
        };
        match before {
            Some(before) if *before.rules == rules => Arc::clone(&before.rules),
            _ => Arc::new(rules),
        }
    }

    /// Whether the metadata alone name the issuer, and are not there yet.
    pub(super) fn awaits_issuer(&self, has_metadata: bool) -> bool {
        self.issuers.own.is_none() && self.metadata.is_some() && !has_metadata
    }

    /// Whether no token can be verified before the metadata are there.
    pub(super) fn needs_metadata(&self) -> bool {
        self.jwks_uri.is_none() || (self.issuers.own.is_none() && self.issuers.accepted.is_empty())
    }
}

impl Trust {
    /// Whether the keys may still be used.
    pub(super) fn is_usable(&self, now: Moment) -> bool {
        !self.fetched.after(USABLE_FOR).passed(now)
    }
}
