use rstest::rstest;
use serde_json::json;

use crate::client_auth::keys::{certificate, p256, p256_jwk, rsa, rsa_jwk};
use crate::client_auth::{ClientAuth, CredentialSources};
use crate::config::tests::{entra, problems, read};
use crate::oauth::ProviderName;

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";

fn jwk(kid: &str) -> String {
    rsa_jwk(0, json!({"kid": kid})).to_string()
}

fn pair() -> String {
    certificate(rsa(0), 2030) + &rsa(0).serialize_pem()
}

fn credentials(variables: &[(&str, &str)]) -> Option<CredentialSources> {
    let config = read(entra(variables.iter().copied())).unwrap();
    config
        .providers
        .get(ProviderName::EntraId)
        .cloned()
        .unwrap()
        .credentials
}

/// The variables of the first credential and of the next ones.
fn chosen(variables: &[(&str, &str)]) -> Vec<&'static str> {
    let sources = credentials(variables).unwrap();
    let all = std::iter::once(&sources.first).chain(&sources.next);
    all.map(|source| source.variable()).collect()
}

#[test]
fn of_several_credentials_the_strongest_is_used() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), TOKEN).unwrap();
    let (pair, jwk) = (pair(), jwk("a"));
    let mut all = vec![
        ("AZURE_APP_CERTIFICATE", &*pair),
        ("AZURE_APP_JWK", &*jwk),
        ("AZURE_APP_CLIENT_SECRET", "hunter2"),
        ("AZURE_FEDERATED_TOKEN_FILE", file.path().to_str().unwrap()),
    ];

    while let Some((name, _)) = all.first().copied() {
        assert_eq!(chosen(&all), [name]);
        all.remove(0);
        all.push((name, ""));
        if all.iter().all(|(_, value)| value.is_empty()) {
            break;
        }
    }
}

#[rstest]
#[case("certificate", "AZURE_APP_CERTIFICATE")]
#[case("private_key_jwt", "AZURE_APP_JWK")]
#[case("client_secret", "AZURE_APP_CLIENT_SECRET")]
#[case("federated_token", "AZURE_FEDERATED_TOKEN_FILE")]
fn a_credential_can_be_picked(#[case] method: &str, #[case] name: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), TOKEN).unwrap();
    let (pair, jwk) = (pair(), jwk("a"));
    let all = [
        ("AZURE_APP_CERTIFICATE", &*pair),
        ("AZURE_APP_JWK", &*jwk),
        ("AZURE_FEDERATED_TOKEN_FILE", file.path().to_str().unwrap()),
        ("AZURE_APP_CLIENT_AUTH", method),
    ];
    assert_eq!(chosen(&all), [name]);

    let mut lacking = all.to_vec();
    lacking.push((name, ""));
    let text = problems(entra(lacking));

    assert!(text.starts_with(&format!("{name} is not set")), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn the_next_credential_may_be_of_another_kind_and_its_own_kind_comes_first() {
    let next = jwk("b");
    let both = [
        ("AZURE_APP_NEXT_JWK", &*next),
        ("AZURE_APP_NEXT_CLIENT_SECRET", "hunter3"),
    ];

    let order = [
        "AZURE_APP_CLIENT_SECRET",
        "AZURE_APP_NEXT_CLIENT_SECRET",
        "AZURE_APP_NEXT_JWK",
    ];
    assert_eq!(chosen(&both), order);
    assert_eq!(chosen(&both[..1]), [order[0], order[2]]);
}

#[test]
fn a_certificate_may_have_its_key_in_a_variable_of_its_own() {
    let (chain, key) = (certificate(rsa(0), 2030), rsa(0).serialize_pem());

    let sources = credentials(&[
        ("AZURE_APP_CERTIFICATE", &chain),
        ("AZURE_APP_CERTIFICATE_KEY", &key),
    ]);

    let first = sources.unwrap().first;
    assert!(matches!(**first.at_start(), ClientAuth::Certificate(_)));
    assert!(!first.texts().are_in_files());
}

#[test]
fn the_variables_of_azure_workload_identity_are_enough() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), TOKEN).unwrap();
    let variables = [
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_TENANT_ID", "contoso.test"),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
        ("AZURE_FEDERATED_TOKEN_FILE", file.path().to_str().unwrap()),
    ];

    let config = read(crate::config::tests::environment(variables)).unwrap();

    let sources = config
        .providers
        .get(ProviderName::EntraId)
        .cloned()
        .unwrap()
        .credentials
        .unwrap();
    assert_eq!(sources.first.variable(), "AZURE_FEDERATED_TOKEN_FILE");
}

#[rstest]
#[case("AZURE_APP_JWK", "hunter2".to_owned())]
#[case("AZURE_APP_JWK", rsa_jwk(0, json!({"d": null})).to_string())]
#[case("AZURE_APP_JWK_FILE", "/absent".to_owned())]
#[case("AZURE_APP_NEXT_JWK", p256_jwk(json!({"crv": "P-521"})).to_string())]
#[case("AZURE_APP_CERTIFICATE", certificate(rsa(0), 2030))]
#[case("AZURE_APP_CERTIFICATE", certificate(rsa(0), 2030) + &rsa(1).serialize_pem())]
#[case("AZURE_APP_CERTIFICATE_KEY", rsa(0).serialize_pem())]
#[case("AZURE_FEDERATED_TOKEN_FILE", "/absent".to_owned())]
fn f72_a_bad_credential_is_a_problem_though_another_would_do(
    #[case] name: &str,
    #[case] text: String,
    #[values("client_secret", "none", "")] method: &str,
) {
    let variables = [(name, &*text), ("AZURE_APP_CLIENT_AUTH", method)];

    let text = problems(entra(variables));

    assert!(text.starts_with(&format!("{name} ")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_certificate_of_an_elliptic_curve_is_refused_as_entra_would() {
    let key = p256();
    let pair = certificate(&key, 2030) + &key.serialize_pem();

    let text = problems(entra([("AZURE_APP_CERTIFICATE", &*pair)]));

    assert!(text.contains("Entra refuses"), "{text}");
}
