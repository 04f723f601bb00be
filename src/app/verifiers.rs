//! From the configuration to what verifies the tokens of the providers that are on.

use std::sync::Arc;

use crate::config::{ProviderConfig, TokenEndpoint};
use crate::discovery::{Issuers, Member, Metadata};
use crate::oauth::ProviderName;
use crate::provider::Setting;
use crate::verifier::{Audience, Calls, KeyIssuers, Settings, Verifier, Workers};

/// What to set for a provider's tokens to be verified.
#[must_use]
pub fn how_to_switch_on(provider: ProviderName) -> &'static str {
    match provider {
        ProviderName::EntraId => {
            "set AZURE_APP_TENANT_ID, AZURE_APP_WELL_KNOWN_URL, or AZURE_OPENID_CONFIG_ISSUER and \
             AZURE_OPENID_CONFIG_JWKS_URI"
        }
        _ => "set the provider's _WELL_KNOWN_URL, or its _ISSUER and _JWKS_URI",
    }
}

/// What all verifiers share.
pub(super) struct Verifiers {
    calls: Calls,
    workers: Arc<Workers>,
}

impl Verifiers {
    pub(super) fn new(setting: &Setting) -> Self {
        Self {
            calls: Calls {
                get: setting.http.getter(),
                metrics: Arc::clone(&setting.metrics),
                clock: setting.clock.clone(),
            },
            workers: Arc::default(),
        }
    }

    /// The provider's, unless introspection is off for it.
    pub(super) fn verifier(
        &self,
        config: &ProviderConfig,
        metadata: Option<Arc<Metadata>>,
    ) -> Option<Verifier> {
        let Some(introspection) = &config.introspection else {
            tracing::info!(
                identity_provider = %config.name,
                "introspection is off, for issuer and keys are not known: {}",
                how_to_switch_on(config.name)
            );
            return None;
        };
        let settings = Settings {
            provider: config.name,
            issuers: issuers(config),
            audience: match &introspection.audiences {
                Some(audiences) => Audience::OneOf(audiences.clone()),
                None => Audience::Anybody,
            },
            jwks_uri: introspection.jwks_uri.clone(),
            metadata,
            key_issuers: match config.name {
                ProviderName::EntraId => KeyIssuers::Named,
                _ => KeyIssuers::Ignored,
            },
        };
        let (calls, workers) = (self.calls.clone(), Arc::clone(&self.workers));
        Some(Verifier::new(settings, calls, workers))
    }
}

/// A provider's metadata, if something is taken from them. Without a token endpoint they are of no use where that is
/// what they are for; without keys, tokens can be had all the same.
pub(super) fn metadata(config: &ProviderConfig) -> Option<Metadata> {
    let url = config.metadata.clone()?;
    let needed = match &config.token_endpoint {
        TokenEndpoint::FromMetadata(_) if config.credentials.is_some() => Member::TokenEndpoint,
        _ => Member::Issuer,
    };
    Some(Metadata::new(config.name, url, issuers(config), needed))
}

fn issuers(config: &ProviderConfig) -> Issuers {
    let introspection = config.introspection.as_ref();
    Issuers {
        own: config.issuer.clone(),
        accepted: introspection.map_or_else(Vec::new, |on| on.accepted_issuers.clone()),
    }
}
