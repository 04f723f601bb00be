//! Entra in the national clouds, and Azure AD B2C.

use rstest::rstest;
use url::Url;

use super::ProviderConfig;
use crate::config::TokenEndpoint;
use crate::config::tests::{entra, read};
use crate::oauth::ProviderName;

const GUID: &str = "8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11";

fn provider(variables: &[(&str, &str)]) -> ProviderConfig {
    let config = read(entra(variables.iter().copied())).unwrap();
    let entra = config.providers.get(ProviderName::EntraId);
    entra.cloned().unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn keys(entra: &ProviderConfig) -> Option<&str> {
    let introspection = entra.introspection.as_ref();
    introspection?.jwks_uri.as_ref().map(Url::as_str)
}

#[rstest]
#[case::global("https://login.microsoftonline.com")]
#[case::us_government("https://login.microsoftonline.us")]
#[case::china("https://login.partner.microsoftonline.cn")]
fn everything_is_derived_from_a_national_clouds_authority(
    #[case] authority: &str,
    #[values("", "/")] end: &str,
) {
    let host = format!("{authority}{end}");

    let entra = provider(&[
        ("AZURE_AUTHORITY_HOST", &host),
        ("AZURE_APP_TENANT_ID", GUID),
    ]);

    let base = format!("{authority}/{GUID}");
    let endpoint = url(&format!("{base}/oauth2/v2.0/token"));
    assert_eq!(entra.token_endpoint, TokenEndpoint::Known(endpoint));
    assert_eq!(entra.issuer, Some(format!("{base}/v2.0")));
    let derived = format!("{base}/discovery/v2.0/keys");
    assert_eq!(keys(&entra), Some(derived.as_str()));
    assert_eq!(entra.metadata, None);
}

#[test]
fn a_tenant_by_domain_name_has_its_issuer_from_its_clouds_metadata() {
    let entra = provider(&[
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
        ("AZURE_APP_TENANT_ID", "contoso.onmicrosoft.us"),
    ]);

    let base = "https://login.microsoftonline.us/contoso.onmicrosoft.us";
    let metadata = url(&format!("{base}/v2.0/.well-known/openid-configuration"));
    assert_eq!(entra.metadata, Some(metadata));
    assert_eq!(entra.issuer, None);
}

#[test]
fn the_issuer_has_the_tenant_in_lower_case_as_tokens_have_it() {
    let entra = provider(&[("AZURE_APP_TENANT_ID", &GUID.to_uppercase())]);

    let issuer = format!("https://login.microsoftonline.com/{GUID}/v2.0");
    assert_eq!(entra.issuer, Some(issuer));
}

#[test]
fn of_a_b2c_policy_the_metadata_tell_everything() {
    let policy = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1A_signin";
    let metadata = format!("{policy}/v2.0/.well-known/openid-configuration");

    let entra = provider(&[
        ("AZURE_APP_TENANT_ID", GUID),
        ("AZURE_APP_WELL_KNOWN_URL", &metadata),
    ]);

    let metadata = url(&metadata);
    let endpoint = TokenEndpoint::FromMetadata(metadata.clone());
    assert_eq!(entra.token_endpoint, endpoint);
    assert_eq!(entra.metadata, Some(metadata));
    assert_eq!(entra.issuer, None);
    assert!(entra.introspection.is_some());
    assert_eq!(keys(&entra), None);
}

#[rstest]
#[case::of_the_tenant("https://contoso.b2clogin.com/8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11/v2.0/")]
#[case::of_the_policy(
    "https://contoso.b2clogin.com/tfp/8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11/b2c_1a_signin/v2.0/"
)]
fn a_b2c_policy_can_be_named_in_full(#[case] issuer: &str) {
    let policy = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1a_signin";
    let endpoint = format!("{policy}/oauth2/v2.0/token");
    let jwks_uri = format!("{policy}/discovery/v2.0/keys");

    let entra = provider(&[
        ("AZURE_APP_TENANT_ID", GUID),
        ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", &endpoint),
        ("AZURE_OPENID_CONFIG_ISSUER", issuer),
        ("AZURE_OPENID_CONFIG_JWKS_URI", &jwks_uri),
    ]);

    assert_eq!(entra.token_endpoint, TokenEndpoint::Known(url(&endpoint)));
    assert_eq!(entra.issuer.as_deref(), Some(issuer));
    assert_eq!(keys(&entra), Some(jwks_uri.as_str()));
    assert_eq!(entra.metadata, None);
}
