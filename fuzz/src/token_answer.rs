//! The reader of a token endpoint's answers.

use std::time::Duration;

use laredo::clock::Moment;
use laredo::oauth::{Error, Refusal, Token};
use laredo::provider::fuzzing::token;
use serde_json::{Value, json};

/// The longest description that may be passed on, in bytes.
const LONGEST_DESCRIPTION: usize = 1024;
/// The longest error code.
const LONGEST_CODE: usize = 64;
/// The longest member of a refusal, in bytes of its JSON.
const LONGEST_MEMBER: usize = 16 * 1024;
/// The longest time for which a token may be kept.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What ends later may be said to end sooner: clocks do not reach that far.
const LONGEST_CLOCK: Duration = Duration::from_secs(1 << 40);

/// The bytes are a status, after a space the seconds of a `Retry-After` if there is one, a line break, and a body.
pub fn check(data: &[u8]) -> bool {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let head = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let body = parts.next().unwrap_or_default();
    let mut words = head.split(' ');
    let Some(status) = words.next().and_then(|word| word.parse().ok()) else {
        return false;
    };
    let pause = words.next().and_then(|word| word.parse().ok());
    let begun = Moment::at(Duration::ZERO);
    match token(status, body, pause.map(Duration::from_secs), begun) {
        Ok(token) => {
            assert_eq!(status, 200);
            check_token(&token, begun);
            true
        }
        Err(error) => {
            check_error(&error, status);
            false
        }
    }
}

fn check_token(token: &Token, now: Moment) {
    let text = token.access_token();
    assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
    let answer: Value = serde_json::from_slice(&token.answer(now)).expect("the answer is no JSON");
    let seconds = token.lifetime.stated.min(LONGEST_CLOCK).as_secs();
    let stated = answer["expires_in"].as_u64();
    assert!(stated.is_some_and(|stated| stated >= seconds));
    assert_eq!(
        answer,
        json!({"access_token": text, "token_type": "Bearer", "expires_in": stated})
    );
    assert!(token.lifetime.kept() <= A_DAY.min(token.lifetime.stated));
}

fn check_error(error: &Error, status: u16) {
    let text = error.to_string();
    assert!(!text.contains(char::is_control) && text.len() <= LONGEST_DESCRIPTION);
    if let Error::Refused(refusal) = error {
        assert!((400..=499).contains(&status) && refusal.status == status);
        check_refusal(refusal);
    }
}

fn check_refusal(refusal: &Refusal) {
    assert!(!refusal.error.is_empty() && refusal.error.len() <= LONGEST_CODE);
    assert!(!refusal.error.contains(char::is_control));
    for value in refusal.further.values() {
        assert!(!value.is_null() && value.to_string().len() <= LONGEST_MEMBER);
    }
}
