//! Which keys a set brings (K1–K7, K10, K12).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::verifier::Algorithm;
use crate::verifier::published::{ed25519, p256, p384, rsa, set, with};

fn read(body: &str) -> Option<KeySet> {
    KeySet::read(body.as_bytes(), KeyIssuers::Ignored, None)
}

/// The set of one good key and this entry.
fn beside_a_good_key(entry: Value) -> KeySet {
    read(&set(&[entry, rsa("good")])).unwrap()
}

fn algorithms(set: &KeySet, id: &str) -> Vec<Algorithm> {
    set.named(id).iter().map(|key| key.algorithm()).collect()
}

#[track_caller]
fn assert_skipped(entry: Value) {
    let set = beside_a_good_key(entry.clone());

    assert_eq!(set.named("good").len(), 1, "{entry}");
    assert_eq!((set.count(), set.unused()), (1, 1), "{entry}");
}

#[rstest]
#[case::unknown_type(json!({"kty": "AKP", "kid": "k", "alg": "ML-DSA-44", "pub": "AAAA"}))]
#[case::invented_type(json!({"kty": "XYZ", "kid": "k"}))]
#[case::unknown_curve(with(p256("k"), "crv", json!("P-257")))]
#[case::secp256k1(with(p256("k"), "crv", json!("secp256k1")))]
#[case::x25519(with(ed25519("k"), "crv", json!("X25519")))]
#[case::ed448(with(ed25519("k"), "crv", json!("Ed448")))]
#[case::symmetric(json!({"kty": "oct", "kid": "k", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}))]
#[case::symmetric_with_rsa_numbers(with(rsa("k"), "kty", json!("oct")))]
#[case::no_object(json!("key"))]
#[case::null(Value::Null)]
#[case::for_encryption(with(rsa("k"), "use", json!("enc")))]
#[case::not_for_verifying(with(rsa("k"), "key_ops", json!(["encrypt"])))]
fn k1_what_is_no_signature_key_is_skipped_and_the_others_are_used(#[case] entry: Value) {
    assert_skipped(entry);
}

#[test]
fn k1_of_a_private_key_the_public_part_is_used_and_the_slip_is_noted() {
    let set = beside_a_good_key(with(p384("k"), "d", json!("AAAA")));

    assert_eq!(algorithms(&set, "k"), [Algorithm::Es384]);
    assert_eq!(set.oddities().private, 1);
    assert!(!format!("{set:?}").contains("AAAA"));
}

#[test]
fn k2_a_key_without_name_is_skipped_and_the_others_are_used() {
    assert_skipped(with(rsa("k"), "kid", Value::Null));
}

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
#[case::number(json!(7))]
#[case::list(json!(["k"]))]
#[case::empty(json!(""))]
#[case::ten_kib(json!("k".repeat(10 * 1024)))]
#[case::one_too_long(json!("k".repeat(257)))]
#[case::not_printable(json!("k\n"))]
#[case::not_ascii(json!("nøkkel"))]
fn k4_a_key_with_an_odd_name_is_skipped(#[case] id: Value) {
    assert_skipped(with(rsa("k"), "kid", id));
}

#[test]
fn k4_a_null_for_a_name_is_no_name() {
    let mut entry = rsa("k");
    entry["kid"] = Value::Null;

    assert_skipped(entry);
}

#[test]
fn k4_the_longest_name_is_256_bytes() {
    let id = "k".repeat(256);

    assert_eq!(beside_a_good_key(rsa(&id)).named(&id).len(), 1);
}

#[rstest]
#[case(rsa("k"), Algorithm::Rs256)]
#[case(p256("k"), Algorithm::Es256)]
#[case(p384("k"), Algorithm::Es384)]
#[case(ed25519("k"), Algorithm::EdDsa)]
fn k5_a_key_that_names_no_algorithm_is_bound_by_its_type(
    #[case] entry: Value,
    #[case] algorithm: Algorithm,
) {
    assert_eq!(algorithms(&beside_a_good_key(entry), "k"), [algorithm]);
}

#[test]
fn k5_an_rsa_key_may_name_the_other_padding() {
    let set = beside_a_good_key(with(rsa("k"), "alg", json!("PS256")));

    assert_eq!(algorithms(&set, "k"), [Algorithm::Ps256]);
}

#[rstest]
fn k6_a_key_for_an_algorithm_that_is_not_its_own_is_skipped(
    #[values(
        "RSA-OAEP", "HS256", "none", "rs256", "RS384", "RS512", "ES256", "EdDSA", "", "XYZ"
    )]
    algorithm: &str,
) {
    assert_skipped(with(rsa("k"), "alg", json!(algorithm)));
}

#[rstest]
fn k6_an_algorithm_that_is_no_text_is_none(#[values(json!(1), json!(["RS256"]))] value: Value) {
    assert_skipped(with(rsa("k"), "alg", value));
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

fn text(entry: &Value, name: &str) -> String {
    entry[name].as_str().unwrap().to_owned()
}

#[rstest]
fn k10_numbers_are_strict_base64url(
    #[values("n", "e")] name: &str,
    #[values("{}=", "{}==", " {}", "{}\n", "{}+", "{}/", "", "{}A=", "*")] form: &str,
) {
    let value = form.replace("{}", &text(&rsa("k"), name));

    assert_skipped(with(rsa("k"), name, json!(value)));
}

#[rstest]
#[case(p256("k"))]
#[case(p384("k"))]
fn k10_coordinates_are_strict_and_of_full_length(
    #[case] entry: Value,
    #[values("x", "y")] name: &str,
    #[values("{}=", " {}", "", "AAAA{}", "AA")] form: &str,
) {
    let value = form.replace("{}", &text(&entry, name));

    assert_skipped(with(entry, name, json!(value)));
}

#[rstest]
fn k10_numbers_that_are_no_text_are_none(
    #[values("n", "e")] name: &str,
    #[values(json!(65537), json!(["AQAB"]), Value::Null)] value: Value,
) {
    assert_skipped(with(rsa("k"), name, value));
}

#[test]
fn k10_leading_zeros_of_a_modulus_are_tolerated() {
    // Three zero bytes are exactly four letters.
    let padded = format!("AAAA{}", text(&rsa("k"), "n"));

    let set = read(&set(&[rsa("k"), with(rsa("k"), "n", json!(padded))])).unwrap();

    assert_eq!((set.count(), set.unused()), (1, 0), "they are the same key");
}

#[test]
fn k12_a_certificate_in_the_entry_counts_for_nothing() {
    let plain = read(&set(&[rsa("k")])).unwrap();
    let entry = with(rsa("k"), "x5c", json!(["not even a certificate"]));
    let entry = with(entry, "x5t", json!("AAAA"));

    let after = KeySet::read(set(&[entry]).as_bytes(), KeyIssuers::Ignored, Some(&plain));

    assert!(after.unwrap().holds("k", &plain.named("k")[0]));
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

/// An odd number of so many bits; aws-lc-rs takes it for a modulus as it is.
fn odd_number(bits: usize) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] = 0xff >> (bytes.len() * 8 - bits);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[rstest]
#[case(512, false)]
#[case(1024, false)]
#[case(2047, false)]
#[case(2048, true)]
#[case(8192, true)]
#[case(8193, false)]
#[case(16_384, false)]
fn s23_a_modulus_has_2048_to_8192_bits(#[case] bits: usize, #[case] is_used: bool) {
    let entry = with(rsa("k"), "n", json!(odd_number(bits)));

    assert_eq!(
        beside_a_good_key(entry).named("k").len(),
        usize::from(is_used)
    );
}

#[rstest]
#[case::three("Aw", true)]
#[case::usual("AQAB", true)]
#[case::widest("_____w", true)]
#[case::one("AQ", false)]
#[case::even("Ag", false)]
#[case::beyond_32_bits("AQAAAAE", false)]
#[case::zeros_before_it("AAEAAQ", false)]
fn s23_an_exponent_is_odd_and_within_32_bits(#[case] exponent: &str, #[case] is_used: bool) {
    let entry = with(rsa("k"), "e", json!(exponent));

    assert_eq!(
        beside_a_good_key(entry).named("k").len(),
        usize::from(is_used)
    );
}
