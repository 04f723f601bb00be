//! Entries of a key set that must not become keys.

use rstest::rstest;

use super::signer::{Kind, Signer, decoded, encoded};
use super::*;

type Coordinates = (Vec<u8>, Vec<u8>);

fn is_key(entry: &Value) -> bool {
    jwk::read(&entry.to_string(), KeyIssuers::Ignored).is_some()
}

fn good(kind: Kind) -> Value {
    let key = Signer::new(kind, "k").public_key();
    assert!(is_key(&key));
    key
}

/// An odd number of that many bits.
fn modulus(bits: usize) -> String {
    let mut bytes = vec![0xa5; bits.div_ceil(8)];
    bytes[0] = 0x80 >> (bits.div_ceil(8) * 8 - bits);
    encoded(bytes)
}

fn rsa(n: &str, e: &[u8]) -> Value {
    json!({"kid": "k", "kty": "RSA", "n": n, "e": encoded(e)})
}

#[rstest]
#[case(512, false)]
#[case(1024, false)]
#[case(2047, false)]
#[case(2048, true)]
#[case(3072, true)]
#[case(8192, true)]
#[case(8193, false)]
#[case(16384, false)]
fn j9_an_rsa_key_has_2048_to_8192_bits(#[case] bits: usize, #[case] expected: bool) {
    assert_eq!(is_key(&rsa(&modulus(bits), &[1, 0, 1])), expected);
}

#[rstest]
#[case::none(&[], false)]
#[case::zero(&[0], false)]
#[case::one(&[1], false)]
#[case::even(&[2], false)]
#[case::three(&[3], true)]
#[case::even_and_usual(&[1, 0, 0], false)]
#[case::usual(&[1, 0, 1], true)]
#[case::zero_before(&[0, 1, 0, 1], false)]
#[case::greatest(&[0xff, 0xff, 0xff, 0xff], true)]
#[case::huge(&[1, 0, 0, 0, 1], false)]
fn j9_an_rsa_keys_exponent_is_odd_and_small(#[case] exponent: &[u8], #[case] expected: bool) {
    assert_eq!(is_key(&rsa(&modulus(2048), exponent)), expected);
}

#[test]
fn j9_an_even_modulus_is_none() {
    let mut n = decoded(&modulus(2048));
    *n.last_mut().unwrap() = 0xa4;

    assert!(!is_key(&rsa(&encoded(n), &[1, 0, 1])));
}

#[rstest]
fn j7_a_key_on_another_curve_is_none(
    #[values("P-256", "P-384", "P-521", "secp256k1", "p-256", "")] curve: &str,
    #[values(Kind::Es256, Kind::Es384)] kind: Kind,
) {
    let mut key = good(kind);
    if key["crv"] == curve {
        return;
    }
    key["crv"] = json!(curve);

    assert!(!is_key(&key));
}

/// The generator of secp256k1 (SEC 2 §2.4.1) is no point of P-256.
#[test]
fn j7_a_point_of_secp256k1_is_none_of_p_256() {
    let x = "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g";
    let y = "SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg";

    assert!(!is_key(
        &json!({"kid": "k", "kty": "EC", "crv": "P-256", "x": x, "y": y})
    ));
}

#[rstest]
#[case::not_on_the_curve(|x: Vec<u8>, y: Vec<u8>| (x, flipped(y)))]
#[case::infinity(|x: Vec<u8>, _: Vec<u8>| (vec![0; x.len()], vec![0; x.len()]))]
#[case::beyond_the_field(|x: Vec<u8>, y: Vec<u8>| (vec![0xff; x.len()], y))]
#[case::short(|x: Vec<u8>, y: Vec<u8>| (x[1..].to_vec(), y))]
#[case::zero_before(|x: Vec<u8>, y: Vec<u8>| ([vec![0], x].concat(), y))]
#[case::zero_behind(|x: Vec<u8>, y: Vec<u8>| (x, [y, vec![0]].concat()))]
#[case::moved(|x: Vec<u8>, y: Vec<u8>| ([x, y[..1].to_vec()].concat(), y[1..].to_vec()))]
#[case::empty(|_: Vec<u8>, _: Vec<u8>| (Vec::new(), Vec::new()))]
fn j7_what_is_no_point_is_no_key(
    #[case] change: fn(Vec<u8>, Vec<u8>) -> Coordinates,
    #[values(Kind::Es256, Kind::Es384)] kind: Kind,
) {
    let mut key = good(kind);
    let coordinate = |name: &str| decoded(key[name].as_str().unwrap());

    let (x, y) = change(coordinate("x"), coordinate("y"));
    (key["x"], key["y"]) = (json!(encoded(x)), json!(encoded(y)));

    assert!(!is_key(&key));
}

fn flipped(mut bytes: Vec<u8>) -> Vec<u8> {
    *bytes.last_mut().unwrap() ^= 1;
    bytes
}

#[rstest]
#[case::of_the_same_type("RS256", true)]
#[case::of_the_same_type_too("PS256", true)]
#[case::longer("RS384", false)]
#[case::of_another_type("ES256", false)]
#[case::a_secret("HS256", false)]
#[case::for_encryption("RSA-OAEP", false)]
#[case::another_spelling("rs256", false)]
#[case::empty("", false)]
fn j37_a_keys_own_algorithm_counts(#[case] algorithm: &str, #[case] expected: bool) {
    let mut key = good(Kind::Rs256);
    key["alg"] = json!(algorithm);

    assert_eq!(is_key(&key), expected);
}

#[rstest]
#[case::for_encryption("use", json!("enc"))]
#[case::another_case("use", json!("SIG"))]
#[case::use_of_another_type("use", json!(["sig"]))]
#[case::use_is_null("use", json!(null))]
#[case::only_to_sign("key_ops", json!(["sign"]))]
#[case::no_operation("key_ops", json!([]))]
#[case::operation_as_text("key_ops", json!("verify"))]
#[case::operations_are_null("key_ops", json!(null))]
#[case::algorithm_is_null("alg", json!(null))]
#[case::algorithm_is_an_array("alg", json!(["RS256"]))]
fn j37_a_key_for_something_else_is_none(#[case] name: &str, #[case] value: Value) {
    for kind in Kind::ALL {
        let mut key = good(kind);
        key[name] = value.clone();

        assert!(!is_key(&key), "{kind:?}");
    }
}

#[rstest]
#[case(json!(["verify"]))]
#[case(json!(["sign", "verify"]))]
fn a_key_to_verify_with_is_one(#[case] operations: Value) {
    let mut key = good(Kind::Es256);
    key["key_ops"] = operations;

    assert!(is_key(&key));
}

/// Under such a key everybody can sign (RFC 8032 §5.1.7 with A of small order).
#[rstest]
#[case::neutral("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::order_4("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::order_2("7P_______________________________________38")]
#[case::zero_again("7f_______________________________________38")]
#[case::short("AQ")]
#[case::empty("")]
fn j8_a_small_order_key_is_none(#[case] x: &str) {
    assert!(!is_key(
        &json!({"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": x})
    ));
}
