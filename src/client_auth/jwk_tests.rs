use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::client_auth::keys::{PRIVATE, p256_jwk, public, rsa_jwk};

fn parse(jwk: &Value) -> Result<SigningJwk, Defect> {
    SigningJwk::parse(&Secret::from(jwk.to_string()))
}

fn defect(jwk: &Value) -> Defect {
    parse(jwk).unwrap_err()
}

fn verified(jwk: &Value, algorithm: Algorithm) -> (jsonwebtoken::Header, Value) {
    let jwt = parse(jwk).unwrap().signed(&json!({"a": 1})).unwrap();
    let public: Jwk = serde_json::from_value(public(jwk)).unwrap();
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(&public).unwrap();
    let token = jsonwebtoken::decode(jwt.expose(), &key, &validation).unwrap();
    (token.header, token.claims)
}

#[rstest]
#[case(rsa_jwk(0, json!({"kid": "a"})), Algorithm::RS256)]
#[case(rsa_jwk(0, json!({"kid": "a", "alg": "RS256", "use": "sig"})), Algorithm::RS256)]
#[case(rsa_jwk(0, json!({"kid": "a", "alg": "PS256", "x5c": ["ignored"]})), Algorithm::PS256)]
#[case(p256_jwk(json!({"kid": "a", "key_ops": ["verify", "sign"]})), Algorithm::ES256)]
#[case(p256_jwk(json!({"kid": "a", "alg": "ES256"})), Algorithm::ES256)]
fn s12_each_key_signs_by_its_own_algorithm(#[case] jwk: Value, #[case] algorithm: Algorithm) {
    let (header, claims) = verified(&jwk, algorithm);

    assert_eq!(header.alg, algorithm);
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    assert_eq!(header.kid.as_deref(), Some("a"));
    assert_eq!(claims, json!({"a": 1}));
}

#[rstest]
#[case(rsa_jwk(0, json!({})))]
#[case(p256_jwk(json!({})))]
fn a_key_without_kid_is_called_by_its_thumbprint(#[case] jwk: Value) {
    let public: Jwk = serde_json::from_value(public(&jwk)).unwrap();

    let id = parse(&jwk).unwrap().id().to_owned();

    let thumbprint = public.thumbprint(ThumbprintHash::SHA256).unwrap();
    assert_eq!(id, thumbprint.to_string());
}

#[rstest]
#[case(json!({"kty": "oct"}), Defect::KeyType)]
#[case(json!({"alg": "RS384"}), Defect::Algorithm)]
#[case(json!({"alg": "ES256"}), Defect::Algorithm)]
#[case(json!({"alg": "none"}), Defect::Algorithm)]
#[case(json!({"use": "enc"}), Defect::Usage)]
#[case(json!({"key_ops": ["verify"]}), Defect::Usage)]
#[case(json!({"key_ops": []}), Defect::Usage)]
#[case(json!({"kid": ""}), Defect::KeyId)]
#[case(json!({"kid": "a\nb"}), Defect::KeyId)]
#[case(json!({"kid": "é"}), Defect::KeyId)]
#[case(json!({"kid": "k".repeat(257)}), Defect::KeyId)]
#[case(json!({"kid": 7}), Defect::NotAJwk)]
#[case(json!({"e": "AQAB="}), Defect::Encoding)]
#[case(json!({"e": "AQAC"}), Defect::Inconsistent)]
#[case(json!({"e": "AAEAAQ"}), Defect::Inconsistent)]
#[case(json!({"n": "AQAB"}), Defect::Inconsistent)]
#[case(json!({"d": "a+b/"}), Defect::Encoding)]
#[case(json!({"d": "a b"}), Defect::Encoding)]
#[case(json!({"d": "AQAB"}), Defect::Inconsistent)]
fn a_bad_rsa_key_is_refused(#[case] change: Value, #[case] expected: Defect) {
    assert_eq!(defect(&rsa_jwk(0, change)), expected);
}

#[test]
fn a_public_key_or_a_part_of_a_private_one_is_refused() {
    for member in PRIVATE {
        assert_eq!(
            defect(&rsa_jwk(0, json!({member: null}))),
            Defect::NotPrivate,
            "{member}"
        );
    }
    assert_eq!(defect(&p256_jwk(json!({"d": null}))), Defect::NotPrivate);
}

#[test]
fn members_of_two_keys_make_none() {
    let other = rsa_jwk(1, json!({}));

    for member in ["n", "d", "p", "q", "dp", "dq", "qi"] {
        let jwk = rsa_jwk(0, json!({member: other[member]}));
        assert_eq!(defect(&jwk), Defect::Inconsistent, "{member}");
    }
    let (one, other) = (p256_jwk(json!({})), p256_jwk(json!({})));
    let mixed = json!({"kty": "EC", "crv": "P-256", "x": one["x"], "y": one["y"], "d": other["d"]});
    assert_eq!(defect(&mixed), Defect::Inconsistent);
}

#[rstest]
#[case(json!({"crv": "P-384"}), Defect::KeyType)]
#[case(json!({"crv": null}), Defect::KeyType)]
#[case(json!({"alg": "RS256"}), Defect::Algorithm)]
#[case(json!({"x": "AQAB"}), Defect::Inconsistent)]
#[case(json!({"d": ""}), Defect::Inconsistent)]
fn a_bad_ec_key_is_refused(#[case] change: Value, #[case] expected: Defect) {
    assert_eq!(defect(&p256_jwk(change)), expected);
}

#[rstest]
#[case("hunter2")]
#[case("[]")]
#[case("{}")]
#[case(r#"{"kty":"RSA","kty":"RSA"}"#)]
#[case(r#"{"kty":"RSA"} {"kty":"RSA"}"#)]
#[case(r#"{"keys":[{"kty":"RSA"}]}"#)]
fn what_is_no_jwk_is_refused(#[case] text: &str) {
    let outcome = SigningJwk::parse(&Secret::from(text.to_owned()));

    assert_eq!(outcome.unwrap_err(), Defect::NotAJwk);
}

#[test]
fn keys_are_told_apart_by_what_the_provider_sees() {
    let key = |more| parse(&rsa_jwk(0, more)).unwrap();
    let one = key(json!({"kid": "a"}));

    assert_eq!(one, key(json!({"kid": "a", "x5c": []})));
    assert_ne!(one, key(json!({"kid": "b"})));
    assert_ne!(one, key(json!({"kid": "a", "alg": "PS256"})));
    assert_ne!(one, parse(&rsa_jwk(1, json!({"kid": "a"}))).unwrap());
}

#[test]
fn s2_debug_output_of_a_key_shows_nothing_of_it() {
    let jwk = rsa_jwk(0, json!({"kid": "a"}));

    let shown = format!("{:?} {:#?}", parse(&jwk).unwrap(), parse(&jwk).unwrap());

    assert!(shown.contains("[private key for RS256]"), "{shown}");
    for member in PRIVATE.iter().chain(&["n"]) {
        let text = jwk[member].as_str().unwrap();
        assert!(!shown.contains(&text[..8]), "{member}");
    }
}
