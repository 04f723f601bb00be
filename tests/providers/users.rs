//! Users' tokens, and what apps do with them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use laredo::dev::{IdentityProvider, Played};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, built_in_provider};

/// The providers that exchange, each with a provider of users' tokens that it knows, and a target.
pub const EXCHANGING: [(Played, Played, &str); 4] = [
    (Played::EntraId, Played::EntraId, "api://c.n.other/.default"),
    (Played::TokenX, Played::IdPorten, "cluster:namespace:other"),
    (Played::TokenX, Played::TokenX, "cluster:namespace:other"),
    (Played::Generic, Played::Generic, "other"),
];

/// What a JWT says, read without trust.
pub fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&json).unwrap()
}

impl TestApp {
    /// A daemon with every provider on, all of them played, and further variables; an empty value takes one away.
    pub async fn with_all(variables: &[(&str, &str)]) -> Self {
        Self::with_all_of(built_in_provider().await, variables).await
    }

    /// The same, at this provider.
    pub async fn with_all_of(provider: IdentityProvider, variables: &[(&str, &str)]) -> Self {
        let values = provider.variables();
        let played = values.iter().map(|(name, value)| (*name, value.expose()));
        let address = [("BIND_ADDRESS", "127.0.0.1:0")];
        let environment: Vec<_> = address.into_iter().chain(played).collect();
        Self::run(provider, &environment, variables).await
    }

    /// Asks for a token in exchange for a user's.
    pub async fn exchange(&self, body: &Value) -> Answer {
        self.post_to("/api/v1/token/exchange", body).await
    }

    /// Asks whether a token is valid.
    pub async fn introspect(&self, body: &Value) -> Value {
        self.post_to("/api/v1/introspect", body).await.json()
    }

    async fn post_to(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// A user's token, whose `sub` is the user's name.
    pub async fn user(&self, issuer: Played, name: &str) -> String {
        self.user_with(issuer, &json!({"sub": name})).await
    }

    pub async fn user_with(&self, issuer: Played, claims: &Value) -> String {
        self.provider.user_token(issuer, claims).await.unwrap()
    }

    /// A token of that provider's for the app itself.
    pub async fn token_of(&self, provider: Played, target: &str) -> Answer {
        self.post_json(&json!({"identity_provider": provider, "target": target}))
            .await
    }

    /// A token of that provider's on behalf of a user.
    pub async fn on_behalf(&self, provider: Played, target: &str, user_token: &str) -> Answer {
        self.exchange(&body(provider, target, user_token)).await
    }
}

pub fn body(provider: Played, target: &str, user_token: &str) -> Value {
    json!({"identity_provider": provider, "target": target, "user_token": user_token})
}
