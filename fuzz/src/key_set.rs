//! The reader of key sets.

use laredo::verifier::fuzzing::{are_the_same, count};
use laredo::verifier::{KeyIssuers, KeySet};
use serde_json::Value;

use super::members::Members;

/// The most keys that may be used of one set.
const MOST_KEYS: usize = 100;

/// The bytes are what a provider answers when its keys are fetched.
pub fn check(data: &[u8]) -> bool {
    let with_issuers = is_read(data, KeyIssuers::Named);
    let without = is_read(data, KeyIssuers::Ignored);
    assert!(without || !with_issuers, "an issuer brought in a key");
    without
}

fn is_read(body: &[u8], issuers: KeyIssuers) -> bool {
    let read = |before: Option<&KeySet>| KeySet::read(body, issuers, before);
    let Some(first) = read(None) else {
        assert!(read(None).is_none(), "only the second reading succeeds");
        return false;
    };
    let again = read(Some(&first)).expect("only the first reading succeeds");
    assert!(are_the_same(&first, &again), "keys differ the second time");
    let anew = read(None).expect("only the first reading succeeds");
    assert_eq!(count(&first), count(&anew));
    assert!((1..=MOST_KEYS.min(entries(body))).contains(&count(&first)));
    true
}

fn entries(body: &[u8]) -> usize {
    let members = Members::read(body).expect("a set that is no object was read");
    match members.named("keys")[..] {
        [Value::Array(entries)] => entries.len(),
        _ => panic!("a set without exactly one array of keys was read"),
    }
}
