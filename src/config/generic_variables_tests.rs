//! What a generic provider's variables may say (contract §6).

use rstest::rstest;

use super::uniform_variables::JWK;
use super::{environment, problems, read};
use crate::client_auth::{AssertionAudience, AssertionRules, CredentialKind, SecretMethod};
use crate::config::{ProviderConfig, TokenEndpoint};
use crate::oauth::{ApplicationGrant, ProviderName, TargetParameter};

const LEAST: [(&str, &str); 4] = [
    ("LAREDO_PROVIDERS", "acme"),
    ("LAREDO_ACME_CLIENT_ID", "id"),
    ("LAREDO_ACME_CLIENT_SECRET", "secret"),
    ("LAREDO_ACME_WELL_KNOWN_URL", "https://acme.test/meta"),
];

/// The least, but for these; an empty value takes one away.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    LEAST.iter().chain(changes).copied().collect()
}

fn acme(changes: &[(&str, &str)]) -> ProviderConfig {
    let config = read(environment(with(changes))).unwrap_or_else(|problems| panic!("{problems}"));
    config.providers.iter().next().unwrap().clone()
}

fn line(changes: &[(&str, &str)]) -> String {
    let text = problems(environment(with(changes)));
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn kind(provider: &ProviderConfig) -> Option<CredentialKind> {
    let credentials = provider.credentials.as_ref()?;
    Some(credentials.first.texts().kind)
}

#[test]
fn a_generic_provider_is_there_by_variables_alone() {
    let provider = acme(&[]);

    assert_eq!(provider.name, ProviderName::Generic("acme"));
    let url = "https://acme.test/meta".parse().unwrap();
    assert_eq!(provider.token_endpoint, TokenEndpoint::FromMetadata(url));
    let rules = AssertionRules::short(AssertionAudience::Issuer);
    assert_eq!(provider.assertions, rules);
    let audiences = provider.introspection.unwrap().audiences;
    assert_eq!(audiences, Some(vec!["id".to_owned()]));
}

#[test]
fn the_audience_of_inbound_tokens_wins_over_the_client_id() {
    let provider = acme(&[("LAREDO_ACME_AUDIENCE", "api")]);

    let audiences = provider.introspection.unwrap().audiences;
    assert_eq!(audiences, Some(vec!["api".to_owned()]));
}

#[rstest]
#[case::letters("acme")]
#[case::digits_and_underscores("acme_2_b")]
#[case::several(" acme , other,")]
fn names_are_of_lower_case_letters_digits_and_underscores(#[case] names: &str) {
    let other = [
        ("LAREDO_PROVIDERS", names),
        ("LAREDO_ACME_2_B_CLIENT_ID", "id"),
        ("LAREDO_ACME_2_B_CLIENT_SECRET", "secret"),
        ("LAREDO_ACME_2_B_WELL_KNOWN_URL", "https://acme.test/meta"),
        ("LAREDO_OTHER_CLIENT_ID", "id"),
        ("LAREDO_OTHER_CLIENT_SECRET", "secret"),
        ("LAREDO_OTHER_WELL_KNOWN_URL", "https://other.test/meta"),
    ];

    let read = read(environment(with(&other))).unwrap();

    let count = names
        .split(',')
        .filter(|name| !name.trim().is_empty())
        .count();
    assert_eq!(read.providers.iter().count(), count);
}

#[rstest]
#[case::capital("Acme")]
#[case::digit_first("2acme")]
#[case::underscore_first("_acme")]
#[case::hyphen("ac-me")]
#[case::not_ascii("acm\u{e9}")]
#[case::inner_space("ac me")]
#[case::built_in("tokenx")]
#[case::built_in_by_its_other_name("azuread")]
#[case::twice("acme,acme")]
#[case::one_of_two("acme,B")]
fn f72_other_names_are_refused(#[case] names: &str) {
    let line = line(&[("LAREDO_PROVIDERS", names)]);

    assert!(line.starts_with("LAREDO_PROVIDERS has "), "{line}");
}

#[rstest]
#[case("", Some(CredentialKind::ClientSecret(SecretMethod::Basic)))]
#[case(
    "client_secret_basic",
    Some(CredentialKind::ClientSecret(SecretMethod::Basic))
)]
#[case(
    "client_secret_post",
    Some(CredentialKind::ClientSecret(SecretMethod::Post))
)]
#[case("private_key_jwt", Some(CredentialKind::PrivateKeyJwt))]
#[case("none", None)]
fn client_auth_picks_the_credential(
    #[case] method: &str,
    #[case] expected: Option<CredentialKind>,
) {
    let jwk = match method {
        "" => "",
        _ => JWK,
    };
    let provider = acme(&[
        ("LAREDO_ACME_PRIVATE_JWK", jwk),
        ("LAREDO_ACME_CLIENT_AUTH", method),
    ]);

    assert_eq!(kind(&provider), expected);
}

#[test]
fn a_private_key_is_used_where_nothing_is_said() {
    let provider = acme(&[("LAREDO_ACME_PRIVATE_JWK", JWK)]);

    assert_eq!(kind(&provider), Some(CredentialKind::PrivateKeyJwt));
}

#[test]
fn f72_a_missing_credential_names_every_variable() {
    let line = line(&[("LAREDO_ACME_CLIENT_SECRET", "")]);

    for name in [
        "LAREDO_ACME_CLIENT_SECRET",
        "LAREDO_ACME_CLIENT_SECRET_FILE",
        "LAREDO_ACME_PRIVATE_JWK",
        "LAREDO_ACME_PRIVATE_JWK_FILE",
        "LAREDO_ACME_CLIENT_AUTH",
    ] {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        assert!(words.into_iter().any(|word| word == name), "{name}: {line}");
    }
}

#[rstest]
#[case("", TargetParameter::Scope)]
#[case("scope", TargetParameter::Scope)]
#[case("audience", TargetParameter::Audience)]
#[case("resource", TargetParameter::Resource)]
fn the_parameter_for_targets_can_be_chosen(#[case] text: &str, #[case] expected: TargetParameter) {
    let provider = acme(&[("LAREDO_ACME_TARGET", text)]);

    let application = Some(ApplicationGrant::Parameters(expected));
    assert_eq!(provider.grants.application, application);
}

#[rstest]
#[case("LAREDO_ACME_CLIENT_AUTH", "Basic")]
#[case("LAREDO_ACME_TARGET", "Scope")]
#[case("LAREDO_ACME_ASSERTION_AUDIENCE", "endpoint")]
#[case("LAREDO_ACME_TOKEN_ENDPOINT", "http://acme.test")]
#[case("LAREDO_ACME_ISSUER", "acme")]
#[case("LAREDO_ACME_JWKS_URI", "https://")]
#[case("LAREDO_ACME_WELL_KNOWN_URL", "https://u@acme.test")]
#[case("LAREDO_ACME_PRIVATE_JWK", "{}")]
fn f72_a_value_that_cannot_be_read_is_named(#[case] name: &str, #[case] value: &str) {
    let line = line(&[(name, value)]);

    assert!(line.starts_with(&format!("{name} ")), "{line}");
}

#[test]
fn f72_a_provider_without_a_client_id_is_a_problem() {
    let line = line(&[("LAREDO_ACME_CLIENT_ID", "")]);

    assert!(
        line.starts_with("LAREDO_ACME_CLIENT_ID is not set"),
        "{line}"
    );
}

#[test]
fn variables_of_a_provider_that_is_not_named_are_ignored() {
    acme(&[("LAREDO_OTHER_TARGET", "everything")]);
}
