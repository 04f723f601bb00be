//! Users' tokens, and what apps do with them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use laredo::dev::Played;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

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
