use rstest::rstest;
use serde_json::json;

use crate::client_auth::keys::rsa_jwk;
use crate::client_auth::{AssertionAudience, ClientAuth, SecretMethod};
use crate::config::tests::{environment, problems, read};
use crate::config::{Config, ProviderConfig, TokenEndpoint};
use crate::oauth::{ApplicationGrant, ProviderName, SubjectTokenType, TargetParameter, UserGrant};

const METADATA: &str = "https://login.test/.well-known/openid-configuration";
const LEAST: [(&str, &str); 4] = [
    ("LAREDO_PROVIDERS", "oidc"),
    ("LAREDO_OIDC_CLIENT_ID", "app"),
    ("LAREDO_OIDC_CLIENT_SECRET", "hunter2"),
    ("LAREDO_OIDC_WELL_KNOWN_URL", METADATA),
];

fn config(variables: &[(&str, &str)]) -> Config {
    let all = LEAST.iter().chain(variables).copied();
    read(environment(all)).unwrap()
}

fn provider(variables: &[(&str, &str)]) -> ProviderConfig {
    only(&config(variables), "oidc")
}

fn only(config: &Config, name: &'static str) -> ProviderConfig {
    let provider = config.providers.get(ProviderName::Generic(name));
    provider.cloned().unwrap()
}

fn complaints(variables: &[(&str, &str)]) -> String {
    problems(environment(LEAST.iter().chain(variables).copied()))
}

fn jwk() -> String {
    rsa_jwk(0, json!({"kid": "a"})).to_string()
}

/// How the app proves who it is, in the words of `_CLIENT_AUTH`.
fn method(provider: &ProviderConfig) -> &'static str {
    let Some(sources) = &provider.credentials else {
        return "none";
    };
    match &**sources.first.at_start() {
        ClientAuth::ClientSecret(_, SecretMethod::Basic) => "client_secret_basic",
        ClientAuth::ClientSecret(_, SecretMethod::Post) => "client_secret_post",
        ClientAuth::PrivateKeyJwt(_) => "private_key_jwt",
        other => panic!("{other:?}"),
    }
}

fn audiences(provider: &ProviderConfig) -> Vec<String> {
    let introspection = provider.introspection.clone().unwrap();
    introspection.audiences.unwrap()
}

#[test]
fn an_id_a_secret_and_metadata_will_do() {
    let oidc = provider(&[]);

    let metadata = METADATA.parse().unwrap();
    assert_eq!(oidc.client_id.as_deref(), Some("app"));
    assert_eq!(method(&oidc), "client_secret_basic");
    assert_eq!(oidc.token_endpoint, TokenEndpoint::FromMetadata(metadata));
    assert_eq!(audiences(&oidc), ["app"]);
    assert_eq!(oidc.assertions.audience, AssertionAudience::Issuer);
}

#[rstest]
#[case("scope", TargetParameter::Scope)]
#[case("audience", TargetParameter::Audience)]
#[case("resource", TargetParameter::Resource)]
fn the_target_goes_into_the_parameter_that_is_named(
    #[case] name: &str,
    #[case] parameter: TargetParameter,
) {
    let grants = provider(&[("LAREDO_OIDC_TARGET", name)]).grants;

    let application = ApplicationGrant::Parameters(parameter);
    let user = UserGrant::TokenExchange(parameter, SubjectTokenType::AccessToken);
    assert_eq!(grants.application, Some(application));
    assert_eq!(grants.user, Some(user));
}

#[rstest]
#[case("", "private_key_jwt")]
#[case("private_key_jwt", "private_key_jwt")]
#[case("client_secret_basic", "client_secret_basic")]
#[case("client_secret_post", "client_secret_post")]
#[case("none", "none")]
fn of_a_secret_and_a_key_the_variable_picks(#[case] picked: &str, #[case] expected: &str) {
    let oidc = provider(&[
        ("LAREDO_OIDC_PRIVATE_JWK", &jwk()),
        ("LAREDO_OIDC_CLIENT_AUTH", picked),
    ]);

    assert_eq!(method(&oidc), expected);
}

#[rstest]
#[case("", true)]
#[case("issuer", true)]
#[case("token_endpoint", false)]
fn an_assertion_is_for_whom_the_variable_says(#[case] audience: &str, #[case] is_issuer: bool) {
    let oidc = provider(&[
        ("LAREDO_OIDC_PRIVATE_JWK", &jwk()),
        ("LAREDO_OIDC_ASSERTION_AUDIENCE", audience),
    ]);

    assert_eq!(oidc.signs_for_issuer(), is_issuer);
}

#[test]
fn a_secret_is_for_no_issuer() {
    assert!(!provider(&[]).signs_for_issuer());
}

#[test]
fn explicit_values_win_over_metadata() {
    let oidc = provider(&[
        ("LAREDO_OIDC_TOKEN_ENDPOINT", "https://login.test/token"),
        ("LAREDO_OIDC_ISSUER", "https://login.test/"),
        ("LAREDO_OIDC_JWKS_URI", "https://login.test/keys"),
        ("LAREDO_OIDC_AUDIENCE", "https://api.test"),
    ]);

    let endpoint = "https://login.test/token".parse().unwrap();
    assert_eq!(oidc.token_endpoint, TokenEndpoint::Known(endpoint));
    assert_eq!(oidc.issuer.as_deref(), Some("https://login.test/"));
    assert_eq!(audiences(&oidc), ["https://api.test"]);
    let keys = oidc.introspection.unwrap().jwks_uri;
    assert_eq!(keys, "https://login.test/keys".parse().ok());
}

#[test]
fn who_only_verifies_needs_an_audience_and_nothing_else() {
    let oidc = provider(&[
        ("LAREDO_OIDC_CLIENT_ID", ""),
        ("LAREDO_OIDC_CLIENT_SECRET", ""),
        ("LAREDO_OIDC_CLIENT_AUTH", "none"),
        ("LAREDO_OIDC_AUDIENCE", "https://api.test"),
    ]);

    assert_eq!(audiences(&oidc), ["https://api.test"]);
    assert_eq!(method(&oidc), "none");
}

#[test]
fn without_issuer_and_keys_there_are_tokens_and_no_introspection() {
    let oidc = provider(&[
        ("LAREDO_OIDC_WELL_KNOWN_URL", ""),
        ("LAREDO_OIDC_TOKEN_ENDPOINT", "https://login.test/token"),
    ]);

    assert!(oidc.introspection.is_none());
}

#[test]
fn a_secret_comes_from_a_file_too() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hunter3\n").unwrap();

    let oidc = provider(&[
        ("LAREDO_OIDC_CLIENT_SECRET", ""),
        (
            "LAREDO_OIDC_CLIENT_SECRET_FILE",
            file.path().to_str().unwrap(),
        ),
    ]);

    let first = oidc.credentials.unwrap().first;
    assert_eq!(first.variable(), "LAREDO_OIDC_CLIENT_SECRET_FILE");
}

#[test]
fn each_has_variables_of_its_own() {
    let config = config(&[
        ("LAREDO_PROVIDERS", "oidc, a_1"),
        ("LAREDO_A_1_CLIENT_ID", "other"),
        ("LAREDO_A_1_CLIENT_SECRET", "hunter3"),
        ("LAREDO_A_1_CLIENT_AUTH", "client_secret_post"),
        ("LAREDO_A_1_TOKEN_ENDPOINT", "https://other.test/token"),
    ]);

    let (oidc, other) = (only(&config, "oidc"), only(&config, "a_1"));
    assert_eq!(oidc.client_id.as_deref(), Some("app"));
    assert_eq!(other.client_id.as_deref(), Some("other"));
    assert_eq!(method(&oidc), "client_secret_basic");
    assert_eq!(method(&other), "client_secret_post");
}

#[rstest]
#[case("Oidc")]
#[case("1a")]
#[case("_a")]
#[case("a-b")]
#[case("a b")]
#[case("é")]
#[case("entra_id")]
#[case("azuread")]
#[case("tokenx")]
#[case("a,b,a")]
#[case("a_assertion,a")]
fn names_that_apps_could_mistake_are_refused(#[case] names: &str) {
    let text = problems(environment([("LAREDO_PROVIDERS", names)]));

    assert!(text.starts_with("LAREDO_PROVIDERS "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[rstest]
#[case("LAREDO_OIDC_CLIENT_ID", "a b")]
#[case("LAREDO_OIDC_CLIENT_ID", "")]
#[case("LAREDO_OIDC_CLIENT_SECRET", "hunter\n2")]
#[case("LAREDO_OIDC_CLIENT_SECRET", "")]
#[case("LAREDO_OIDC_PRIVATE_JWK", "{}")]
#[case("LAREDO_OIDC_WELL_KNOWN_URL", "http://login.test/metadata")]
#[case("LAREDO_OIDC_WELL_KNOWN_URL", "")]
#[case("LAREDO_OIDC_ISSUER", "login.test")]
#[case("LAREDO_OIDC_JWKS_URI", "https://user@login.test/keys")]
#[case("LAREDO_OIDC_TOKEN_ENDPOINT", "/token")]
#[case("LAREDO_OIDC_AUDIENCE", "a\nb")]
#[case("LAREDO_OIDC_CLIENT_AUTH", "password")]
#[case("LAREDO_OIDC_ASSERTION_AUDIENCE", "anybody")]
#[case("LAREDO_OIDC_TARGET", "target")]
fn f72_a_bad_setting_is_named(#[case] name: &str, #[case] text: &str) {
    let text = complaints(&[(name, text)]);

    assert!(text.starts_with(&format!("{name} ")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[rstest]
#[case("client_secret_basic", "LAREDO_OIDC_CLIENT_SECRET")]
#[case("client_secret_post", "LAREDO_OIDC_CLIENT_SECRET")]
#[case("private_key_jwt", "LAREDO_OIDC_PRIVATE_JWK")]
fn the_credential_that_was_picked_must_be_there(#[case] picked: &str, #[case] variable: &str) {
    let secret_or_key = match variable {
        "LAREDO_OIDC_PRIVATE_JWK" => ("LAREDO_OIDC_CLIENT_SECRET", "hunter2".to_owned()),
        _ => ("LAREDO_OIDC_PRIVATE_JWK", jwk()),
    };
    let text = complaints(&[
        ("LAREDO_OIDC_CLIENT_SECRET", ""),
        (secret_or_key.0, &secret_or_key.1),
        ("LAREDO_OIDC_CLIENT_AUTH", picked),
    ]);

    let complaint = format!("{variable} is not set, nor is {variable}_FILE");
    assert!(text.starts_with(&complaint), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_missing_credential_names_every_variable_for_one() {
    let text = complaints(&[("LAREDO_OIDC_CLIENT_SECRET", "")]);

    for name in [
        "LAREDO_OIDC_CLIENT_SECRET ",
        "LAREDO_OIDC_CLIENT_SECRET_FILE,",
        "LAREDO_OIDC_PRIVATE_JWK ",
        "LAREDO_OIDC_PRIVATE_JWK_FILE:",
        "LAREDO_OIDC_CLIENT_AUTH=none",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[rstest]
#[case("https://app.test/oauth-client.json")]
#[case("a+b/c=")]
fn a_client_id_is_what_the_provider_calls_the_app(#[case] id: &str) {
    let oidc = provider(&[("LAREDO_OIDC_CLIENT_ID", id)]);

    assert_eq!(oidc.client_id.as_deref(), Some(id));
}
