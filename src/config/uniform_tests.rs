//! What Maskinporten's, TokenX' and ID-porten's variables may say (contract §6).

use rstest::rstest;

use crate::client_auth::{AssertionAudience, AssertionRules, CredentialKind};
use crate::config::tests::{environment, problems, read};
use crate::config::{Config, ProviderConfig, TokenEndpoint};
use crate::oauth::{
    ApplicationGrant, Grants, ProviderName, SubjectTokenType, TargetParameter, UserGrant,
};

/// The P-256 key of RFC 7517 §A.2.
pub(super) const JWK: &str = r#"{"kty":"EC","crv":"P-256","kid":"k","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

const MASKINPORTEN: [(&str, &str); 5] = [
    ("MASKINPORTEN_CLIENT_ID", "app"),
    ("MASKINPORTEN_CLIENT_JWK", JWK),
    ("MASKINPORTEN_ISSUER", "https://m.test/"),
    ("MASKINPORTEN_JWKS_URI", "https://m.test/jwk"),
    ("MASKINPORTEN_TOKEN_ENDPOINT", "https://m.test/token"),
];
const TOKEN_X: [(&str, &str); 5] = [
    ("TOKEN_X_CLIENT_ID", "c:n:a"),
    ("TOKEN_X_PRIVATE_JWK", JWK),
    ("TOKEN_X_ISSUER", "https://x.test"),
    ("TOKEN_X_JWKS_URI", "https://x.test/jwks"),
    ("TOKEN_X_TOKEN_ENDPOINT", "https://x.test/token"),
];
const IDPORTEN: [(&str, &str); 3] = [
    ("IDPORTEN_AUDIENCE", "audience"),
    ("IDPORTEN_ISSUER", "https://i.test"),
    ("IDPORTEN_JWKS_URI", "https://i.test/jwks"),
];

fn config(variables: &[(&str, &str)]) -> Config {
    read(environment(variables.iter().copied())).unwrap_or_else(|problems| panic!("{problems}"))
}

fn provider(name: ProviderName, variables: &[(&str, &str)]) -> ProviderConfig {
    config(variables).providers.get(name).unwrap().clone()
}

fn lines(variables: &[(&str, &str)]) -> Vec<String> {
    let text = problems(environment(variables.iter().copied()));
    text.lines().map(str::to_owned).collect()
}

/// All but one of the variables.
fn without<'a>(variables: &[(&'a str, &'a str)], name: &str) -> Vec<(&'a str, &'a str)> {
    let others = variables.iter().filter(|(other, _)| *other != name);
    others.copied().collect()
}

#[test]
fn maskinporten_issues_tokens_for_the_app_by_assertion() {
    let provider = provider(ProviderName::Maskinporten, &MASKINPORTEN);

    assert_eq!(provider.client_id.as_deref(), Some("app"));
    let url = "https://m.test/token".parse().unwrap();
    assert_eq!(provider.token_endpoint, TokenEndpoint::Known(url));
    assert_eq!(provider.issuer.as_deref(), Some("https://m.test/"));
    let grants = Grants {
        application: Some(ApplicationGrant::SignedAssertion),
        user: None,
    };
    assert_eq!(provider.grants, grants);
    let rules = AssertionRules::short(AssertionAudience::Issuer);
    assert_eq!(provider.assertions, rules);
    assert_eq!(provider.introspection.unwrap().audiences, None);
}

#[test]
fn tokenx_issues_tokens_for_users_only() {
    let provider = provider(ProviderName::TokenX, &TOKEN_X);

    let exchange = UserGrant::TokenExchange(TargetParameter::Audience, SubjectTokenType::Jwt);
    let grants = Grants {
        application: None,
        user: Some(exchange),
    };
    assert_eq!(provider.grants, grants);
    let audiences = provider.introspection.unwrap().audiences;
    assert_eq!(audiences, Some(vec!["c:n:a".to_owned()]));
}

#[test]
fn idporten_issues_nothing_and_needs_no_credential() {
    let provider = provider(ProviderName::IdPorten, &IDPORTEN);

    assert!(provider.credentials.is_none() && provider.client_id.is_none());
    assert_eq!(provider.token_endpoint, TokenEndpoint::Unused);
    let audiences = provider.introspection.unwrap().audiences;
    assert_eq!(audiences, Some(vec!["audience".to_owned()]));
}

#[rstest]
#[case(ProviderName::Maskinporten, "MASKINPORTEN", &MASKINPORTEN[..])]
#[case(ProviderName::TokenX, "TOKEN_X", &TOKEN_X)]
fn metadata_tell_what_is_not_set(
    #[case] name: ProviderName,
    #[case] prefix: &str,
    #[case] all: &[(&str, &str)],
) {
    let well_known = format!("{prefix}_WELL_KNOWN_URL");
    let variables = [&all[..2], &[(&*well_known, "https://p.test/meta")]].concat();

    let provider = provider(name, &variables);

    let url: url::Url = "https://p.test/meta".parse().unwrap();
    assert_eq!(
        provider.token_endpoint,
        TokenEndpoint::FromMetadata(url.clone())
    );
    assert_eq!((provider.metadata, provider.issuer), (Some(url), None));
    assert!(provider.introspection.is_some());
}

#[rstest]
#[case(&MASKINPORTEN[..], "MASKINPORTEN_CLIENT_JWK", "MASKINPORTEN_CLIENT_JWK is not set, nor is MASKINPORTEN_CLIENT_JWK_FILE: ")]
#[case(&TOKEN_X, "TOKEN_X_PRIVATE_JWK", "TOKEN_X_PRIVATE_JWK is not set, nor is TOKEN_X_PRIVATE_JWK_FILE: ")]
#[case(&MASKINPORTEN, "MASKINPORTEN_TOKEN_ENDPOINT", "MASKINPORTEN_WELL_KNOWN_URL is not set, nor is MASKINPORTEN_TOKEN_ENDPOINT: ")]
#[case(&TOKEN_X, "TOKEN_X_TOKEN_ENDPOINT", "TOKEN_X_WELL_KNOWN_URL is not set, nor is TOKEN_X_TOKEN_ENDPOINT: ")]
#[case(&IDPORTEN, "IDPORTEN_ISSUER", "IDPORTEN_WELL_KNOWN_URL is not set, nor are IDPORTEN_ISSUER and IDPORTEN_JWKS_URI: ")]
#[case(&IDPORTEN, "IDPORTEN_JWKS_URI", "IDPORTEN_WELL_KNOWN_URL is not set, nor are IDPORTEN_ISSUER and IDPORTEN_JWKS_URI: ")]
fn f72_what_is_missing_is_named_with_what_would_do(
    #[case] all: &[(&str, &str)],
    #[case] missing: &str,
    #[case] begins: &str,
) {
    let lines = lines(&without(all, missing));

    assert!(
        lines.len() == 1 && lines[0].starts_with(begins),
        "{lines:?}"
    );
}

#[rstest]
#[case("MASKINPORTEN_ENABLED", "MASKINPORTEN_CLIENT_ID", &MASKINPORTEN[..])]
#[case("TOKEN_X_ENABLED", "TOKEN_X_CLIENT_ID", &TOKEN_X)]
#[case("IDPORTEN_ENABLED", "IDPORTEN_AUDIENCE", &IDPORTEN)]
fn f72_a_provider_that_is_said_to_be_on_wants_its_client(
    #[case] enabled: &str,
    #[case] identity: &str,
    #[case] all: &[(&str, &str)],
) {
    let variables = [&without(all, identity)[..], &[(enabled, "true")]].concat();

    let lines = lines(&variables);

    let begins = format!("{identity} is not set, but ");
    assert!(
        lines.len() == 1 && lines[0].starts_with(&begins),
        "{lines:?}"
    );
}

#[rstest]
#[case("MASKINPORTEN_ENABLED", &MASKINPORTEN[..])]
#[case("TOKEN_X_ENABLED", &TOKEN_X)]
#[case("IDPORTEN_ENABLED", &IDPORTEN)]
fn a_provider_that_is_said_to_be_off_is_off(#[case] enabled: &str, #[case] all: &[(&str, &str)]) {
    let variables = [all, &[(enabled, "false")]].concat();

    assert_eq!(config(&variables).providers.iter().count(), 0);
}

#[test]
fn without_issuer_or_keys_tokens_are_issued_and_introspection_is_off() {
    for missing in ["MASKINPORTEN_ISSUER", "MASKINPORTEN_JWKS_URI"] {
        let variables = without(&MASKINPORTEN, missing);

        let provider = provider(ProviderName::Maskinporten, &variables);

        assert!(provider.credentials.is_some() && provider.introspection.is_none());
    }
}

#[test]
fn f72_all_problems_of_all_providers_are_listed_at_once() {
    let wrong = [
        ("MASKINPORTEN_CLIENT_ID", "a\u{7f}b"),
        ("MASKINPORTEN_CLIENT_JWK", "{"),
        ("MASKINPORTEN_ISSUER", "m.test"),
        ("MASKINPORTEN_TOKEN_ENDPOINT", "http://m.test/token"),
        ("TOKEN_X_ENABLED", "yes"),
        ("TOKEN_X_PRIVATE_JWK_FILE", "/nowhere/at/all"),
        ("TOKEN_X_JWKS_URI", "ftp://x.test"),
        ("IDPORTEN_ISSUER", "https://i.test/#a"),
        ("IDPORTEN_WELL_KNOWN_URL", "/meta"),
        ("LAREDO_ACME_CLIENT_AUTH", "password"),
        ("LAREDO_ACME_TARGET", "everything"),
        ("LAREDO_ACME_ASSERTION_AUDIENCE", "me"),
    ];
    let right = [("LAREDO_PROVIDERS", "acme"), ("LAREDO_ACME_CLIENT_ID", "a")];

    let lines = lines(&[&wrong[..], &right].concat());

    for (name, _) in wrong {
        let begin = format!("{name} ");
        let found = lines.iter().filter(|line| line.starts_with(&begin));
        assert_eq!(found.count(), 1, "{name} in {lines:#?}");
    }
}

#[rstest]
#[case("MASKINPORTEN_CLIENT_JWK", &MASKINPORTEN[..])]
#[case("TOKEN_X_PRIVATE_JWK", &TOKEN_X)]
fn a_key_comes_from_a_file_too_but_not_from_both(
    #[case] variable: &str,
    #[case] all: &[(&str, &str)],
) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{JWK}\n")).unwrap();
    let name = format!("{variable}_FILE");
    let in_file = (&*name, file.path().to_str().unwrap());

    let from_file = config(&[&without(all, variable)[..], &[in_file]].concat());
    let both = lines(&[all, &[in_file]].concat());

    let sources = from_file
        .providers
        .iter()
        .next()
        .unwrap()
        .credentials
        .as_ref();
    let source = &sources.unwrap().first;
    assert_eq!(source.texts().kind, CredentialKind::PrivateKeyJwt);
    assert!(both.len() == 1 && both[0].starts_with(&format!("{variable} is set, and ")));
}
