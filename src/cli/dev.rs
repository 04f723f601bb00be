//! `laredo dev`: the daemon with a built-in identity provider, for the first five minutes and for tests.

use std::ffi::OsString;
use std::process::ExitCode;

use argh::FromArgs;

use super::output::{complain, say};
use super::serve::{runtime, serve};
use super::{Environment, wrong_configuration};
use crate::app::App;
use crate::config::Config;
use crate::dev::{IdentityProvider, Options};

/// serve tokens of a built-in identity provider on loopback: nothing to set up
#[derive(FromArgs)]
#[argh(subcommand, name = "dev")]
pub(super) struct Arguments {}

/// Variables that would lead away from the built-in provider.
const PROVIDER_VARIABLES: [&str; 6] = [
    "AZURE_",
    "MASKINPORTEN_",
    "TOKEN_X_",
    "IDPORTEN_",
    "LAREDO_PROVIDERS",
    "LAREDO_GENERIC_",
];

pub(super) fn run(environment: Environment) -> ExitCode {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run_both(environment));
    runtime.shutdown_background();
    code
}

async fn run_both(environment: Environment) -> ExitCode {
    let provider = match IdentityProvider::start(Options::default()).await {
        Ok(provider) => provider,
        Err(error) => {
            complain(&format!(
                "the built-in identity provider cannot start: {error}"
            ));
            return ExitCode::FAILURE;
        }
    };
    match Config::read(pointed_at(&provider, environment)) {
        Ok(config) => serve(config, |app| say(&welcome(app, &provider))).await,
        Err(problems) => wrong_configuration(&problems),
    }
}

/// The environment with the built-in provider in place of any other.
fn pointed_at(provider: &IdentityProvider, environment: Environment) -> Environment {
    let is_foreign = |name: &OsString| {
        let name = name.to_string_lossy();
        PROVIDER_VARIABLES
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    let others = environment
        .into_iter()
        .filter(|(name, _)| !is_foreign(name));
    let ours = provider.variables().into_iter();
    let ours = ours.map(|(name, value)| (name.into(), value.expose().into()));
    others.chain(ours).collect()
}

fn welcome(app: &App, provider: &IdentityProvider) -> String {
    let api = app
        .api
        .first()
        .map_or_else(String::new, |address| format!("http://{address}"));
    let metrics = match app.operations.first() {
        Some(address) => format!(
            "\nMetrics, and how often the cache was hit:\n\n  curl -s http://{address}/metrics | grep ^laredo_\n"
        ),
        None => String::new(),
    };
    let base = provider.base_url();
    let faults = format!("{base}/faults");
    format!(
        "\
Laredo serves tokens of a built-in identity provider. What an app on Nais would find in its environment:

  export NAIS_TOKEN_ENDPOINT={api}/api/v1/token
  export NAIS_TOKEN_EXCHANGE_ENDPOINT={api}/api/v1/token/exchange
  export NAIS_TOKEN_INTROSPECTION_ENDPOINT={api}/api/v1/introspect

Get a token, in another terminal; get it again and see expires_in count down:

  curl -s {api}/api/v1/token -H 'Content-Type: application/json' \\
    -d '{{\"identity_provider\": \"azuread\", \"target\": \"api://cluster.namespace.app/.default\"}}'

Ask whether a token is valid for this app; `kind` may also be expired, not_yet_valid, other_audience, other_issuer,
unknown_key, bad_signature, unsigned, and `claims` is a JSON object of claims to set:

  curl -s {api}/api/v1/introspect -d token=\"$(curl -s {base}/mint -d kind=valid)\"

Exchange a user's token for one for another app, and get a token of Maskinporten's; every provider is here:

  curl -s {api}/api/v1/token/exchange -d identity_provider=tokenx -d target=cluster:namespace:other \\
    -d user_token=\"$(curl -s {base}/mint -d provider=idporten)\"
  curl -s {api}/api/v1/token -d identity_provider=maskinporten -d target=test:scope

Let the provider sign with a new key, which is fetched when the first token with it comes:

  curl -s {base}/rotate -X POST

Take the identity provider down, and get the same token all the same; then bring it back:

  curl -s {faults} -d outage=true
  curl -s -X DELETE {faults}

Have it issue tokens that live for 20 s, and watch renewals:

  curl -s {faults} -d expires_in=20
{metrics}"
    )
}
