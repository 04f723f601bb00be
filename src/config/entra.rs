//! Microsoft Entra ID: who the app is, how it proves that, and where tokens are issued.

use url::Url;

use super::catalogue::Variables;
use super::endpoint::{base, endpoint, issuer};
use super::entra_credentials::{self as credentials, Method, method};
use super::grants::grants;
use super::introspection::{self, IntrospectionConfig};
use super::problem::{Noted, Problems};
use super::provider::{ProviderConfig, TokenEndpoint};
use super::value::identifier;
use super::variables::Given;
use crate::client_auth::AssertionRules;
use crate::oauth::{ProviderName, TargetParameter, is_guid};

/// Every value by itself; what is missing matters only when the provider is on. A wrong one does not keep
/// the others from being looked at, so that all problems are found.
struct Values {
    client_id: Result<Option<String>, Noted>,
    tenant: Result<Option<String>, Noted>,
    authority: Result<String, Noted>,
    token_endpoint: Result<Option<Url>, Noted>,
    metadata: Result<Option<Url>, Noted>,
    issuer: Result<Option<String>, Noted>,
    jwks_uri: Result<Option<Url>, Noted>,
    accepted_audiences: Result<Vec<String>, Noted>,
    accepted_issuers: Result<Vec<String>, Noted>,
    method: Result<Option<Method>, Noted>,
}

/// Microsoft Entra ID's variables.
pub(super) struct Entra;

impl Entra {
    pub(super) fn client_id(variables: &Variables) -> &Given<String> {
        variables.azure_app_client_id.or(&variables.azure_client_id)
    }

    /// Checks that every value can be read, also while the provider is off.
    pub(super) fn check(
        variables: &Variables,
        plain_http_hosts: &[String],
        problems: &mut Problems,
    ) {
        Values::read(variables, plain_http_hosts, problems);
    }

    pub(super) fn read(
        variables: &Variables,
        plain_http_hosts: &[String],
        problems: &mut Problems,
    ) -> Result<ProviderConfig, Noted> {
        let values = Values::read(variables, plain_http_hosts, problems);
        let credentials = credentials::read(variables, values.method, problems);
        let token_endpoint = values.token_endpoint(problems);
        let issuer = values.issuer();
        let metadata = values.metadata();
        let introspection = values.introspection();
        let client_id = values.client_id.and_then(|client_id| {
            client_id.ok_or_else(|| {
                problems.note(
                    "AZURE_APP_CLIENT_ID",
                    "is not set, but AZURE_ENABLED is true",
                )
            })
        });
        let client_id = client_id?;
        let introspection = introspection?.map(|introspection| introspection.also_for(&client_id));
        Ok(ProviderConfig {
            name: ProviderName::EntraId,
            client_id: Some(client_id),
            grants: grants(ProviderName::EntraId, TargetParameter::Scope),
            assertions: AssertionRules::ENTRA,
            credentials: credentials?,
            token_endpoint: token_endpoint?,
            issuer: issuer?,
            metadata: metadata?,
            introspection,
        })
    }
}

impl Values {
    fn read(v: &Variables, plain_http_hosts: &[String], problems: &mut Problems) -> Self {
        let url = |text: &str| endpoint(text, plain_http_hosts);
        let tenant = v.azure_app_tenant_id.or(&v.azure_tenant_id);
        Self {
            client_id: Entra::client_id(v).optional(problems, identifier),
            tenant: tenant.optional(problems, identifier),
            authority: v
                .azure_authority_host
                .required(problems, |text| base(text, plain_http_hosts)),
            token_endpoint: v.azure_openid_config_token_endpoint.optional(problems, url),
            metadata: v.azure_app_well_known_url.optional(problems, url),
            issuer: v
                .azure_openid_config_issuer
                .optional(problems, |text| issuer(text, plain_http_hosts)),
            jwks_uri: v.azure_openid_config_jwks_uri.optional(problems, url),
            accepted_audiences: introspection::texts(&v.azure_app_accepted_audiences, problems),
            accepted_issuers: introspection::issuers(
                &v.azure_app_accepted_issuers,
                plain_http_hosts,
                problems,
            ),
            method: v.azure_app_client_auth.optional(problems, method),
        }
    }

    /// Explicit values win over metadata, metadata over derivation (contract §6).
    fn token_endpoint(&self, problems: &mut Problems) -> Result<TokenEndpoint, Noted> {
        if let Some(url) = self.token_endpoint.clone()? {
            return Ok(TokenEndpoint::Known(url));
        }
        if let Some(url) = self.metadata.clone()? {
            return Ok(TokenEndpoint::FromMetadata(url));
        }
        let Some(tenant) = self.tenant.clone()? else {
            if self.method? == Some(Method::None) {
                return Ok(TokenEndpoint::Unused);
            }
            return Err(problems.note(
                "AZURE_APP_TENANT_ID",
                "is not set, nor is AZURE_APP_WELL_KNOWN_URL or AZURE_OPENID_CONFIG_TOKEN_ENDPOINT: \
                 Entra ID is on and needs one of them",
            ));
        };
        let authority = self.authority.clone()?;
        Url::parse(&format!("{authority}/{tenant}/oauth2/v2.0/token"))
            .map(TokenEndpoint::Known)
            .map_err(|_| problems.note("AZURE_AUTHORITY_HOST", "makes no URL with the tenant"))
    }

    /// Derived only for a GUID: by a domain name Entra issues no tokens. In them the GUID is in lower case.
    fn issuer(&self) -> Result<Option<String>, Noted> {
        let guid = self.tenant.clone()?.filter(|tenant| is_guid(tenant));
        let guid = guid.map(|guid| guid.to_ascii_lowercase());
        let derived = self.derived(guid.as_ref(), "v2.0")?;
        Ok(self.issuer.clone()?.or(derived))
    }

    /// The metadata that were named; for a tenant by domain name its own, for they alone tell the issuer.
    fn metadata(&self) -> Result<Option<Url>, Noted> {
        if self.issuer()?.is_some() {
            return self.metadata.clone();
        }
        let tenant = self.tenant.clone()?;
        let derived = self.derived(tenant.as_ref(), "v2.0/.well-known/openid-configuration")?;
        let derived = derived.and_then(|text| Url::parse(&text).ok());
        Ok(self.metadata.clone()?.or(derived))
    }

    fn introspection(&self) -> Result<Option<IntrospectionConfig>, Noted> {
        let tenant = self.tenant.clone()?;
        let derived = self.derived(tenant.as_ref(), "discovery/v2.0/keys")?;
        let derived = derived.and_then(|text| Url::parse(&text).ok());
        let introspection = IntrospectionConfig {
            accepted_issuers: self.accepted_issuers.clone()?,
            audiences: Some(self.accepted_audiences.clone()?),
            jwks_uri: self.jwks_uri.clone()?.or(derived),
        };
        let metadata = self.metadata()?;
        Ok(introspection.if_possible(self.issuer()?.as_ref(), metadata.as_ref()))
    }

    /// What lies at a path of the tenant, unless metadata were named: then they tell.
    fn derived(&self, tenant: Option<&String>, path: &str) -> Result<Option<String>, Noted> {
        let authority = self.authority.clone()?;
        let tenant = tenant.filter(|_| !matches!(self.metadata, Ok(Some(_))));
        Ok(tenant.map(|tenant| format!("{authority}/{tenant}/{path}")))
    }
}

#[cfg(test)]
#[path = "entra_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "entra_clouds_tests.rs"]
mod clouds_tests;
