use rstest::rstest;
use serde_json::json;

use crate::client_auth::keys::rsa_jwk;
use crate::config::tests::{environment, problems, read};
use crate::config::{Config, ProviderConfig, TokenEndpoint};
use crate::oauth::{
    ApplicationGrant, Grants, ProviderName, SubjectTokenType, TargetParameter, UserGrant,
};

/// The least for all three, the keys apart.
const LEAST: [(&str, &str); 6] = [
    ("MASKINPORTEN_CLIENT_ID", "m"),
    (
        "MASKINPORTEN_WELL_KNOWN_URL",
        "https://maskinporten.test/metadata",
    ),
    ("TOKEN_X_CLIENT_ID", "cluster:namespace:app"),
    ("TOKEN_X_WELL_KNOWN_URL", "https://tokenx.test/metadata"),
    ("IDPORTEN_AUDIENCE", "i"),
    ("IDPORTEN_WELL_KNOWN_URL", "https://idporten.test/metadata"),
];

fn all(variables: &[(&str, &str)]) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let jwk = rsa_jwk(0, json!({"kid": "a"})).to_string();
    let keys = [
        ("MASKINPORTEN_CLIENT_JWK", jwk.as_str()),
        ("TOKEN_X_PRIVATE_JWK", jwk.as_str()),
    ];
    environment(LEAST.iter().chain(&keys).chain(variables).copied())
}

fn config(variables: &[(&str, &str)]) -> Config {
    read(all(variables)).unwrap()
}

fn provider(name: ProviderName, variables: &[(&str, &str)]) -> ProviderConfig {
    config(variables).providers.get(name).cloned().unwrap()
}

fn audiences(provider: &ProviderConfig) -> Option<Vec<String>> {
    provider.introspection.clone().unwrap().audiences
}

#[test]
fn maskinporten_signs_for_tokens_and_its_audience_is_left_to_the_app() {
    let maskinporten = provider(ProviderName::Maskinporten, &[]);

    let grants = Grants {
        application: Some(ApplicationGrant::SignedAssertion),
        user: None,
    };
    assert_eq!(maskinporten.grants, grants);
    assert!(maskinporten.signs_for_issuer());
    assert_eq!(audiences(&maskinporten), None);
}

#[test]
fn tokenx_exchanges_users_tokens_and_is_for_the_client_id() {
    let tokenx = provider(ProviderName::TokenX, &[]);

    let exchange = UserGrant::TokenExchange(TargetParameter::Audience, SubjectTokenType::Jwt);
    let grants = Grants {
        application: None,
        user: Some(exchange),
    };
    assert_eq!(tokenx.grants, grants);
    assert!(tokenx.signs_for_issuer());
    assert_eq!(
        audiences(&tokenx),
        Some(vec!["cluster:namespace:app".to_owned()])
    );
}

#[test]
fn idporten_only_verifies() {
    let idporten = provider(ProviderName::IdPorten, &[]);

    assert_eq!(idporten.grants.application, None);
    assert_eq!(idporten.grants.user, None);
    assert!(idporten.credentials.is_none());
    assert_eq!(audiences(&idporten), Some(vec!["i".to_owned()]));
}

#[rstest]
#[case(ProviderName::Maskinporten, "MASKINPORTEN")]
#[case(ProviderName::TokenX, "TOKEN_X")]
fn endpoints_can_be_named_one_by_one(#[case] name: ProviderName, #[case] prefix: &str) {
    let named = |suffix: &str| format!("{prefix}_{suffix}");

    let provider = provider(
        name,
        &[
            (&named("WELL_KNOWN_URL"), ""),
            (&named("ISSUER"), "https://issuer.test/"),
            (&named("JWKS_URI"), "https://issuer.test/keys"),
            (&named("TOKEN_ENDPOINT"), "https://issuer.test/token"),
        ],
    );

    let endpoint = "https://issuer.test/token".parse().unwrap();
    assert_eq!(provider.token_endpoint, TokenEndpoint::Known(endpoint));
    assert_eq!(provider.issuer.as_deref(), Some("https://issuer.test/"));
    assert_eq!(provider.metadata, None);
    assert!(provider.introspection.is_some());
}

#[rstest]
#[case("MASKINPORTEN_CLIENT_JWK", "MASKINPORTEN_CLIENT_JWK_FILE")]
#[case("TOKEN_X_PRIVATE_JWK", "TOKEN_X_PRIVATE_JWK_FILE")]
fn a_missing_key_names_both_variables_for_it(#[case] text: &str, #[case] file: &str) {
    let complaint = problems(all(&[(text, "")]));

    assert!(
        complaint.starts_with(&format!("{text} is not set")),
        "{complaint}"
    );
    assert!(complaint.contains(file), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[rstest]
#[case("MASKINPORTEN_WELL_KNOWN_URL")]
#[case("TOKEN_X_WELL_KNOWN_URL")]
#[case("IDPORTEN_WELL_KNOWN_URL")]
fn without_metadata_and_endpoints_a_provider_does_not_start(#[case] variable: &str) {
    let complaint = problems(all(&[(variable, "")]));

    assert!(
        complaint.starts_with(&format!("{variable} is not set")),
        "{complaint}"
    );
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[rstest]
#[case("MASKINPORTEN_ENABLED", "MASKINPORTEN_CLIENT_ID")]
#[case("TOKEN_X_ENABLED", "TOKEN_X_CLIENT_ID")]
#[case("IDPORTEN_ENABLED", "IDPORTEN_AUDIENCE")]
fn said_to_be_on_a_provider_wants_to_know_who_the_app_is(
    #[case] switch: &str,
    #[case] identity: &str,
) {
    let complaint = problems(all(&[(switch, "true"), (identity, "")]));

    assert!(
        complaint.starts_with(&format!("{identity} is not set")),
        "{complaint}"
    );
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[rstest]
#[case(ProviderName::Maskinporten, "MASKINPORTEN_ENABLED")]
#[case(ProviderName::TokenX, "TOKEN_X_ENABLED")]
#[case(ProviderName::IdPorten, "IDPORTEN_ENABLED")]
fn said_to_be_off_a_provider_is_off(#[case] name: ProviderName, #[case] switch: &str) {
    let config = config(&[(switch, "false")]);

    assert!(config.providers.get(name).is_none());
    assert_eq!(config.providers.iter().count(), 2);
}

#[rstest]
#[case("MASKINPORTEN_ENABLED", "yes")]
#[case("MASKINPORTEN_CLIENT_ID", "a b")]
#[case("MASKINPORTEN_CLIENT_JWK", "hunter2")]
#[case("MASKINPORTEN_TOKEN_ENDPOINT", "http://maskinporten.test/token")]
#[case("TOKEN_X_WELL_KNOWN_URL", "tokenx.test")]
#[case("TOKEN_X_ISSUER", "https://tokenx.test#a")]
#[case("IDPORTEN_AUDIENCE", "a\nb")]
#[case("IDPORTEN_JWKS_URI", "ftp://idporten.test/keys")]
fn f72_a_bad_setting_is_named(#[case] name: &str, #[case] text: &str) {
    let complaint = problems(all(&[(name, text)]));

    assert!(complaint.starts_with(&format!("{name} ")), "{complaint}");
    assert!(!complaint.contains("hunter2"), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}
