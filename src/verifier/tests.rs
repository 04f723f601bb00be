//! The verifier as a whole, without sockets: its keys are put in, not fetched.

#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test may fail by overflow"
)]
mod claims;
mod mutations;
mod published;
#[path = "../../tests/support/signer.rs"]
mod signer;
mod two_providers;
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test may fail by overflow"
)]
mod weak_keys;
mod wycheproof;

use super::*;
use crate::clock::Clock;
use crate::discovery::Issuers;
use crate::http_client::{HttpClient, HttpSettings};
use crate::metrics::Metrics;
use serde_json::{Value, json};
use trust::Trust;

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "app";

/// A verifier that has these keys, understands every algorithm and fetches nothing. Its time is the runtime's,
/// which begins at 1970.
fn verifier(provider: ProviderName, keys: &[Value]) -> Verifier {
    let clock = Clock::of_runtime();
    let calls = Calls {
        get: Arc::new(HttpClient::new(HttpSettings::default(), clock.clone())).getter(),
        metrics: Arc::new(Metrics::new(&[provider]).unwrap()),
        clock: clock.clone(),
    };
    let settings = Settings {
        provider,
        issuers: Issuers {
            own: Some(ISSUER.to_owned()),
            accepted: Vec::new(),
        },
        audience: Audience::OneOf(vec![AUDIENCE.to_owned()]),
        jwks_uri: None,
        metadata: None,
        key_issuers: KeyIssuers::Ignored,
    };
    let mut rules = Rules::clone(&settings.rules(None, None));
    rules.algorithms = Algorithm::ALL.to_vec();
    let body = json!({"keys": keys}).to_string();
    let trust = Trust {
        rules: Arc::new(rules),
        keys: KeySet::read(body.as_bytes(), KeyIssuers::Ignored, None).unwrap(),
        fetched: clock.now(),
        follows_metadata: false,
    };
    let verifier = Verifier::new(settings, calls, Arc::new(Workers::default()));
    let state = &verifier.keyring.state;
    state.send_modify(|state| state.trust = Some(Arc::new(trust)));
    while verifier.keyring.may_fetch() {}
    verifier
}

/// What is said about a token.
async fn judge(verifier: &Verifier, token: &str) -> Result<(), Reason> {
    let token = Compact::read(token).ok_or(Reason::Header)?;
    let verdict = verifier.verify(token).await;
    verdict.expect("the keys are there").map(|_| ())
}
