//! Tokens that were found valid, remembered by their SHA-256 so that none is verified twice.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use moka::Expiry;
use moka::sync::Cache;

use super::Verified;
use crate::oauth::ProviderName;

/// What an entry takes beside its answer, in bytes, measured for the cache of tokens.
const OVERHEAD: usize = 400;

/// Verified tokens, bounded by the bytes that they take. The tokens themselves are not kept.
pub struct Verdicts {
    max_bytes: u64,
    /// Made for the first of them: most apps never ask.
    cache: OnceLock<Cache<Question, Remembered>>,
}

/// What was asked: the provider, if one was named, and the SHA-256 of the whole token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    provider: Option<ProviderName>,
    digest: [u8; 32],
}

/// A verified token, and for how long it may be remembered.
#[derive(Clone, Debug)]
struct Remembered {
    verified: Arc<Verified>,
    lifetime: Duration,
}

impl Question {
    /// The question whether `token` is valid.
    #[must_use]
    pub fn new(provider: Option<ProviderName>, token: &str) -> Self {
        let mut bytes = [0; 32];
        let digest = digest(&SHA256, token.as_bytes());
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self {
            provider,
            digest: bytes,
        }
    }
}

impl Verdicts {
    /// Room for as many as fit into `max_bytes`.
    #[must_use]
    pub fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            cache: OnceLock::new(),
        }
    }

    /// What was found of this token; whether it still holds is to be seen.
    #[must_use]
    pub fn get(&self, question: &Question) -> Option<Arc<Verified>> {
        let remembered = self.cache.get()?.get(question)?;
        Some(remembered.verified)
    }

    /// Remembers a token for as long as it can be valid.
    pub fn remember(&self, question: Question, verified: Arc<Verified>, lifetime: Duration) {
        let remembered = Remembered { verified, lifetime };
        let cache = self.cache.get_or_init(|| cache(self.max_bytes));
        cache.insert(question, remembered);
    }

    /// Forgets a token.
    pub fn forget(&self, question: &Question) {
        if let Some(cache) = self.cache.get() {
            cache.invalidate(question);
        }
    }

    /// Drops the verdicts that have ended. The cache leaves that to calls that come anyway, and there may be none.
    pub fn drop_ended(&self) {
        if let Some(cache) = self.cache.get() {
            cache.run_pending_tasks();
        }
    }

    /// How many tokens are remembered, and how many bytes that takes.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        let Some(cache) = self.cache.get() else {
            return (0, 0);
        };
        self.drop_ended();
        (cache.entry_count(), cache.weighted_size())
    }
}

fn cache(max_bytes: u64) -> Cache<Question, Remembered> {
    Cache::builder()
        .max_capacity(max_bytes)
        .weigher(|_: &Question, remembered: &Remembered| {
            u32::try_from(remembered.size()).unwrap_or(u32::MAX)
        })
        .expire_after(UntilExpired)
        .build()
}

impl Remembered {
    fn size(&self) -> usize {
        self.verified.size().saturating_add(OVERHEAD)
    }
}

struct UntilExpired;

impl Expiry<Question, Remembered> for UntilExpired {
    fn expire_after_create(
        &self,
        _: &Question,
        remembered: &Remembered,
        _: Instant,
    ) -> Option<Duration> {
        Some(remembered.lifetime)
    }
}
