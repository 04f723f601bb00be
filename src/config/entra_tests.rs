use rstest::rstest;

use super::*;
use crate::client_auth::{ClientAuth, CredentialSource, CredentialSources};
use crate::config::Config;
use crate::config::tests::{entra, environment, problems, read};

const GUID: &str = "8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11";

fn provider(variables: &[(&str, &str)]) -> ProviderConfig {
    let config = read(entra(variables.iter().copied())).unwrap();
    config
        .providers
        .get(ProviderName::EntraId)
        .cloned()
        .unwrap()
}

fn known(url: &str) -> TokenEndpoint {
    TokenEndpoint::Known(Url::parse(url).unwrap())
}

#[test]
fn endpoints_are_derived_from_a_guid() {
    let entra = provider(&[("AZURE_APP_TENANT_ID", GUID)]);

    let base = format!("https://login.microsoftonline.com/{GUID}");
    assert_eq!(
        entra.token_endpoint,
        known(&format!("{base}/oauth2/v2.0/token"))
    );
    assert_eq!(entra.issuer, Some(format!("{base}/v2.0")));
}

#[test]
fn a_domain_name_derives_no_issuer() {
    let entra = provider(&[("AZURE_AUTHORITY_HOST", "https://login.test/")]);

    let endpoint = known("https://login.test/contoso.test/oauth2/v2.0/token");
    assert_eq!(entra.token_endpoint, endpoint);
    assert_eq!(entra.issuer, None);
}

#[test]
fn metadata_wins_over_derivation() {
    let url = "https://login.test/.well-known/openid-configuration";
    let entra = provider(&[
        ("AZURE_APP_TENANT_ID", GUID),
        ("AZURE_APP_WELL_KNOWN_URL", url),
    ]);

    let url = Url::parse(url).unwrap();
    assert_eq!(entra.token_endpoint, TokenEndpoint::FromMetadata(url));
    assert_eq!(entra.issuer, None);
}

#[test]
fn explicit_values_win_over_metadata() {
    let entra = provider(&[
        ("AZURE_APP_TENANT_ID", ""),
        ("AZURE_APP_WELL_KNOWN_URL", "https://login.test/metadata"),
        (
            "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
            "https://login.test/token",
        ),
        ("AZURE_OPENID_CONFIG_ISSUER", "https://login.test/issuer/"),
    ]);

    assert_eq!(entra.token_endpoint, known("https://login.test/token"));
    assert_eq!(entra.issuer.as_deref(), Some("https://login.test/issuer/"));
}

#[test]
fn the_short_names_serve_where_the_long_ones_are_not_set() {
    let variables = [
        ("AZURE_APP_CLIENT_ID", ""),
        ("AZURE_CLIENT_ID", "short"),
        ("AZURE_TENANT_ID", "ignored.test"),
    ];

    let entra = provider(&variables);

    assert_eq!(entra.client_id.as_deref(), Some("short"));
    assert!(
        matches!(entra.token_endpoint, TokenEndpoint::Known(url) if url.path().starts_with("/contoso.test/"))
    );
}

#[test]
fn secrets_come_from_files_without_their_line_break() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hunter3\r\n").unwrap();
    let path = file.path().to_str().unwrap();

    let entra = provider(&[
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_SECRET_FILE", path),
        ("AZURE_APP_NEXT_CLIENT_SECRET", "hunter4"),
    ]);

    let CredentialSources { first, next } = entra.credentials.unwrap();
    assert_eq!(secret(&first), "hunter3");
    assert_eq!(first.variable(), "AZURE_APP_CLIENT_SECRET_FILE");
    assert!(first.texts().are_in_files());
    assert_eq!(next.iter().map(secret).collect::<Vec<_>>(), ["hunter4"]);
}

fn secret(source: &CredentialSource) -> &str {
    match &**source.at_start() {
        ClientAuth::ClientSecret(secret, _) => secret.expose(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_client_authentication_no_secret_is_needed() {
    let entra = provider(&[
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_AUTH", "none"),
    ]);

    assert!(entra.credentials.is_none());
}

#[test]
fn a_missing_credential_names_every_variable_for_one() {
    let text = problems(entra([("AZURE_APP_CLIENT_SECRET", "")]));

    for name in [
        "AZURE_APP_CERTIFICATE",
        "AZURE_APP_CERTIFICATE_FILE",
        "AZURE_APP_CERTIFICATE_KEY",
        "AZURE_APP_CERTIFICATE_KEY_FILE",
        "AZURE_APP_JWK",
        "AZURE_APP_JWK_FILE",
        "AZURE_APP_CLIENT_SECRET",
        "AZURE_APP_CLIENT_SECRET_FILE",
        "AZURE_FEDERATED_TOKEN_FILE",
    ] {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        assert!(words.any(|word| word == name), "{name}: {text}");
    }
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn nothing_set_at_all_points_to_laredo_dev() {
    assert!(problems(Vec::new()).contains("`laredo dev`"));
}

#[test]
fn a_provider_said_to_be_off_is_off() {
    let config: Config = read(environment([("AZURE_ENABLED", "false")])).unwrap();

    assert!(config.providers.get(ProviderName::EntraId).is_none());
    assert!(
        config
            .warnings
            .iter()
            .any(|text| text.contains("no identity provider"))
    );
}

#[test]
fn off_wins_over_a_client_id() {
    let config = read(entra([("AZURE_ENABLED", "false")])).unwrap();

    assert!(config.providers.get(ProviderName::EntraId).is_none());
}

#[rstest]
#[case("AZURE_ENABLED", "yes")]
#[case("AZURE_APP_CLIENT_ID", "a b")]
#[case("AZURE_APP_TENANT_ID", "../other")]
#[case("AZURE_APP_TENANT_ID", "")]
#[case("AZURE_APP_WELL_KNOWN_URL", "http://login.test/metadata")]
#[case("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", "login.test/token")]
#[case("AZURE_OPENID_CONFIG_ISSUER", "https://user:word@login.test")]
#[case("AZURE_AUTHORITY_HOST", "https://login.test?tenant")]
#[case("AZURE_APP_CLIENT_SECRET", "hunter\n2")]
#[case("AZURE_APP_CLIENT_SECRET", "")]
#[case("AZURE_APP_CLIENT_SECRET_FILE", "/absent")]
#[case("AZURE_APP_NEXT_CLIENT_SECRET_FILE", "/absent")]
#[case("AZURE_APP_CLIENT_AUTH", "password")]
#[case("NAIS_TOKEN_ENDPOINT", "here")]
fn f72_a_bad_setting_is_named(#[case] name: &str, #[case] text: &str) {
    let variables = [("AZURE_APP_CLIENT_SECRET", ""), (name, text)];
    let file_alone = name == "AZURE_APP_CLIENT_SECRET_FILE";
    let variables = if file_alone {
        &variables[..]
    } else {
        &variables[1..]
    };

    let text = problems(entra(variables.iter().copied()));

    assert!(text.starts_with(&format!("{name} ")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_secret_and_its_file_are_not_set_both() {
    let text = problems(entra([("AZURE_APP_CLIENT_SECRET_FILE", "/absent")]));

    assert!(
        text.starts_with("AZURE_APP_CLIENT_SECRET is set, and AZURE_APP_CLIENT_SECRET_FILE is too")
    );
}

#[test]
fn a_bad_value_counts_while_the_provider_is_off() {
    let variables = [
        ("AZURE_ENABLED", "false"),
        ("AZURE_APP_CLIENT_AUTH", "password"),
    ];

    assert!(problems(environment(variables)).starts_with("AZURE_APP_CLIENT_AUTH "));
}

#[test]
fn what_an_enabled_provider_lacks_is_listed_all() {
    let text = problems(environment([("AZURE_ENABLED", "true")]));

    for name in [
        "AZURE_APP_CLIENT_ID",
        "AZURE_APP_TENANT_ID",
        "AZURE_APP_CLIENT_SECRET",
    ] {
        assert!(text.contains(&format!("{name} is not set")), "{text}");
    }
    assert_eq!(text.lines().count(), 3);
}

#[test]
fn f72_what_is_missing_is_listed_beside_what_is_wrong() {
    let text = problems(environment([
        ("AZURE_APP_CLIENT_ID", "id"),
        ("AZURE_AUTHORITY_HOST", "login.test"),
    ]));

    for name in [
        "AZURE_AUTHORITY_HOST",
        "AZURE_APP_TENANT_ID",
        "AZURE_APP_CLIENT_SECRET",
    ] {
        let lines = text.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(lines, 1, "{name} in:\n{text}");
    }
}
