//! Environment variables in, one `Config` or every problem out. Nothing else reads the environment.

mod catalogue;
mod client;
mod credential;
mod documentation;
mod endpoint;
mod entra;
mod entra_credentials;
mod generic;
mod grants;
mod host;
mod http;
mod introspection;
mod listener;
mod log;
mod problem;
mod provider;
mod providers;
mod start;
mod uniform;
mod value;
mod variables;

use std::ffi::OsString;

use crate::http_client::HttpSettings;
use catalogue::Variables;
use problem::Noted;

pub use client::ClientConfig;
pub use documentation::documentation;
pub use introspection::IntrospectionConfig;
pub use listener::{ApiConfig, ListenAddress, OperationsConfig, Presence};
pub use log::{LogConfig, LogFormat};
pub use problem::Problems;
pub use provider::{ProviderConfig, TokenEndpoint};
pub use providers::ProvidersConfig;
pub use start::{CacheConfig, PrefetchConfig, PrefetchTarget, ShutdownConfig};

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The API listener.
    pub api: ApiConfig,
    /// The operations listener, unless switched off.
    pub operations: Option<OperationsConfig>,
    /// The cache.
    pub cache: CacheConfig,
    /// Tokens to get at start.
    pub prefetch: PrefetchConfig,
    /// The end.
    pub shutdown: ShutdownConfig,
    /// Outgoing HTTP.
    pub http: HttpSettings,
    /// The log.
    pub log: LogConfig,
    /// The identity providers that are on.
    pub providers: ProvidersConfig,
    /// What is allowed but should be known, for the log at start.
    pub warnings: Vec<&'static str>,
}

impl Config {
    /// Reads the variables, and the files that they name for secrets.
    ///
    /// # Errors
    /// All that is wrong, with variables named and values not shown.
    pub fn read(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let environment: Vec<_> = environment.into_iter().collect();
        match Variables::gather(environment.iter().cloned(), &mut problems)
            .and_then(|variables| Self::assemble(&variables, &environment, &mut problems))
        {
            Ok(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }

    /// Every part is read before any of them is missed, so that all problems are found.
    fn assemble(
        variables: &Variables,
        environment: &[(OsString, OsString)],
        problems: &mut Problems,
    ) -> Result<Self, Noted> {
        let api = ApiConfig::read(variables, problems);
        let operations = match &api {
            Ok(api) => OperationsConfig::read(variables, &api.addresses, problems),
            Err(Noted) => OperationsConfig::read(variables, &[], problems),
        };
        let cache = CacheConfig::read(variables, problems);
        let shutdown = ShutdownConfig::read(variables, problems);
        let http = http::settings(variables, problems);
        let log = LogConfig::read(variables, problems);
        let generic = generic::gather(variables, environment, problems);
        let on = providers::on(variables, &generic, problems);
        let prefetch = PrefetchConfig::read(variables, &on, problems);
        let plain_http_hosts = host_names(&http);
        let providers = ProvidersConfig::read(variables, &generic, &on, plain_http_hosts, problems);
        client::check(variables, problems);
        let (api, http, providers) = (api?, http?, providers?);
        let warnings = warnings(&api, &http, &providers);
        Ok(Self {
            api,
            operations: operations?,
            cache: cache?,
            prefetch: prefetch?,
            shutdown: shutdown?,
            http,
            log: log?,
            providers,
            warnings,
        })
    }
}

fn host_names(http: &Result<HttpSettings, Noted>) -> &[String] {
    http.as_ref().map_or(&[], |http| &http.plain_http_hosts)
}

fn warnings(
    api: &ApiConfig,
    http: &HttpSettings,
    providers: &ProvidersConfig,
) -> Vec<&'static str> {
    let found = [
        (
            !api.is_loopback(),
            "BIND_ADDRESS is not loopback: whoever reaches it can get tokens",
        ),
        (
            !api.checks_host(),
            "LAREDO_ALLOWED_HOSTS is not set and BIND_ADDRESS is not loopback: the Host header is not checked",
        ),
        (
            !http.plain_http_hosts.is_empty(),
            "LAREDO_PLAIN_HTTP_HOSTS is set: secrets and tokens go there unencrypted, which suits test networks only",
        ),
        (
            providers.iter().next().is_none(),
            "no identity provider is on: every request for a token will be refused",
        ),
    ];
    let found = found.into_iter().filter(|(holds, _)| *holds);
    found.map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests;
