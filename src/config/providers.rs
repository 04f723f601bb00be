//! Which identity providers are on.

use super::catalogue::Variables;
use super::entra::Entra;
use super::generic::{self, Generic};
use super::problem::{Noted, Problems};
use super::provider::ProviderConfig;
use super::uniform::Uniform;
use super::value::switch;
use super::variables::Given;
use crate::oauth::ProviderName;

/// The identity providers that are on.
#[derive(Clone, Debug)]
pub struct ProvidersConfig(Vec<ProviderConfig>);

/// What says whether a provider is on: one row for each that Laredo knows by name.
struct Row {
    name: ProviderName,
    enabled: fn(&Variables) -> &Given<String>,
    /// Where `enabled` is silent, this being set switches the provider on.
    identity: fn(&Variables) -> &Given<String>,
}

const ROWS: [Row; 4] = [
    Row {
        name: ProviderName::EntraId,
        enabled: |variables| &variables.azure_enabled,
        identity: Entra::client_id,
    },
    Row {
        name: ProviderName::Maskinporten,
        enabled: |variables| &variables.maskinporten_enabled,
        identity: |variables| &variables.maskinporten_client_id,
    },
    Row {
        name: ProviderName::TokenX,
        enabled: |variables| &variables.token_x_enabled,
        identity: |variables| &variables.token_x_client_id,
    },
    Row {
        name: ProviderName::IdPorten,
        enabled: |variables| &variables.idporten_enabled,
        identity: |variables| &variables.idporten_audience,
    },
];

enum Switch {
    On,
    SaidOff,
    Unmentioned,
}

impl ProvidersConfig {
    pub(super) fn read(
        variables: &Variables,
        generic: &[Generic],
        on: &[ProviderName],
        plain_http_hosts: &[String],
        problems: &mut Problems,
    ) -> Result<Self, Noted> {
        let is_on = |name: ProviderName| on.contains(&name);
        let mut read = Vec::new();
        if is_on(ProviderName::EntraId) {
            read.push(Entra::read(variables, plain_http_hosts, problems));
        } else {
            Entra::check(variables, plain_http_hosts, problems);
        }
        let known = [
            Uniform::maskinporten(variables),
            Uniform::tokenx(variables),
            Uniform::idporten(variables),
        ];
        for provider in known.iter().chain(generic.iter().map(Generic::variables)) {
            if is_on(provider.name) {
                read.push(provider.read(plain_http_hosts, problems));
            } else {
                provider.check(plain_http_hosts, problems);
            }
        }
        read.into_iter().collect::<Result<_, _>>().map(Self)
    }

    /// Those that are on, in the order in which documents list them.
    pub fn iter(&self) -> impl Iterator<Item = &ProviderConfig> {
        self.0.iter()
    }

    /// The provider of that name, if it is on.
    #[must_use]
    pub fn get(&self, name: ProviderName) -> Option<&ProviderConfig> {
        self.iter().find(|provider| provider.name == name)
    }
}

/// The names of the providers that are on. That nothing says anything about any is a problem.
pub(super) fn on(
    variables: &Variables,
    generic: &[Generic],
    problems: &mut Problems,
) -> Vec<ProviderName> {
    let switches = ROWS.map(|row| (row.name, row.state(variables, problems)));
    let is_silent = switches
        .iter()
        .all(|(_, state)| matches!(state, Switch::Unmentioned));
    if is_silent && generic.is_empty() && !generic::are_mentioned(variables) {
        problems.note(
            Entra::client_id(variables).name,
            "is not set, nor is any other identity provider: set it, or AZURE_ENABLED=false to start without one; \
             `laredo dev` runs with a built-in one",
        );
    }
    let on = switches
        .into_iter()
        .filter(|(_, state)| matches!(state, Switch::On));
    let generic = generic.iter().map(|generic| generic.variables().name);
    on.map(|(name, _)| name).chain(generic).collect()
}

impl Row {
    fn state(&self, variables: &Variables, problems: &mut Problems) -> Switch {
        let identified = (self.identity)(variables).is_set();
        match (self.enabled)(variables).optional(problems, switch) {
            Ok(Some(true)) => Switch::On,
            Ok(Some(false)) => Switch::SaidOff,
            Ok(None) | Err(Noted) if identified => Switch::On,
            Ok(None) => Switch::Unmentioned,
            Err(Noted) => Switch::SaidOff,
        }
    }
}

/// A variable that a provider does not have.
fn none<T>() -> Given<T> {
    Given {
        name: "",
        value: None,
        default: None,
    }
}

impl Uniform {
    fn maskinporten(v: &Variables) -> Self {
        Self {
            client_id: v.maskinporten_client_id.clone(),
            jwk: (
                v.maskinporten_client_jwk.clone(),
                v.maskinporten_client_jwk_file.clone(),
            ),
            well_known: v.maskinporten_well_known_url.clone(),
            issuer: v.maskinporten_issuer.clone(),
            jwks_uri: v.maskinporten_jwks_uri.clone(),
            token_endpoint: v.maskinporten_token_endpoint.clone(),
            ..Self::empty(ProviderName::Maskinporten)
        }
    }

    fn tokenx(v: &Variables) -> Self {
        Self {
            client_id: v.token_x_client_id.clone(),
            jwk: (
                v.token_x_private_jwk.clone(),
                v.token_x_private_jwk_file.clone(),
            ),
            well_known: v.token_x_well_known_url.clone(),
            issuer: v.token_x_issuer.clone(),
            jwks_uri: v.token_x_jwks_uri.clone(),
            token_endpoint: v.token_x_token_endpoint.clone(),
            ..Self::empty(ProviderName::TokenX)
        }
    }

    fn idporten(v: &Variables) -> Self {
        Self {
            audience: v.idporten_audience.clone(),
            well_known: v.idporten_well_known_url.clone(),
            issuer: v.idporten_issuer.clone(),
            jwks_uri: v.idporten_jwks_uri.clone(),
            ..Self::empty(ProviderName::IdPorten)
        }
    }

    fn empty(name: ProviderName) -> Self {
        Self {
            name,
            client_id: none(),
            audience: none(),
            secret: (none(), none()),
            jwk: (none(), none()),
            well_known: none(),
            issuer: none(),
            jwks_uri: none(),
            token_endpoint: none(),
            client_auth: none(),
            assertion_audience: none(),
            target: none(),
        }
    }
}
