//! Which identity providers are on.

use super::catalogue::Variables;
use super::entra::EntraConfig;
use super::problem::{Noted, Problems};
use super::value::switch;
use super::variables::Given;
use crate::oauth::ProviderName;

/// The identity providers that are on.
#[derive(Clone, Debug)]
pub struct ProvidersConfig {
    /// Microsoft Entra ID.
    pub entra: Option<EntraConfig>,
}

/// What says whether a provider is on: one row for each provider.
struct Row {
    name: ProviderName,
    enabled: fn(&Variables) -> &Given<String>,
    /// Where `enabled` is silent, this being set switches the provider on.
    identity: fn(&Variables) -> &Given<String>,
}

const ROWS: [Row; 1] = [Row {
    name: ProviderName::EntraId,
    enabled: |variables| &variables.azure_enabled,
    identity: EntraConfig::client_id,
}];

enum Switch {
    On,
    SaidOff,
    Unmentioned,
}

impl ProvidersConfig {
    pub(super) fn read(
        variables: &Variables,
        on: &[ProviderName],
        plain_http_hosts: &[String],
        problems: &mut Problems,
    ) -> Result<Self, Noted> {
        let entra = if on.contains(&ProviderName::EntraId) {
            Some(EntraConfig::read(variables, plain_http_hosts, problems)?)
        } else {
            EntraConfig::check(variables, plain_http_hosts, problems);
            None
        };
        Ok(Self { entra })
    }
}

/// The names of the providers that are on. That nothing says anything about any is a problem.
pub(super) fn on(variables: &Variables, problems: &mut Problems) -> Vec<ProviderName> {
    let switches = ROWS.map(|row| (row.name, row.state(variables, problems)));
    if switches
        .iter()
        .all(|(_, state)| matches!(state, Switch::Unmentioned))
    {
        problems.note(
            EntraConfig::client_id(variables).name,
            "is not set, nor is any other identity provider: set it, or AZURE_ENABLED=false to start without one; \
             `laredo dev` runs with a built-in one",
        );
    }
    let on = switches
        .into_iter()
        .filter(|(_, state)| matches!(state, Switch::On));
    on.map(|(name, _)| name).collect()
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
