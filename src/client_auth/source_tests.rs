use std::path::Path;

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::client_auth::keys::{certificate, rsa, rsa_jwk};
use crate::client_auth::{CredentialKind, Defect, Origin, Part, SecretMethod};
use crate::secret::{Secret, Unusable};

fn in_variable(variable: &'static str, text: &str) -> Part {
    Part {
        variable,
        origin: Origin::Variable(Secret::from(text.to_owned())),
    }
}

fn in_file(variable: &'static str, path: &Path) -> Part {
    Part {
        variable,
        origin: Origin::File(path.to_owned()),
    }
}

fn load(kind: CredentialKind, main: Part, key: Option<Part>) -> Result<CredentialSource, Fault> {
    CredentialSource::load(CredentialTexts { kind, main, key })
}

fn fault(kind: CredentialKind, text: &str) -> Defect {
    let source = load(kind, in_variable("X", text), None);
    source.unwrap_err().defect
}

#[test]
fn a_key_may_be_written_on_several_lines() {
    let jwk = format!("{:#}\n", rsa_jwk(0, json!({"kid": "a"})));

    let source = load(CredentialKind::PrivateKeyJwt, in_variable("X", &jwk), None);

    assert_eq!(source.unwrap().at_start().key_id(), Some("a"));
}

#[rstest]
#[case("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", None)]
#[case("eyJhbGciOiJSUzI1NiJ9.e30.", Some(Defect::NotAToken))]
#[case("eyJhbGciOiJSUzI1NiJ9.e30", Some(Defect::NotAToken))]
#[case("a.b.c.d", Some(Defect::NotAToken))]
#[case("a.b=.c", Some(Defect::NotAToken))]
#[case(" a.b.c", Some(Defect::NotAToken))]
#[case("a.b.c\na.b.c", Some(Defect::Unusable(Unusable::ControlCharacter)))]
fn a_federated_token_is_one_jwt(#[case] text: &str, #[case] defect: Option<Defect>) {
    let kind = CredentialKind::FederatedToken;

    let source = load(kind, in_variable("X", text), None);

    assert_eq!(source.err().map(|fault| fault.defect), defect);
}

#[test]
fn a_fault_is_with_the_part_that_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let chain = in_variable("CHAIN", &certificate(rsa(0), 2030));
    let fault = |key| load(CredentialKind::Certificate, chain.clone(), Some(key)).unwrap_err();

    let absent = fault(in_file("KEY_FILE", &folder.path().join("absent")));
    let none = fault(in_variable("KEY", "hunter2"));
    let other = fault(in_variable("KEY", &rsa(1).serialize_pem()));

    let unreadable = Defect::Unusable(Unusable::Unreadable);
    assert_eq!((absent.variable, absent.defect), ("KEY_FILE", unreadable));
    assert_eq!((none.variable, none.defect), ("KEY", Defect::NoPrivateKey));
    assert_eq!((other.variable, other.defect), ("CHAIN", Defect::Mismatch));
}

#[test]
fn a_certificate_without_key_lacks_one() {
    let defect = fault(CredentialKind::Certificate, &certificate(rsa(0), 2030));

    assert_eq!(defect, Defect::NoPrivateKey);
}

#[test]
fn fingerprints_differ_when_a_text_does() {
    let secret = CredentialKind::ClientSecret(SecretMethod::Post);
    let print = |text| {
        let source = load(secret, in_variable("X", text), None).unwrap();
        source.fingerprint()
    };

    assert_eq!(print("one"), print("one\n"));
    assert_ne!(print("one"), print("two"));
}

#[test]
fn s2_debug_output_of_a_source_hides_its_texts() {
    let jwk = rsa_jwk(0, json!({"kid": "a"}));
    let part = in_variable("X", &jwk.to_string());

    let source = load(CredentialKind::PrivateKeyJwt, part, None).unwrap();

    let shown = format!("{source:?} {:?}", source.texts().read());
    assert!(!shown.contains(jwk["d"].as_str().unwrap()));
}
