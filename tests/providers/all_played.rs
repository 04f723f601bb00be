//! A daemon with every provider on, and what apps ask of it.

use laredo::dev::IdentityProvider;
use serde_json::Value;

use crate::support::{Answer, TestApp, built_in_provider};

impl TestApp {
    /// A daemon with every provider on, all of them played, and further variables; an empty value takes one away.
    pub async fn with_all(variables: &[(&str, &str)]) -> Self {
        Self::with_all_of(built_in_provider().await, variables).await
    }

    /// The same, at this provider.
    pub async fn with_all_of(provider: IdentityProvider, variables: &[(&str, &str)]) -> Self {
        let values = provider.variables();
        let played = values.iter().map(|(name, value)| (*name, value.expose()));
        let environment = [("BIND_ADDRESS", "127.0.0.1:0")].into_iter().chain(played);
        let environment = environment.map(|(name, value)| (name, value.to_owned()));
        Self::run(provider, environment.collect(), variables).await
    }

    /// Asks for a token in exchange for a user's.
    pub async fn exchange(&self, body: &Value) -> Answer {
        self.post_to(
            "/api/v1/token/exchange",
            "application/json",
            &body.to_string(),
        )
        .await
    }

    /// Asks whether a token is valid.
    pub async fn introspected(&self, body: &Value) -> Value {
        self.post_to("/api/v1/introspect", "application/json", &body.to_string())
            .await
            .json()
    }
}
