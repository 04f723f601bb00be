//! Providers whose variables are alike: Maskinporten, TokenX, ID-porten, and every generic one.

use url::Url;

use super::credential::credential;
use super::endpoint::{endpoint, issuer};
use super::grants::grants;
use super::introspection::IntrospectionConfig;
use super::problem::{Complaint, Noted, Problems};
use super::provider::{ProviderConfig, TokenEndpoint};
use super::value::{identifier, printable, visible};
use super::variables::Given;
use crate::client_auth::{
    AssertionAudience, AssertionRules, CredentialKind, CredentialSource, CredentialSources,
    SecretMethod,
};
use crate::oauth::{ProviderName, TargetParameter};
use crate::secret::Secret;

/// The variables of one such provider; one that it does not have is never set.
pub(super) struct Uniform {
    pub(super) name: ProviderName,
    pub(super) client_id: Given<String>,
    pub(super) audience: Given<String>,
    pub(super) secret: (Given<Secret>, Given<String>),
    pub(super) jwk: (Given<Secret>, Given<String>),
    pub(super) well_known: Given<String>,
    pub(super) issuer: Given<String>,
    pub(super) jwks_uri: Given<String>,
    pub(super) token_endpoint: Given<String>,
    pub(super) client_auth: Given<String>,
    pub(super) assertion_audience: Given<String>,
    pub(super) target: Given<String>,
}

/// What `_CLIENT_AUTH` picks (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Basic,
    Post,
    PrivateKeyJwt,
    None,
}

/// Every value by itself, so that all problems are found.
struct Values {
    client_id: Result<Option<String>, Noted>,
    audience: Result<Option<String>, Noted>,
    metadata: Result<Option<Url>, Noted>,
    issuer: Result<Option<String>, Noted>,
    jwks_uri: Result<Option<Url>, Noted>,
    token_endpoint: Result<Option<Url>, Noted>,
    method: Result<Option<Method>, Noted>,
    assertion_audience: Result<Option<AssertionAudience>, Noted>,
    target: Result<Option<TargetParameter>, Noted>,
    jwk: Result<Option<CredentialSource>, Noted>,
}

impl Uniform {
    /// Checks that every value can be read, also while the provider is off.
    pub(super) fn check(&self, plain_http_hosts: &[String], problems: &mut Problems) {
        self.values(plain_http_hosts, problems);
    }

    pub(super) fn read(
        &self,
        plain_http_hosts: &[String],
        problems: &mut Problems,
    ) -> Result<ProviderConfig, Noted> {
        let values = self.values(plain_http_hosts, problems);
        let credentials = self.credentials(&values, problems);
        let client_id = self.client_id(&values, problems);
        let token_endpoint = self.token_endpoint(&values, &credentials, problems);
        let introspection = self.introspection(&values, problems);
        let assertion_audience = values.assertion_audience?;
        Ok(ProviderConfig {
            name: self.name,
            client_id: client_id?,
            credentials: credentials?,
            grants: grants(self.name, values.target?.unwrap_or(TargetParameter::Scope)),
            assertions: AssertionRules::short(
                assertion_audience.unwrap_or(AssertionAudience::Issuer),
            ),
            token_endpoint: token_endpoint?,
            issuer: values.issuer?,
            metadata: values.metadata?,
            introspection: introspection?,
        })
    }

    fn values(&self, plain_http_hosts: &[String], problems: &mut Problems) -> Values {
        let url = |text: &str| endpoint(text, plain_http_hosts);
        let (text, file) = &self.jwk;
        Values {
            client_id: self.client_id.optional(problems, client_id(self.name)),
            audience: self.audience.optional(problems, printable),
            metadata: self.well_known.optional(problems, url),
            issuer: self
                .issuer
                .optional(problems, |text| issuer(text, plain_http_hosts)),
            jwks_uri: self.jwks_uri.optional(problems, url),
            token_endpoint: self.token_endpoint.optional(problems, url),
            method: self.client_auth.optional(problems, method),
            assertion_audience: self
                .assertion_audience
                .optional(problems, assertion_audience),
            target: self.target.optional(problems, target),
            jwk: credential(CredentialKind::PrivateKeyJwt, text, file, problems),
        }
    }

    fn issues_tokens(&self) -> bool {
        self.name != ProviderName::IdPorten
    }

    /// Where the app gets no tokens an audience will do.
    fn client_id(&self, values: &Values, problems: &mut Problems) -> Result<Option<String>, Noted> {
        let client_id = values.client_id.clone()?;
        let only_verifies = values.method? == Some(Method::None) && self.audience.is_set();
        if client_id.is_none() && self.issues_tokens() && !only_verifies {
            let complaint = format!("is not set, but {} is on", self.name);
            return Err(problems.note(self.client_id.name, complaint));
        }
        Ok(client_id)
    }

    fn credentials(
        &self,
        values: &Values,
        problems: &mut Problems,
    ) -> Result<Option<CredentialSources>, Noted> {
        let method = values.method?;
        let secret_method = match method {
            Some(Method::Post) => SecretMethod::Post,
            _ => SecretMethod::Basic,
        };
        let (text, file) = &self.secret;
        let kind = CredentialKind::ClientSecret(secret_method);
        let secret = credential(kind, text, file, problems)?;
        let jwk = values.jwk.clone()?;
        if method == Some(Method::None) || !self.issues_tokens() {
            return Ok(None);
        }
        let first = match method {
            Some(Method::PrivateKeyJwt) => jwk,
            Some(Method::Basic | Method::Post) => secret,
            _ => jwk.or(secret),
        };
        let first = first.ok_or_else(|| self.missing_credential(method, problems))?;
        Ok(Some(CredentialSources {
            first,
            next: Vec::new(),
        }))
    }

    fn missing_credential(&self, method: Option<Method>, problems: &mut Problems) -> Noted {
        let (secret, secret_file) = (self.secret.0.name, self.secret.1.name);
        let (jwk, jwk_file) = (self.jwk.0.name, self.jwk.1.name);
        let (name, picked) = (self.name, self.client_auth.name);
        let is_generic = matches!(name, ProviderName::Generic(_));
        let (variable, complaint) = match method {
            Some(Method::PrivateKeyJwt) => (
                jwk,
                format!("is not set, nor is {jwk_file}, but {picked} wants a private key"),
            ),
            Some(_) => (
                secret,
                format!("is not set, nor is {secret_file}, but {picked} wants a secret"),
            ),
            None if is_generic => (
                secret,
                format!(
                    "is not set, nor is {secret_file}, {jwk} or {jwk_file}: {name} is on and needs one of them \
                     ({picked}=none does without)"
                ),
            ),
            None => (
                jwk,
                format!("is not set, nor is {jwk_file}: {name} is on and needs a credential"),
            ),
        };
        problems.note(variable, complaint)
    }

    /// Explicit values win over metadata (contract §6).
    fn token_endpoint(
        &self,
        values: &Values,
        credentials: &Result<Option<CredentialSources>, Noted>,
        problems: &mut Problems,
    ) -> Result<TokenEndpoint, Noted> {
        let (known, metadata) = (values.token_endpoint.clone()?, values.metadata.clone()?);
        match (known, metadata) {
            (Some(url), _) => Ok(TokenEndpoint::Known(url)),
            (None, Some(url)) => Ok(TokenEndpoint::FromMetadata(url)),
            (None, None) if matches!(credentials, Ok(None)) => Ok(TokenEndpoint::Unused),
            (None, None) => {
                let other = self.token_endpoint.name;
                let complaint = format!(
                    "is not set, nor is {other}: {} is on and needs one of them",
                    self.name
                );
                Err(problems.note(self.well_known.name, complaint))
            }
        }
    }

    fn introspection(
        &self,
        values: &Values,
        problems: &mut Problems,
    ) -> Result<Option<IntrospectionConfig>, Noted> {
        let own = values.audience.clone()?.or(values.client_id.clone()?);
        let audiences = match (self.name, own) {
            (ProviderName::Maskinporten, _) => None,
            (_, own) => Some(own.into_iter().collect()),
        };
        let introspection = IntrospectionConfig {
            accepted_issuers: Vec::new(),
            audiences,
            jwks_uri: values.jwks_uri.clone()?,
        };
        let (issuer, metadata) = (values.issuer.clone()?, values.metadata.clone()?);
        let introspection = introspection.if_possible(issuer.as_ref(), metadata.as_ref());
        if self.issues_tokens() {
            return Ok(introspection);
        }
        if values.audience.clone()?.is_none() {
            let complaint = format!("is not set, but {} is on", self.name);
            return Err(problems.note(self.audience.name, complaint));
        }
        if introspection.is_none() {
            let (issuer, keys) = (self.issuer.name, self.jwks_uri.name);
            let complaint = format!(
                "is not set, nor are {issuer} and {keys}: {} is on and needs them",
                self.name
            );
            return Err(problems.note(self.well_known.name, complaint));
        }
        Ok(introspection)
    }
}

/// Of generic providers nothing is known but that forms and headers can carry it.
fn client_id(provider: ProviderName) -> fn(&str) -> Result<String, Complaint> {
    match provider {
        ProviderName::Generic(_) => visible,
        _ => identifier,
    }
}

fn method(text: &str) -> Result<Method, Complaint> {
    match text {
        "client_secret_basic" => Ok(Method::Basic),
        "client_secret_post" => Ok(Method::Post),
        "private_key_jwt" => Ok(Method::PrivateKeyJwt),
        "none" => Ok(Method::None),
        _ => Err(
            "is none of `client_secret_basic`, `client_secret_post`, `private_key_jwt` and `none`"
                .into(),
        ),
    }
}

fn assertion_audience(text: &str) -> Result<AssertionAudience, Complaint> {
    match text {
        "issuer" => Ok(AssertionAudience::Issuer),
        "token_endpoint" => Ok(AssertionAudience::TokenEndpoint),
        _ => Err("is neither `issuer` nor `token_endpoint`".into()),
    }
}

fn target(text: &str) -> Result<TargetParameter, Complaint> {
    match text {
        "scope" => Ok(TargetParameter::Scope),
        "audience" => Ok(TargetParameter::Audience),
        "resource" => Ok(TargetParameter::Resource),
        _ => Err("is none of `scope`, `audience` and `resource`".into()),
    }
}

#[cfg(test)]
#[path = "uniform_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "generic_tests.rs"]
mod generic_tests;
