//! An issued token, with its answer to the app rendered once.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::clock::{Deadline, Moment};
use crate::secret::Secret;

/// No token is kept for longer than this, whatever the provider says.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a token lives, and how long it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// When the request for it was sent.
    pub begun: Moment,
    /// `expires_in`, as the provider said or, where it did not, as assumed.
    pub stated: Duration,
    /// After what part of its life the provider wants it renewed (`refresh_in`, Entra).
    pub refresh_in: Option<Duration>,
    /// How long it may be kept at most, if something else ends before it does: the user's own token.
    pub cap: Option<Duration>,
}

impl Lifetime {
    /// For how long the token is kept, after every cap, counted from [`Lifetime::begun`].
    #[must_use]
    pub fn kept(&self) -> Duration {
        let stated = self.stated.min(LONGEST_LIFETIME);
        self.cap.map_or(stated, |cap| cap.min(stated))
    }

    /// Whether a new token would end no later than this one, for it is not the token itself that ends.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.cap
            .is_some_and(|cap| cap < self.stated.min(LONGEST_LIFETIME))
    }

    /// When the token itself ends.
    #[must_use]
    pub fn expiry(&self) -> Deadline {
        self.begun.after(self.stated)
    }
}

/// A bearer token (RFC 6750).
#[derive(Debug)]
pub struct Token {
    /// How long it lives.
    pub lifetime: Lifetime,
    answer_before_expiry: Rendered,
}

/// JSON up to the number of seconds. It holds the token: wiped on drop, never printed.
struct Rendered(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Rendered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

const HEAD: &[u8] = br#"{"access_token":""#;
const TAIL: &[u8] = br#"","token_type":"Bearer","expires_in":"#;
const ROOM_FOR_SECONDS: usize = 24;

impl Token {
    /// A token as the provider issued it. `None` unless it is of the characters that a bearer token may
    /// have (visible ASCII without `"` and `\`; RFC 6749 appendix A.12 and §5.1), so that it needs no escaping.
    #[must_use]
    pub fn new(access_token: &Secret, lifetime: Lifetime) -> Option<Self> {
        let text = access_token.expose().as_bytes();
        let fits = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if text.is_empty() || !text.iter().all(fits) {
            return None;
        }
        let length = HEAD
            .len()
            .saturating_add(text.len())
            .saturating_add(TAIL.len());
        let mut answer = Zeroizing::new(Vec::with_capacity(length));
        for part in [HEAD, text, TAIL] {
            answer.extend_from_slice(part);
        }
        Some(Self {
            lifetime,
            answer_before_expiry: Rendered(answer),
        })
    }

    /// The token itself. Call it only where the bytes leave the process, or to read its claims.
    #[must_use]
    pub fn access_token(&self) -> &str {
        let before = &self.answer_before_expiry.0;
        let text = before.get(HEAD.len()..before.len().saturating_sub(TAIL.len()));
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }

    /// The answer to the app: RFC 6749 §5.1, `expires_in` being the whole seconds left at `now`.
    #[must_use]
    pub fn answer(&self, now: Moment) -> Vec<u8> {
        let before = &self.answer_before_expiry.0;
        let seconds = self.lifetime.expiry().remaining(now).as_secs();
        let mut answer = Vec::with_capacity(before.len().saturating_add(ROOM_FOR_SECONDS));
        answer.extend_from_slice(before);
        append_number(&mut answer, seconds);
        answer.push(b'}');
        answer
    }

    /// The memory that the token takes, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.answer_before_expiry
            .0
            .capacity()
            .saturating_add(size_of::<Self>())
    }

    /// Whether both are the same string.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.answer_before_expiry.0 == other.answer_before_expiry.0
    }
}

fn append_number(answer: &mut Vec<u8>, number: u64) {
    use std::io::Write as _;
    // A Vec takes whatever is written to it.
    let _ = write!(answer, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, seconds: u64) -> Option<Token> {
        let lifetime = Lifetime {
            begun: Moment::at(Duration::ZERO),
            stated: Duration::from_secs(seconds),
            refresh_in: None,
            cap: None,
        };
        Token::new(&Secret::from(text.to_owned()), lifetime)
    }

    #[test]
    fn the_answer_counts_down() {
        let token = token("eyJ.a-b_c", 3599).unwrap();

        let answer = token.answer(Moment::at(Duration::from_secs(99)));

        assert_eq!(token.access_token(), "eyJ.a-b_c");
        let json: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"access_token": "eyJ.a-b_c", "token_type": "Bearer", "expires_in": 3500})
        );
    }

    #[test]
    fn a_token_that_would_not_fit_a_header_is_refused() {
        for text in ["", "a b", "a\r\nb", "a\0", "é", "a\"b", "a\\b", "\u{7f}"] {
            assert!(token(text, 1).is_none(), "{text:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_token() {
        assert!(!format!("{:?}", token("hunter2", 1)).contains("hunter2"));
    }

    #[test]
    fn nothing_is_kept_for_longer_than_a_day() {
        let token = token("t", 1_000_000_000).unwrap();

        assert_eq!(token.lifetime.kept(), LONGEST_LIFETIME);
        assert!(
            token
                .answer(Moment::at(Duration::ZERO))
                .ends_with(b"1000000000}")
        );
    }

    #[test]
    fn s3_a_dropped_token_is_wiped() {
        fn is_wiped_on_drop<T: zeroize::ZeroizeOnDrop>(_: &T) {}

        is_wiped_on_drop(&Rendered(Zeroizing::new(Vec::new())).0);
    }
}
