//! What the commands that ask a running daemon need to know.

use std::ffi::OsString;

use url::Url;

use super::catalogue::Variables;
use super::endpoint::http_url;
use super::listener::{ApiConfig, OperationsConfig};
use super::problem::{Noted, Problems};
use super::{generic, providers};
use crate::oauth::ProviderName;

/// How `laredo token` and `laredo healthcheck` reach a running daemon; no provider need be configured for that.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The token endpoint that was named outright.
    pub token_endpoint: Option<Url>,
    /// The API listener.
    pub api: ApiConfig,
    /// The operations listener, unless switched off.
    pub operations: Option<OperationsConfig>,
    /// The providers that are on.
    pub providers: Vec<ProviderName>,
}

impl ClientConfig {
    /// Picks what concerns these commands out of the environment.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let config = Self::assemble(environment, &mut problems);
        config.map_err(|Noted| problems)
    }

    fn assemble(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        problems: &mut Problems,
    ) -> Result<Self, Noted> {
        let environment: Vec<_> = environment.into_iter().collect();
        let variables = Variables::gather(environment.iter().cloned(), problems)?;
        let token_endpoint = variables.nais_token_endpoint.optional(problems, http_url);
        let api = ApiConfig::read(&variables, problems);
        // Whether the daemon can start is the daemon's concern.
        let unheard = &mut Problems::default();
        let generic = generic::gather(&variables, &environment, unheard);
        let providers = providers::on(&variables, &generic, unheard);
        let api = api?;
        let operations = OperationsConfig::read(&variables, &api.addresses, problems);
        Ok(Self {
            token_endpoint: token_endpoint?,
            api,
            operations: operations?,
            providers,
        })
    }
}

/// Notes what is wrong with the variable that only these commands use, for whoever starts the daemon.
pub(super) fn check(variables: &Variables, problems: &mut Problems) {
    // What is wrong has been noted.
    let _ = variables.nais_token_endpoint.optional(problems, http_url);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::environment;

    #[test]
    fn a_running_daemon_can_be_asked_without_any_provider() {
        let endpoint = "http://localhost:3000/api/v1/token";

        let config = ClientConfig::read(environment([("NAIS_TOKEN_ENDPOINT", endpoint)])).unwrap();

        assert_eq!(config.token_endpoint.unwrap().as_str(), endpoint);
        assert!(config.providers.is_empty());
    }

    #[test]
    fn the_provider_that_is_on_is_known() {
        let variables = [("AZURE_APP_CLIENT_ID", "app")];

        let config = ClientConfig::read(environment(variables)).unwrap();

        assert_eq!(config.providers, [ProviderName::EntraId]);
    }

    #[test]
    fn a_bad_endpoint_is_a_problem() {
        let problems = ClientConfig::read(environment([("NAIS_TOKEN_ENDPOINT", "ftp://a")]));

        let text = problems.map(|_| ()).unwrap_err().to_string();
        assert_eq!(text, "NAIS_TOKEN_ENDPOINT is not an http or https URL");
    }
}
