//! Asking a running daemon, as an app would.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::healthcheck::reachable;
use crate::clock::Clock;
use crate::config::ClientConfig;
use crate::http_client::{Answer, HttpClient, HttpSettings};
use crate::secret::Secret;

/// The daemon answers within 4 s, or within its upstream time-out and a second.
const TIME_LIMIT: Duration = Duration::from_secs(310);

/// What the daemon is asked for.
#[derive(Clone, Copy)]
pub(super) enum Call {
    Token,
    Introspect,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: String,
    error_description: String,
}

/// Posts a form to the daemon at `NAIS_TOKEN_ENDPOINT`, else at `BIND_ADDRESS`.
///
/// # Errors
/// If nobody answers; the text says so.
pub(super) async fn ask(config: &ClientConfig, call: Call, form: Secret) -> Result<Answer, String> {
    let endpoint = endpoint(config, call)?;
    let settings = HttpSettings {
        timeout: TIME_LIMIT,
        plain_http_hosts: endpoint.host_str().map(str::to_owned).into_iter().collect(),
        ..HttpSettings::default()
    };
    let client = HttpClient::new(settings, Clock::system());
    let answer = client.post_form(&endpoint, form.into(), TIME_LIMIT).await;
    answer.map_err(|_| {
        "no daemon answers; is it running, and NAIS_TOKEN_ENDPOINT or BIND_ADDRESS set as for it?"
            .to_owned()
    })
}

/// An error answer in words.
pub(super) fn refusal(answer: &Answer) -> String {
    match serde_json::from_slice::<ErrorAnswer>(&answer.body) {
        Ok(error) => format!(
            "{} (status {}): {}",
            error.error, answer.status, error.error_description
        ),
        Err(_) => not_laredo(),
    }
}

/// What is said of an answer that is none of the daemon's.
pub(super) fn not_laredo() -> String {
    "what answers there is not Laredo".to_owned()
}

/// All endpoints lie beside each other.
fn endpoint(config: &ClientConfig, call: Call) -> Result<Url, String> {
    let base = match (&config.token_endpoint, config.api.addresses.first()) {
        (Some(endpoint), _) => Ok(endpoint.clone()),
        (None, Some(listen)) => Url::parse(&format!(
            "http://{}/api/v1/token",
            reachable(listen.address)
        ))
        .map_err(|_| "BIND_ADDRESS makes no URL".to_owned()),
        (None, None) => Err("BIND_ADDRESS names no address".to_owned()),
    };
    match call {
        Call::Token => base,
        Call::Introspect => base?
            .join("introspect")
            .map_err(|_| "NAIS_TOKEN_ENDPOINT has nothing beside it".to_owned()),
    }
}
