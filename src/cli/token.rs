//! `laredo token`: a token from a running daemon, for scripts and curious people.

use std::process::ExitCode;

use argh::FromArgs;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::daemon::{Call, ask, not_laredo, refusal};
use super::output::{complain, say};
use super::{Environment, block_on, wrong_configuration};
use crate::config::ClientConfig;
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
    /// do not print the token: exit code 0 says that there is one
    #[argh(switch)]
    quiet: bool,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
}

pub(super) fn run(arguments: &Arguments, environment: Environment) -> ExitCode {
    let config = match ClientConfig::read(environment) {
        Ok(config) => config,
        Err(problems) => return wrong_configuration(&problems),
    };
    match block_on(token(arguments, &config)) {
        Ok(Ok(token)) => {
            if !arguments.quiet {
                say(token.expose());
            }
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
    let answer = ask(config, Call::Token, Secret::from(form.finish())).await?;
    if answer.status == 200 {
        let token: Result<TokenAnswer, _> = serde_json::from_slice(&answer.body);
        return token
            .map(|token| token.access_token)
            .map_err(|_| not_laredo());
    }
    Err(refusal(&answer))
}
