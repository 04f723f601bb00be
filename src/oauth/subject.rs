//! On whose behalf a token is asked for, without the token that says so.

use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::rand::SystemRandom;

use super::UserToken;

/// On whose behalf a token is asked for: a part of the cache key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The app's own.
    Application,
    /// A user's.
    User(Fingerprint),
}

/// What stands for a user's token in a key: its HMAC-SHA-256, all 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// Without its bits: they would tell whether two log lines are about the same user.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[fingerprint]")
    }
}

/// Makes fingerprints under a key that is random for each process and known to nobody: outside of it they say nothing.
pub struct Fingerprints(hmac::Key);

impl Fingerprints {
    /// Draws the key.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn random() -> Result<Self, Unspecified> {
        hmac::Key::generate(HMAC_SHA256, &SystemRandom::new()).map(Self)
    }

    /// The fingerprint of a user's token.
    #[must_use]
    pub fn of(&self, token: &UserToken) -> Fingerprint {
        let tag = hmac::sign(&self.0, token.expose().as_bytes());
        let mut bits = [0; 32];
        for (to, from) in bits.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Fingerprint(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(fingerprints: &Fingerprints, token: &str) -> Fingerprint {
        fingerprints.of(&UserToken::new(token.to_owned()))
    }

    #[test]
    fn x6_tokens_that_differ_in_one_character_have_different_fingerprints() {
        let fingerprints = Fingerprints::random().unwrap();
        let of = |token| fingerprint(&fingerprints, token);

        assert_eq!(of("a.b.c"), of("a.b.c"));
        assert_ne!(of("a.b.c"), of("a.b.d"));
        assert_ne!(of("a.b.c"), of("a.b.c "));
    }

    #[test]
    fn another_process_has_other_fingerprints() {
        let (one, other) = (Fingerprints::random(), Fingerprints::random());

        assert_ne!(
            fingerprint(&one.unwrap(), "a"),
            fingerprint(&other.unwrap(), "a")
        );
    }
}
