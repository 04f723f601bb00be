//! What these providers publish about themselves: metadata (RFC 8414 §2) and keys (RFC 7517 §5).

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{Endpoints, Played, SigningKey};
use super::Realm;

impl Endpoints {
    /// Those of a provider that is not Entra.
    pub(super) fn of_realm(base_url: &str, played: Played) -> Self {
        let issuer = format!("{base_url}/{}", played.as_str());
        let metadata = match played {
            // RFC 8414 §3.1 puts the well-known part before the issuer's path.
            Played::Generic => format!("{base_url}/.well-known/oauth-authorization-server/generic"),
            Played::IdPorten => format!("{issuer}/.well-known/openid-configuration"),
            _ => format!("{issuer}/.well-known/oauth-authorization-server"),
        };
        Self {
            token: format!("{issuer}/token"),
            keys: format!("{issuer}/jwks"),
            metadata,
            issuer,
        }
    }
}

impl Realm {
    pub(super) fn metadata_document(&self) -> Value {
        let methods: &[&str] = match self.played {
            Played::Generic => &[
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            _ => &["private_key_jwt"],
        };
        json!({
            "issuer": self.endpoints.issuer,
            "token_endpoint": self.endpoints.token,
            "token_endpoint_auth_methods_supported": methods,
            "jwks_uri": self.endpoints.keys,
            "response_types_supported": ["token"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    pub(super) fn keys_document(keys: &[Arc<SigningKey>]) -> Value {
        let mut keys: Vec<Value> = keys.iter().map(|key| key.jwk("")).collect();
        for members in keys.iter_mut().filter_map(Value::as_object_mut) {
            // Entra's alone.
            members.remove("issuer");
            members.insert("alg".to_owned(), "RS256".into());
        }
        json!({"keys": keys})
    }
}
