//! A daemon that introspects, and a provider that publishes keys of the test's own.

use std::time::SystemTime;

use laredo::dev::{Fault, FaultyEndpoint};
use serde_json::{Value, json};

use crate::bad_input::{assert_headers, raw_request};
use crate::signer::{Kind, Signer};
use crate::support::{Answer, TestApp, built_in_provider};

/// A claim or header parameter and its value as JSON text; empty text leaves it out.
pub type Change<'a> = (&'a str, &'a str);

/// A daemon that introspects.
pub struct Introspector {
    pub app: TestApp,
    /// One of each kind; each is published by the name of its algorithm.
    signers: Vec<Signer>,
}

/// What the provider publishes.
pub struct Published {
    /// The keys besides those of [`Introspector::signer`].
    pub keys: Vec<Value>,
    /// The algorithms in its metadata.
    pub algorithms: Value,
}

impl Default for Published {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            algorithms: json!(Kind::ALL.map(Kind::name)),
        }
    }
}

impl Introspector {
    /// With a key of each kind.
    pub async fn start() -> Self {
        Self::start_with(Published::default(), &[]).await
    }

    /// With further keys.
    pub async fn start_with_keys(keys: Vec<Value>) -> Self {
        let published = Published {
            keys,
            ..Published::default()
        };
        Self::start_with(published, &[]).await
    }

    /// With further variables.
    pub async fn start_with(published: Published, variables: &[(&str, &str)]) -> Self {
        let signers: Vec<_> = Kind::ALL.map(|kind| Signer::new(kind, kind.name())).into();
        let provider = built_in_provider().await;
        let metadata = json!({
            "issuer": provider.issuer(),
            "token_endpoint": provider.token_endpoint(),
            "jwks_uri": provider.jwks_uri(),
            "id_token_signing_alg_values_supported": published.algorithms,
        });
        let own = signers.iter().map(Signer::public_key);
        let keys: Vec<_> = own.chain(published.keys).collect();
        let faults = [
            body_of(FaultyEndpoint::Metadata, &metadata),
            body_of(FaultyEndpoint::Keys, &json!({"keys": keys})),
        ];
        provider.faults().set(faults).unwrap();
        let well_known = provider.metadata_url().to_owned();
        let endpoint = provider.token_endpoint().to_owned();
        let well_known = [("AZURE_APP_WELL_KNOWN_URL", well_known.as_str())];
        let variables = [&well_known[..], variables].concat();
        let app = TestApp::start_at(provider, &endpoint, &variables).await;
        let started = Self { app, signers };
        started.until_keys_are_there().await;
        started
    }

    /// From now on the provider publishes these keys and no others.
    pub fn publish(&self, keys: &[Value]) {
        let faults = self.app.provider.faults();
        let mut on = faults.on();
        on.retain(|fault| fault.endpoint != FaultyEndpoint::Keys);
        on.push(body_of(FaultyEndpoint::Keys, &json!({"keys": keys})));
        faults.set(on).unwrap();
    }

    async fn until_keys_are_there(&self) {
        let token = self.good_token();
        self.app
            .until(async || self.ask(&token).await.status == 200)
            .await;
    }

    pub fn signer(&self, kind: Kind) -> &Signer {
        self.signers
            .iter()
            .find(|signer| signer.kind == kind)
            .unwrap()
    }

    /// A token that is valid.
    pub fn good_token(&self) -> String {
        self.token(&[])
    }

    /// A token signed with RS256, its claims changed.
    pub fn token(&self, changes: &[Change<'_>]) -> String {
        self.signer(Kind::Rs256).token(self.payload(changes))
    }

    /// A token with this payload to the byte.
    pub fn token_of(&self, payload: impl AsRef<[u8]>) -> String {
        self.signer(Kind::Rs256).token(payload)
    }

    /// A token signed with RS256, its header changed.
    pub fn token_headed(&self, changes: &[Change<'_>]) -> String {
        self.signer(Kind::Rs256)
            .token_with(self.header(changes), self.payload(&[]))
    }

    /// Good claims, changed.
    pub fn payload(&self, changes: &[Change<'_>]) -> String {
        let now = self.now();
        let usual = [
            ("iss", json!(self.app.provider.issuer()).to_string()),
            ("aud", json!(self.app.provider.client_id()).to_string()),
            ("iat", (now - 10).to_string()),
            ("nbf", (now - 10).to_string()),
            ("exp", (now + 3_600).to_string()),
            ("sub", "\"somebody\"".to_owned()),
        ];
        changed(&usual, changes)
    }

    /// The header of good tokens of RS256, changed.
    pub fn header(&self, changes: &[Change<'_>]) -> String {
        let usual = [("typ", "JWT"), ("alg", "RS256"), ("kid", "RS256")];
        changed(
            &usual.map(|(name, value)| (name, json!(value).to_string())),
            changes,
        )
    }

    /// Seconds since 1970, by the daemon's clock.
    pub fn now(&self) -> i64 {
        let since = self
            .app
            .clock
            .now()
            .wall()
            .duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap().as_secs().try_into().unwrap()
    }

    /// Asks about a token of Entra ID's.
    pub async fn ask(&self, token: &str) -> Answer {
        self.ask_json(&json!({"token": token, "identity_provider": "entra_id"}))
            .await
    }

    /// Asks without naming a provider, as stock clients do.
    pub async fn ask_nobody(&self, token: &str) -> Answer {
        self.ask_json(&json!({"token": token})).await
    }

    pub async fn ask_json(&self, body: &Value) -> Answer {
        self.post("application/json", body.to_string()).await
    }

    pub async fn post(&self, media_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let media_type = format!("Content-Type: {media_type}");
        self.app
            .send(introspect_request(&[&media_type], body))
            .await
    }

    /// How often the keys were fetched.
    pub fn fetches(&self) -> usize {
        self.app.provider.calls().keys_count()
    }
}

/// A request to introspect with these header lines besides `Host`.
pub fn introspect_request(headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = format!("Content-Length: {}", body.len());
    let headers = [&["Host: localhost", &length], headers].concat();
    raw_request("POST /api/v1/introspect HTTP/1.1", &headers, body)
}

/// The token is valid: its claims are in the answer.
pub fn assert_active(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_headers(answer);
    let json = answer.json();
    assert_eq!(json["active"], true, "{}", answer.text());
    json
}

/// The token is not valid, and this is all that is said.
pub fn assert_inactive(answer: &Answer, error: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_headers(answer);
    assert_eq!(answer.text(), inactive(error));
}

pub fn inactive(error: &str) -> String {
    json!({"active": false, "error": error}).to_string()
}

fn body_of(endpoint: FaultyEndpoint, body: &Value) -> Fault {
    Fault {
        endpoint,
        body: Some(body.to_string()),
        ..Fault::default()
    }
}

/// An object of the usual members that are not changed, then the changed ones. A name may come twice.
fn changed(usual: &[(&str, String)], changes: &[Change<'_>]) -> String {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = usual.iter().filter(|(name, _)| !is_changed(name));
    let kept = kept.map(|(name, value)| (*name, value.as_str()));
    let members: Vec<_> = kept
        .chain(changes.iter().copied())
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}
