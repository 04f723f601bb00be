use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::client_auth::keys::{certificate, p256, rsa};

fn secret(parts: &[String]) -> Secret {
    Secret::from(parts.concat())
}

fn parse(parts: &[String]) -> Result<CertifiedKey, Defect> {
    let text = secret(parts);
    CertifiedKey::parse(&text, &text)
}

fn chain() -> Vec<String> {
    vec![certificate(rsa(0), 2030), certificate(rsa(1), 2040)]
}

fn key() -> String {
    rsa(0).serialize_pem()
}

#[rstest]
#[case(vec![key(), certificate(rsa(0), 2030)])]
#[case([chain(), vec![key()]].concat())]
#[case(vec![certificate(rsa(1), 2040), certificate(rsa(0), 2030), key()])]
#[case(vec!["Bag Attributes\n".to_owned(), certificate(rsa(0), 2030), key()])]
fn a_certificate_is_found_with_its_key_in_any_order(#[case] parts: Vec<String>) {
    let key = parse(&parts).unwrap();

    let until_2030 = Duration::from_secs(1_893_456_000);
    assert_eq!(
        key.expiry(),
        SystemTime::UNIX_EPOCH.checked_add(until_2030).unwrap()
    );
}

#[test]
fn chain_and_key_may_be_apart() {
    let parsed = CertifiedKey::parse(&secret(&chain()), &secret(&[key()])).unwrap();

    let der = pem_der(&certificate(rsa(0), 2030));
    assert_eq!(parsed.thumbprint().len(), sha256(&der).len());
}

fn pem_der(pem: &str) -> Vec<u8> {
    let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem.as_bytes());
    sections.next().unwrap().unwrap().1
}

#[test]
fn s12_a_certificate_signs_with_ps256_and_names_its_sha_256() {
    let certificate = certificate(rsa(0), 2030);
    let parsed = parse(&[certificate.clone(), key()]).unwrap();

    let jwt = parsed.signed(&json!({"a": 1})).unwrap();

    let header = jsonwebtoken::decode_header(jwt.expose()).unwrap();
    assert_eq!(header.alg, Algorithm::PS256);
    assert_eq!(header.kid, None);
    assert_eq!(header.x5t_s256, Some(sha256(&pem_der(&certificate))));
    let mut validation = Validation::new(Algorithm::PS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let public = &X509::all_in(&Secret::from(certificate)).unwrap()[0].public_key;
    let decoding = DecodingKey::from_rsa_der(public);
    assert!(jsonwebtoken::decode::<Value>(jwt.expose(), &decoding, &validation).is_ok());
}

#[rstest]
#[case::nothing(vec!["hunter2".to_owned()], Defect::NoCertificate)]
#[case::no_certificate(vec![key()], Defect::NoCertificate)]
#[case::no_key(chain(), Defect::NoPrivateKey)]
#[case::key_of_another(vec![certificate(rsa(1), 2030), key()], Defect::Mismatch)]
#[case::elliptic_curve(
    { let key = p256(); vec![certificate(&key, 2030), key.serialize_pem()] },
    Defect::EllipticCurve
)]
#[case::key_of_elliptic_curve(
    vec![certificate(rsa(0), 2030), p256().serialize_pem()],
    Defect::MalformedKey
)]
#[case::old_form_of_such_a_key(
    vec![certificate(rsa(0), 2030), p256().serialize_pem().replace("PRIVATE", "EC PRIVATE")],
    Defect::EllipticCurve
)]
#[case::encrypted_key(
    vec![certificate(rsa(0), 2030), key().replace("PRIVATE", "ENCRYPTED PRIVATE")],
    Defect::NoPrivateKey
)]
#[case::not_der(
    vec!["-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n".to_owned()],
    Defect::MalformedCertificate
)]
#[case::not_base64(
    vec!["-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n".to_owned()],
    Defect::NotPem
)]
#[case::half_of_it(
    { let whole = certificate(rsa(0), 2030); vec![whole[..whole.len() / 2].to_owned()] },
    Defect::NotPem
)]
#[case::half_of_the_key(
    { let key = key(); vec![certificate(rsa(0), 2030), key[..key.len() / 2].to_owned()] },
    Defect::NotPem
)]
fn f70_what_is_no_pair_is_refused(#[case] parts: Vec<String>, #[case] expected: Defect) {
    assert_eq!(parse(&parts).unwrap_err(), expected);
}

#[test]
fn s2_debug_output_of_a_certified_key_hides_the_key() {
    let parsed = parse(&[certificate(rsa(0), 2030), key()]).unwrap();

    assert!(format!("{parsed:?}").contains("[private key for PS256]"));
}
