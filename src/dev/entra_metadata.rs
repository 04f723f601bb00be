//! What Entra publishes about itself: metadata (OpenID Connect Discovery §3) and keys (RFC 7517 §5).

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Endpoints, SigningKey};

impl Endpoints {
    /// Those of a tenant of Entra's.
    pub(super) fn of_tenant(base_url: &str, tenant_id: &str) -> Self {
        let tenant = format!("{base_url}/{tenant_id}");
        Self {
            issuer: format!("{tenant}/v2.0"),
            token: format!("{tenant}/oauth2/v2.0/token"),
            keys: format!("{tenant}/discovery/v2.0/keys"),
            metadata: format!("{tenant}/v2.0/.well-known/openid-configuration"),
        }
    }

    pub(super) fn metadata_document(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "token_endpoint": self.token,
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": self.keys,
            "grant_types_supported": ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    pub(super) fn keys_document(&self, keys: &[Arc<SigningKey>]) -> Value {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk(&self.issuer)).collect();
        json!({"keys": keys})
    }
}
