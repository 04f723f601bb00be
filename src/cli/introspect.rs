//! `laredo introspect`: what the running daemon says of a token.

use std::io::Read as _;
use std::process::ExitCode;

use argh::FromArgs;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::daemon::{Call, ask, not_laredo, refusal};
use super::output::{complain, say};
use super::{Environment, block_on, wrong_configuration};
use crate::config::ClientConfig;
use crate::secret::Secret;

/// print what the running daemon at NAIS_TOKEN_ENDPOINT, else BIND_ADDRESS, says of a token; exit code 0 if it is valid
#[derive(FromArgs)]
#[argh(subcommand, name = "introspect")]
pub(super) struct Arguments {
    /// the token; `-` reads it from standard input, where no list of processes shows it
    #[argh(positional)]
    token: String,
    /// the identity provider; without it, the token's issuer picks one
    #[argh(option)]
    provider: Option<String>,
}

pub(super) fn run(arguments: Arguments, environment: Environment) -> ExitCode {
    let config = match ClientConfig::read(environment) {
        Ok(config) => config,
        Err(problems) => return wrong_configuration(&problems),
    };
    let told = token(arguments.token)
        .and_then(|token| block_on(introspect(&token, arguments.provider.as_deref(), &config)));
    match told.map_err(|error| error.to_string()).flatten() {
        Ok(answer) => {
            say(&answer.to_string());
            match answer.get("active") {
                Some(Value::Bool(true)) => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            }
        }
        Err(reason) => {
            complain(&reason);
            ExitCode::FAILURE
        }
    }
}

fn token(argument: String) -> std::io::Result<Secret> {
    if argument != "-" {
        return Ok(Secret::from(argument));
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(Secret::from(text))
}

async fn introspect(
    token: &Secret,
    provider: Option<&str>,
    config: &ClientConfig,
) -> Result<Value, String> {
    let mut form = Serializer::new(String::new());
    form.append_pair("token", token.expose());
    if let Some(provider) = provider {
        form.append_pair("identity_provider", provider);
    }
    let answer = ask(config, Call::Introspect, Secret::from(form.finish())).await?;
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(said) if said.get("active").is_some() => Ok(said),
        Ok(_) => Err(refusal(&answer)),
        Err(_) => Err(not_laredo()),
    }
}
