//! `laredo token`: a token from a running daemon, for scripts and curious people.

use std::process::ExitCode;
use std::time::Duration;

use argh::FromArgs;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::healthcheck::reachable;
use super::output::{complain, say};
use super::{Environment, block_on, wrong_configuration};
use crate::clock::Clock;
use crate::config::ClientConfig;
use crate::http_client::{HttpClient, HttpSettings};
use crate::oauth::ProviderName;
use crate::secret::Secret;

/// print a token from the running daemon at NAIS_TOKEN_ENDPOINT, else BIND_ADDRESS
#[derive(FromArgs)]
#[argh(subcommand, name = "token")]
pub(super) struct Arguments {
    /// what the token is for, as an app would write it in `target`
    #[argh(positional)]
    target: String,
    /// the identity provider; may be left out where only one is on
    #[argh(option)]
    provider: Option<String>,
    /// have a new token fetched
    #[argh(switch)]
    skip_cache: bool,
}

/// The daemon answers within 4 s, or within its upstream time-out and a second.
const TIME_LIMIT: Duration = Duration::from_secs(310);

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: String,
    error_description: String,
}

pub(super) fn run(arguments: &Arguments, environment: Environment) -> ExitCode {
    let config = match ClientConfig::read(environment) {
        Ok(config) => config,
        Err(problems) => return wrong_configuration(&problems),
    };
    match block_on(token(arguments, &config)) {
        Ok(Ok(token)) => {
            say(token.expose());
            ExitCode::SUCCESS
        }
        Ok(Err(reason)) => {
            complain(&reason);
            ExitCode::FAILURE
        }
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn token(arguments: &Arguments, config: &ClientConfig) -> Result<Secret, String> {
    let endpoint = endpoint(config)?;
    let provider = match (&arguments.provider, config.providers.as_slice()) {
        (Some(provider), _) => provider.as_str(),
        (None, [only]) => only.as_str(),
        (None, []) => ProviderName::EntraId.as_str(),
        (None, _) => return Err("several providers are on: name one with --provider".to_owned()),
    };
    let mut form = Serializer::new(String::new());
    form.append_pair("identity_provider", provider)
        .append_pair("target", &arguments.target);
    form.append_pair(
        "skip_cache",
        if arguments.skip_cache {
            "true"
        } else {
            "false"
        },
    );
    let settings = HttpSettings {
        timeout: TIME_LIMIT,
        plain_http_hosts: endpoint.host_str().map(str::to_owned).into_iter().collect(),
        ..HttpSettings::default()
    };
    let client = HttpClient::new(settings, Clock::system());
    let answer = client
        .post_form(&endpoint, Secret::from(form.finish()).into(), TIME_LIMIT)
        .await;
    let answer = answer.map_err(|_| {
        "no daemon answers; is it running, and NAIS_TOKEN_ENDPOINT or BIND_ADDRESS set as for it?"
            .to_owned()
    })?;
    if answer.status == 200 {
        let token: Result<TokenAnswer, _> = serde_json::from_slice(&answer.body);
        return token
            .map(|token| token.access_token)
            .map_err(|_| not_laredo());
    }
    let error: ErrorAnswer = serde_json::from_slice(&answer.body).map_err(|_| not_laredo())?;
    Err(format!(
        "{} (status {}): {}",
        error.error, answer.status, error.error_description
    ))
}

fn not_laredo() -> String {
    "what answers there is not Laredo".to_owned()
}

fn endpoint(config: &ClientConfig) -> Result<Url, String> {
    if let Some(endpoint) = &config.token_endpoint {
        return Ok(endpoint.clone());
    }
    let listen = config
        .api
        .addresses
        .first()
        .ok_or("BIND_ADDRESS names no address")?;
    Url::parse(&format!(
        "http://{}/api/v1/token",
        reachable(listen.address)
    ))
    .map_err(|_| "BIND_ADDRESS makes no URL".to_owned())
}
