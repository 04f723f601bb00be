//! From the configuration to what verifies the tokens of the providers that are on.

use std::io;
use std::sync::Arc;

use crate::config::{EntraConfig, TokenEndpoint};
use crate::discovery::{Issuers, Member, Metadata};
use crate::oauth::ProviderName;
use crate::provider::Setting;
use crate::verifier::{Audience, Calls, KeyIssuers, Settings, Verifier, Workers};

/// What to set for Entra ID's tokens to be verified.
pub const HOW_TO_SWITCH_ON: &str = "set AZURE_APP_TENANT_ID, AZURE_APP_WELL_KNOWN_URL, or \
                                    AZURE_OPENID_CONFIG_ISSUER and AZURE_OPENID_CONFIG_JWKS_URI";

/// What all verifiers share.
pub(super) struct Verifiers {
    calls: Calls,
    workers: Arc<Workers>,
}

impl Verifiers {
    pub(super) fn new(setting: &Setting) -> io::Result<Self> {
        Ok(Self {
            calls: Calls {
                get: setting.http.getter(),
                metrics: Arc::clone(&setting.metrics),
                clock: setting.clock.clone(),
            },
            workers: Arc::new(Workers::new()?),
        })
    }

    /// Entra ID's, unless introspection is off for it.
    pub(super) fn entra(
        &self,
        entra: &EntraConfig,
        metadata: Option<Arc<Metadata>>,
    ) -> Option<Verifier> {
        let Some(introspection) = &entra.introspection else {
            tracing::info!(
                identity_provider = %ProviderName::EntraId,
                "introspection is off, for issuer and keys are not known: {HOW_TO_SWITCH_ON}"
            );
            return None;
        };
        let settings = Settings {
            provider: ProviderName::EntraId,
            issuers: issuers(entra),
            audience: Audience::OneOf(introspection.audiences.clone()),
            jwks_uri: introspection.jwks_uri.clone(),
            metadata,
            key_issuers: KeyIssuers::Named,
        };
        let (calls, workers) = (self.calls.clone(), Arc::clone(&self.workers));
        Some(Verifier::new(settings, calls, workers))
    }
}

/// Entra ID's metadata, if something is taken from them. Without a token endpoint they are of no use where that is
/// what they are for; without keys, tokens can be had all the same.
pub(super) fn metadata(entra: &EntraConfig) -> Option<Metadata> {
    let url = entra.metadata.clone()?;
    let needed = match &entra.token_endpoint {
        TokenEndpoint::FromMetadata(_) => Member::TokenEndpoint,
        TokenEndpoint::Known(_) | TokenEndpoint::Unused => Member::Issuer,
    };
    let name = ProviderName::EntraId;
    Some(Metadata::new(name, url, issuers(entra), needed))
}

fn issuers(entra: &EntraConfig) -> Issuers {
    let introspection = entra.introspection.as_ref();
    Issuers {
        own: entra.issuer.clone(),
        accepted: introspection.map_or_else(Vec::new, |on| on.accepted_issuers.clone()),
    }
}
