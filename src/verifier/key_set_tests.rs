//! What a set is, and what of it is used (K3, K7, K8).

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::verifier::Algorithm;
use crate::verifier::published::{algorithms, ed25519, p256, read, rsa, set, with};

#[test]
fn k3_the_same_key_twice_is_one_key() {
    let set = read(&set(&[rsa("k"), rsa("k")])).unwrap();

    assert_eq!(algorithms(&set, "k"), [Algorithm::Rs256]);
    assert_eq!((set.count(), set.unused()), (1, 0));
}

#[test]
fn k3_different_keys_of_one_name_are_all_there() {
    let same_type = read(&set(&[p256("k"), p256("k")])).unwrap();
    let other_type = read(&set(&[rsa("k"), p256("k"), ed25519("k")])).unwrap();

    assert_eq!(algorithms(&same_type, "k"), [Algorithm::Es256; 2]);
    assert_eq!(
        algorithms(&other_type, "k"),
        [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]
    );
}

#[test]
fn k3_of_one_name_four_keys_are_tried_and_the_rest_is_counted() {
    let entries: Vec<_> = (0..6).map(|_| p256("k")).collect();

    let set = read(&set(&entries)).unwrap();

    assert_eq!(set.named("k").len(), MOST_KEYS_OF_ONE_NAME);
    assert_eq!((set.count(), set.oddities().surplus), (4, 2));
}

#[rstest]
#[case::missing("{}")]
#[case::null(r#"{"keys":null}"#)]
#[case::object(r#"{"keys":{}}"#)]
#[case::text(r#"{"keys":"keys"}"#)]
#[case::empty(r#"{"keys":[]}"#)]
#[case::nothing_usable(r#"{"keys":[{"kty":"XYZ","kid":"k"}]}"#)]
#[case::a_list(r#"[{"kty":"XYZ","kid":"k"}]"#)]
#[case::nothing("")]
fn k7_what_brings_no_key_is_no_set(#[case] body: &str) {
    assert!(read(body).is_none());
}

#[test]
fn k7_keys_given_twice_are_no_set() {
    let keys = json!([rsa("k")]);

    assert!(read(&format!(r#"{{"keys":{keys}}}"#)).is_some());
    assert!(read(&format!(r#"{{"keys":{keys},"keys":{keys}}}"#)).is_none());
}

#[test]
fn k7_of_ten_thousand_keys_the_first_hundred_are_used() {
    let entries: Vec<_> = (0..10_000)
        .map(|number| rsa(&format!("{number}")))
        .collect();

    let set = read(&set(&entries)).unwrap();

    assert_eq!((set.count(), set.oddities().surplus), (MOST_KEYS, 9_900));
    assert_eq!(set.named("99").len(), 1);
    assert!(set.named("100").is_empty());
}

#[test]
fn k7_entries_that_cannot_be_used_take_no_room() {
    let odd = (0..200).map(|number| json!({"kty": "XYZ", "kid": number.to_string()}));
    let entries: Vec<_> = odd.chain([rsa("k")]).collect();

    assert_eq!(read(&set(&entries)).unwrap().named("k").len(), 1);
}

#[test]
fn k8_what_is_no_json_is_no_set() {
    let whole = set(&[rsa("k")]);
    let deep = format!(
        r#"{{"keys":{},"x":{}{}}}"#,
        json!([rsa("k")]),
        "[".repeat(5000),
        "]".repeat(5000)
    );

    for body in [
        "<!doctype html><title>Sorry</title>",
        &whole[..whole.len() - 1],
        &format!("{whole}{whole}"),
        &deep,
    ] {
        assert!(read(body).is_none());
    }
    let gzip_magic = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
    assert!(KeySet::read(&gzip_magic, KeyIssuers::Ignored, None).is_none());
}

#[test]
fn a_key_that_stays_is_the_same_in_memory_and_one_that_changed_is_not() {
    let before = read(&set(&[rsa("stays"), p256("changes")])).unwrap();

    let body = set(&[rsa("stays"), p256("changes")]);
    let after = KeySet::read(body.as_bytes(), KeyIssuers::Ignored, Some(&before)).unwrap();

    assert!(after.holds("stays", &before.named("stays")[0]));
    assert!(!after.holds("changes", &before.named("changes")[0]));
}

#[test]
fn the_same_key_for_another_issuer_is_another_key() {
    let of = |issuer: &str| set(&[with(rsa("k"), "issuer", json!(issuer))]);
    let before = KeySet::read(of("https://a.test").as_bytes(), KeyIssuers::Named, None).unwrap();

    let body = of("https://b.test");
    let after = KeySet::read(body.as_bytes(), KeyIssuers::Named, Some(&before)).unwrap();

    assert!(!after.holds("k", &before.named("k")[0]));
}

#[rstest]
#[case(json!(7), true)]
#[case(json!(["https://a.test"]), true)]
#[case(json!("https://a.test"), false)]
fn an_issuer_that_is_no_text_makes_the_key_useless_only_where_it_counts(
    #[case] issuer: Value,
    #[case] is_skipped: bool,
) {
    let body = set(&[with(rsa("k"), "issuer", issuer), rsa("good")]);

    let counts = KeySet::read(body.as_bytes(), KeyIssuers::Named, None).unwrap();
    let means_nothing = read(&body).unwrap();

    assert_eq!(counts.named("k").is_empty(), is_skipped);
    assert_eq!(means_nothing.named("k").len(), 1);
}
