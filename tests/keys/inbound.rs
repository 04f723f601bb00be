//! Inbound tokens, and a daemon that is asked about them.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use laredo::dev::{Fault, FaultyEndpoint, IdentityProvider, Options, SigningKey};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// What is said of a token whose key is not one of the provider's.
pub const UNKNOWN_KEY: &str = "token can not be validated with this identity provider";
pub const INVALID_ISSUER: &str = "invalid token: InvalidIssuer";

/// One of three keys that all tests share, because making one takes a while.
pub fn key(number: usize) -> Arc<SigningKey> {
    static KEYS: [OnceLock<Arc<SigningKey>>; 3] = [const { OnceLock::new() }; 3];
    Arc::clone(KEYS[number].get_or_init(|| SigningKey::generate().unwrap()))
}

/// A provider that publishes the first key.
pub async fn provider() -> IdentityProvider {
    let options = Options {
        signing_key: Some(key(0)),
        ..Options::default()
    };
    IdentityProvider::start(options).await.unwrap()
}

/// What goes wrong with the keys.
pub fn keys_fault() -> Fault {
    Fault {
        endpoint: FaultyEndpoint::Keys,
        ..Fault::default()
    }
}

/// The key set of these entries in place of the provider's own.
pub fn published(entries: &[Value]) -> Fault {
    Fault {
        body: Some(json!({"keys": entries}).to_string()),
        ..keys_fault()
    }
}

impl TestApp {
    /// A daemon that knows its provider by tenant and authority.
    pub async fn introspecting(variables: &[(&str, &str)]) -> Self {
        Self::introspecting_with(provider().await, variables).await
    }

    pub async fn introspecting_with(
        provider: IdentityProvider,
        variables: &[(&str, &str)],
    ) -> Self {
        let (tenant, authority) = (
            provider.tenant_id().to_owned(),
            provider.base_url().to_owned(),
        );
        let mut all = vec![
            ("AZURE_APP_TENANT_ID", tenant.as_str()),
            ("AZURE_AUTHORITY_HOST", authority.as_str()),
        ];
        all.retain(|(name, _)| variables.iter().all(|(other, _)| other != name));
        all.extend_from_slice(variables);
        let endpoint = provider.token_endpoint().to_owned();
        Self::start_at(provider, &endpoint, &all).await
    }

    /// One that has its keys.
    pub async fn with_keys(variables: &[(&str, &str)]) -> Self {
        let app = Self::introspecting(variables).await;
        let token = app.inbound(0, json!({}));
        assert!(app.introspect(&token).await.is_active());
        app
    }

    /// A token for this app that is good for an hour, signed with the key of that number, with these claims in
    /// place of the usual ones; null leaves one out.
    pub fn inbound(&self, number: usize, claims: Value) -> String {
        self.signed(&key(number), key(number).id(), claims)
    }

    /// The same under another name of the key.
    pub fn signed(&self, key: &SigningKey, id: &str, claims: Value) -> String {
        let now = self.clock.now().wall();
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let mut all = json!({
            "iss": self.provider.issuer(),
            "aud": self.provider.client_id(),
            "iat": now,
            "exp": now + 3600,
        });
        let all = all.as_object_mut().unwrap();
        all.extend(claims.as_object().unwrap().clone());
        all.retain(|_, value| !value.is_null());
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": id});
        key.sign_as(&header, &all).unwrap()
    }

    pub async fn introspect(&self, token: &str) -> Answer {
        self.introspection(&json!({"identity_provider": "azuread", "token": token}))
            .await
    }

    /// Without saying whose token it is.
    pub async fn introspect_unnamed(&self, token: &str) -> Answer {
        self.introspection(&json!({"token": token})).await
    }

    pub async fn introspection(&self, body: &Value) -> Answer {
        let body = body.to_string();
        let length = body.len();
        self.send(&format!(
            "POST /api/v1/introspect HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// From now on the provider has this fault and no other.
    pub fn break_with(&self, fault: Fault) {
        self.provider.faults().set([fault]).unwrap();
    }

    /// Has the keys fetched as if the time for that had come, and waits until they have been.
    pub async fn fetch_keys_in_time(&self) {
        let fetched = self.keys_fetched().await;
        self.advance_secs(361);
        self.introspect(&self.inbound(0, json!({}))).await;
        self.until(async || self.keys_fetched().await > fetched)
            .await;
    }

    /// Calls for keys that have ended, however.
    pub async fn keys_fetched(&self) -> u64 {
        let metrics = self.operations("/metrics").await.text();
        let counts = metrics
            .lines()
            .filter(|line| line.starts_with("laredo_upstream_requests_total{"))
            .filter(|line| line.contains(r#"operation="keys""#))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        counts.sum()
    }
}

impl Answer {
    pub fn is_active(&self) -> bool {
        self.status == 200 && self.json()["active"] == json!(true)
    }

    #[track_caller]
    pub fn assert_active(&self) {
        assert!(self.is_active(), "{}", self.text());
    }

    #[track_caller]
    pub fn assert_inactive(&self, error: &str) {
        let expected = json!({"active": false, "error": error});
        assert_eq!((self.status, self.json()), (200, expected));
    }

    /// An outage, told with everything that belongs to it.
    #[track_caller]
    pub fn assert_unavailable(&self) {
        let expected = json!({"active": false, "error": "signing keys are unavailable"});
        assert_eq!((self.status, self.json()), (503, expected));
        let seconds: u64 = self.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=5).contains(&seconds), "{seconds}");
        assert_eq!(self.headers("content-type"), ["application/json"]);
        assert_eq!(self.headers("cache-control"), ["no-store"]);
    }
}
