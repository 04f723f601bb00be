//! One identity provider, whichever it is: who the app is there, how it proves that, and what is issued where.

use url::Url;

use super::introspection::IntrospectionConfig;
use crate::client_auth::{AssertionAudience, AssertionRules, CredentialKind, CredentialSources};
use crate::oauth::{Grants, ProviderName};

/// One identity provider that is on.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Its name.
    pub name: ProviderName,
    /// The app's client id there; ID-porten knows none.
    pub client_id: Option<String>,
    /// How the app proves who it is. `None`: not at all, and the provider issues it no tokens.
    pub credentials: Option<CredentialSources>,
    /// What the provider issues.
    pub grants: Grants,
    /// How assertions are made for it.
    pub assertions: AssertionRules,
    /// Where tokens are issued.
    pub token_endpoint: TokenEndpoint,
    /// The issuer, if known without metadata; metadata that names another is refused.
    pub issuer: Option<String>,
    /// Where the metadata are, if something is taken from them.
    pub metadata: Option<Url>,
    /// What introspection needs; `None`: it is off.
    pub introspection: Option<IntrospectionConfig>,
}

impl ProviderConfig {
    /// Whether the app proves who it is by assertions for the issuer.
    #[must_use]
    pub fn signs_for_issuer(&self) -> bool {
        let sources = self.credentials.as_ref();
        self.assertions.audience == AssertionAudience::Issuer
            && sources.is_some_and(|of| of.first.texts().kind == CredentialKind::PrivateKeyJwt)
    }
}

/// Where tokens are issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenEndpoint {
    /// Here.
    Known(Url),
    /// Where the metadata at this URL says.
    FromMetadata(Url),
    /// Nowhere: the app asks for none.
    Unused,
}
