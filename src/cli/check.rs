//! `laredo check`: tries the configuration for real and says in plain words what came of it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use argh::FromArgs;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use httpdate::fmt_http_date;
use serde_json::Value;

use super::aadsts::advice;
use super::output::{complain, say};
use super::{Environment, block_on, wrong_configuration};
use crate::app;
use crate::broker::Provider;
use crate::clock::Clock;
use crate::config::Config;
use crate::oauth::{Errand, Error, Flow, ProviderName, Purpose, Token, TokenRequest};
use crate::provider::TokenClient;

/// try the configuration: reach each provider, measure clock skew, obtain one token
#[derive(FromArgs)]
#[argh(subcommand, name = "check")]
pub(super) struct Arguments {
    /// what the token is for; otherwise the first of LAREDO_PREFETCH, or the app itself
    #[argh(option)]
    target: Option<String>,
    /// try this identity provider only
    #[argh(option)]
    provider: Option<String>,
}

/// Clocks may differ by this much before it is worth a word, in seconds: a quarter of what Entra accepts.
const TOLERABLE_SKEW: f64 = 75.0;
/// How long one token may take.
const TIME_LIMIT: Duration = Duration::from_secs(4);

pub(super) fn run(arguments: &Arguments, environment: Environment) -> ExitCode {
    let config = match Config::read(environment) {
        Ok(config) => config,
        Err(problems) => return wrong_configuration(&problems),
    };
    say("The configuration can be read.");
    for warning in &config.warnings {
        say(&format!("Mind: {warning}."));
    }
    match block_on(check(arguments, &config)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn check(arguments: &Arguments, config: &Config) -> bool {
    let time_limit = TIME_LIMIT.max(config.http.timeout);
    let parts = match app::parts(config, &Clock::system(), time_limit) {
        Ok(parts) => parts,
        Err(error) => {
            complain(&error.to_string());
            return false;
        }
    };
    for metadata in parts.metadata {
        let (get, metrics) = (parts.http.getter(), Arc::clone(&parts.metrics));
        tokio::spawn(async move { metadata.keep(&get, &metrics).await });
    }
    let mut is_well = true;
    let is_meant = |provider: &Provider| {
        let named = arguments.provider.as_deref();
        named.is_none_or(|named| ProviderName::find(named, &[provider.name]) == Some(provider.name))
    };
    for provider in parts.providers.into_iter().filter(is_meant) {
        let target = target(arguments, config, provider.name);
        is_well &= check_tokens(&provider, target.as_deref()).await;
        is_well &= check_introspection(&provider).await;
    }
    is_well
}

/// What to ask for: what was said, else what is prefetched; of Entra an app may always ask for a token for itself.
fn target(arguments: &Arguments, config: &Config, provider: ProviderName) -> Option<String> {
    let mut prefetched = config.prefetch.targets.iter();
    let prefetched = prefetched.find(|target| target.provider == provider);
    let own = || match provider {
        ProviderName::EntraId => {
            let client_id = config.providers.get(provider)?.client_id.as_ref()?;
            Some(format!("{client_id}/.default"))
        }
        _ => None,
    };
    let said = arguments.target.clone();
    said.or_else(|| prefetched.map(|target| target.target.clone()))
        .or_else(own)
}

async fn check_tokens(provider: &Provider, target: Option<&str>) -> bool {
    let name = provider.name;
    let Some(client) = &provider.token_client else {
        say(&format!(
            "{name}: has no credential, so it issues no tokens to this app."
        ));
        return true;
    };
    if !client.supports(Flow::TokenRequest) {
        say(&format!(
            "{name}: issues tokens on behalf of users only, which takes a user's token to try."
        ));
        return true;
    }
    let Some(target) = target else {
        say(&format!(
            "{name}: asked for nothing; --target, or LAREDO_PREFETCH, says what to ask for."
        ));
        return true;
    };
    say(&format!("{name}: asking for {target} …"));
    let errand = Errand {
        request: Arc::new(TokenRequest::new(name, target)),
        purpose: Purpose::Caller,
        user_token: None,
    };
    let result = client.token(&errand).await;
    tell_skew(name, client);
    tell_credential(name, client);
    match result {
        Ok(token) => tell_token(name, &token),
        Err(error) => tell_error(name, &error),
    }
}

/// Whether inbound tokens can be verified: that takes the provider's keys.
async fn check_introspection(provider: &Provider) -> bool {
    let name = provider.name;
    let Some(verifier) = &provider.verifier else {
        say(&format!(
            "{name}: introspection is off; {}.",
            app::how_to_switch_on(name)
        ));
        return true;
    };
    let keys = tokio::select! {
        keys = verifier.first_keys() => keys,
        () = verifier.keep_keys() => return false,
    };
    match keys {
        Ok(1) => say(&format!("{name}: publishes 1 key that can verify tokens.")),
        Ok(keys) => say(&format!(
            "{name}: publishes {keys} keys that can verify tokens."
        )),
        Err(cause) => complain(&format!("{name}: no keys to verify tokens with: {cause}")),
    }
    keys.is_ok()
}

fn tell_skew(name: ProviderName, client: &TokenClient) {
    match client.clock_skew() {
        Some(skew) if skew.abs() > TOLERABLE_SKEW => say(&format!(
            "{name}: its clock and ours are {skew:.0} s apart: set this machine's clock."
        )),
        Some(skew) => say(&format!(
            "{name}: its clock and ours agree (within {:.0} s).",
            skew.abs().ceil()
        )),
        None => {}
    }
}

/// The one that was asked with last.
fn tell_credential(name: ProviderName, client: &TokenClient) {
    let credential = client.credential();
    let (auth, variable) = (credential.auth(), credential.variable());
    let mut text = format!("{name}: used {} in {variable}", auth.description());
    if let Some(id) = auth.key_id() {
        text.push_str(&format!(", key id {id}"));
    }
    if let Some(expiry) = auth.expiry() {
        text.push_str(&format!(", valid until {}", fmt_http_date(expiry)));
    }
    say(&format!("{text}."));
}

/// Audience, roles and expiry, read without trust; never the token itself.
fn tell_token(name: ProviderName, token: &Token) -> bool {
    let seconds = token.lifetime.stated.as_secs();
    say(&format!(
        "{name}: issued a token that lives for {seconds} s."
    ));
    match claims(token.access_token()) {
        Some(claims) => {
            say(&format!("  audience: {}", shown(&claims, "aud")));
            say(&format!("  roles:    {}", shown(&claims, "roles")));
        }
        None => say("  It is opaque: only the provider can read it."),
    }
    true
}

fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&json).ok()
}

fn shown(claims: &Value, name: &str) -> String {
    claims
        .get(name)
        .map_or_else(|| "none".to_owned(), Value::to_string)
}

fn tell_error(name: ProviderName, error: &Error) -> bool {
    complain(&format!("{name}: no token: {error}"));
    let code = match error {
        Error::Refused(refusal) => refusal.aadsts(),
        _ => None,
    };
    if let Some(advice) = code.and_then(advice) {
        complain(&format!("  {advice}"));
    }
    false
}
