use rstest::rstest;

use super::*;
use crate::config::ProviderConfig;
use crate::config::tests::{entra, problems, read};
use crate::oauth::ProviderName;

const GUID: &str = "8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11";

fn provider(variables: &[(&str, &str)]) -> ProviderConfig {
    let config = read(entra(variables.iter().copied())).unwrap();
    let entra = config.providers.get(ProviderName::EntraId);
    entra.cloned().unwrap()
}

fn introspection(variables: &[(&str, &str)]) -> Option<IntrospectionConfig> {
    provider(variables).introspection
}

fn keys(variables: &[(&str, &str)]) -> Option<String> {
    let jwks_uri = introspection(variables).unwrap().jwks_uri;
    jwks_uri.map(|url| url.to_string())
}

#[test]
fn a_guid_derives_keys_and_needs_no_metadata() {
    let entra = provider(&[("AZURE_APP_TENANT_ID", GUID)]);

    let keys = format!("https://login.microsoftonline.com/{GUID}/discovery/v2.0/keys");
    let introspection = entra.introspection.unwrap();
    assert_eq!(introspection.jwks_uri.unwrap().as_str(), keys);
    assert_eq!(entra.metadata, None);
}

#[test]
fn a_domain_name_derives_metadata_for_the_issuer() {
    let entra = provider(&[("AZURE_AUTHORITY_HOST", "https://login.test/")]);

    let metadata = "https://login.test/contoso.test/v2.0/.well-known/openid-configuration";
    assert_eq!(entra.metadata.unwrap().as_str(), metadata);
    assert!(entra.introspection.is_some());
}

#[test]
fn a_domain_name_with_an_issuer_needs_no_metadata() {
    let entra = provider(&[("AZURE_OPENID_CONFIG_ISSUER", "https://login.test/")]);

    assert_eq!(entra.metadata, None);
    assert_eq!(entra.issuer.as_deref(), Some("https://login.test/"));
}

#[test]
fn keys_that_were_set_win_over_derived_ones() {
    let uri = "https://login.test/discovery/keys?appid=app";

    assert_eq!(
        keys(&[("AZURE_OPENID_CONFIG_JWKS_URI", uri)]).as_deref(),
        Some(uri)
    );
}

#[test]
fn with_metadata_no_keys_are_derived() {
    let metadata = ("AZURE_APP_WELL_KNOWN_URL", "https://login.test/metadata");

    assert_eq!(keys(&[("AZURE_APP_TENANT_ID", GUID), metadata]), None);
}

const TOKEN_ENDPOINT: (&str, &str) = (
    "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
    "https://login.test/token",
);
const NO_TENANT: (&str, &str) = ("AZURE_APP_TENANT_ID", "");
const ISSUER: (&str, &str) = ("AZURE_OPENID_CONFIG_ISSUER", "https://login.test");
const ACCEPTED: (&str, &str) = ("AZURE_APP_ACCEPTED_ISSUERS", "https://login.test");
const JWKS_URI: (&str, &str) = ("AZURE_OPENID_CONFIG_JWKS_URI", "https://login.test/keys");
const METADATA: (&str, &str) = ("AZURE_APP_WELL_KNOWN_URL", "https://login.test/metadata");

#[rstest]
#[case::nothing(&[], false)]
#[case::issuer_alone(&[ISSUER], false)]
#[case::accepted_issuers_alone(&[ACCEPTED], false)]
#[case::keys_alone(&[JWKS_URI], false)]
#[case::issuer_and_keys(&[ISSUER, JWKS_URI], true)]
#[case::accepted_issuers_and_keys(&[ACCEPTED, JWKS_URI], true)]
#[case::metadata(&[METADATA], true)]
fn it_is_off_where_issuer_or_keys_cannot_be_known(
    #[case] variables: &[(&str, &str)],
    #[case] is_on: bool,
) {
    let variables = [&[NO_TENANT, TOKEN_ENDPOINT], variables].concat();

    assert_eq!(introspection(&variables).is_some(), is_on);
}

#[test]
fn audiences_are_the_client_id_and_those_that_are_accepted() {
    let list = ("AZURE_APP_ACCEPTED_AUDIENCES", " api://app , ,api://app/b ");

    let audiences = introspection(&[list]).unwrap().audiences;

    assert_eq!(audiences.unwrap(), ["app", "api://app", "api://app/b"]);
}

#[test]
fn accepted_issuers_are_kept_to_the_letter() {
    let v1 = format!("https://sts.windows.net/{GUID}/");
    let list = format!("{v1}, HTTPS://Login.test");

    let accepted = introspection(&[("AZURE_APP_ACCEPTED_ISSUERS", &list)]);

    assert_eq!(
        accepted.unwrap().accepted_issuers,
        [&v1, "HTTPS://Login.test"]
    );
}

#[test]
fn an_issuer_at_a_named_plain_host_is_accepted() {
    let variables = [
        ("LAREDO_PLAIN_HTTP_HOSTS", "mock.test"),
        ("AZURE_APP_ACCEPTED_ISSUERS", "http://mock.test/issuer"),
    ];

    assert_eq!(
        introspection(&variables).unwrap().accepted_issuers,
        ["http://mock.test/issuer"]
    );
}

#[rstest]
#[case("AZURE_APP_ACCEPTED_ISSUERS", "marker.test")]
#[case("AZURE_APP_ACCEPTED_ISSUERS", "https://good.test,http://marker.test")]
#[case("AZURE_APP_ACCEPTED_ISSUERS", "https://marker:word@login.test")]
#[case("AZURE_APP_ACCEPTED_ISSUERS", "https://login.test/#marker")]
#[case("AZURE_APP_ACCEPTED_AUDIENCES", "good,marker\u{7}")]
#[case("AZURE_APP_ACCEPTED_AUDIENCES", "marker\nmarker")]
#[case("AZURE_OPENID_CONFIG_JWKS_URI", "marker/keys")]
#[case("AZURE_OPENID_CONFIG_JWKS_URI", "http://marker.test/keys")]
#[case("AZURE_OPENID_CONFIG_JWKS_URI", "https://marker@login.test/keys")]
fn f72_a_bad_setting_is_named_and_not_repeated(#[case] name: &str, #[case] value: &str) {
    let text = problems(entra([(name, value)]));

    assert!(text.starts_with(&format!("{name} ")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!text.contains("marker"), "{text}");
}

#[test]
fn f72_a_bad_setting_counts_while_the_provider_is_off() {
    let variables = [
        ("AZURE_ENABLED", "false"),
        ("AZURE_APP_ACCEPTED_ISSUERS", "x"),
    ];

    assert!(problems(entra(variables)).starts_with("AZURE_APP_ACCEPTED_ISSUERS "));
}
