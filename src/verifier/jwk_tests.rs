//! Which entries of a set are keys (K1, K2, K4–K6, K10, K12).

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::verifier::key_set::KeySet;
use crate::verifier::published::{algorithms, ed25519, p256, p384, read, rsa, set, with};

/// The set of one good key and this entry.
fn beside_a_good_key(entry: Value) -> KeySet {
    read(&set(&[entry, rsa("good")])).unwrap()
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

/// An odd number of so many bits; aws-lc-rs takes it for a modulus as it is.
fn odd_number(bits: usize) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] = u8::MAX >> (bits.wrapping_neg() % 8);
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
