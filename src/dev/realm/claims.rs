//! What stands in the tokens of these providers.

use serde_json::{Value, json};

use super::super::Played;
use super::super::jwt::seconds;
use super::super::mint::Claims;
use super::super::options::random_guid;
use super::Realm;

/// Seconds for which tokens live.
const LIFETIME: u32 = 3600;
/// Maskinporten's (<https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token>).
const SHORT_LIFETIME: u32 = 120;

impl Realm {
    /// Seconds for which its tokens live.
    pub(super) fn lifetime(&self) -> u32 {
        match self.played {
            Played::Maskinporten => SHORT_LIFETIME,
            _ => LIFETIME,
        }
    }

    /// What stands in each token, and these claims.
    pub(super) fn claims(&self, more: Value) -> Claims {
        let now = seconds(self.shared.now());
        let mut claims = members(json!({
            "iss": self.endpoints.issuer,
            "client_id": self.client_id,
            "iat": now,
            "exp": now.saturating_add(u64::from(self.lifetime())),
            "jti": random_guid(),
        }));
        claims.extend(members(more));
        claims.retain(|_, value| !value.is_null());
        claims
    }

    /// The claims of a good token for the app: one of a user, but for Maskinporten, which has no users.
    pub(in super::super) fn usual_claims(&self) -> Claims {
        match self.played {
            Played::Maskinporten => self.claims(consumer(json!({"scope": "test:scope"}))),
            Played::TokenX | Played::IdPorten => self.claims(json!({
                "aud": self.client_id,
                "sub": random_guid(),
                "pid": "00000000000",
                "acr": "idporten-loa-high",
            })),
            _ => self.claims(json!({"aud": self.client_id, "sub": random_guid()})),
        }
    }
}

/// Those of the organisation that the client belongs to, which is made up.
pub(super) fn consumer(claims: Value) -> Value {
    let mut claims = members(claims);
    claims.extend(members(json!({
        "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:000000000"},
        "client_amr": "private_key_jwt",
    })));
    Value::Object(claims)
}

fn members(value: Value) -> Claims {
    match value {
        Value::Object(members) => members,
        _ => Claims::new(),
    }
}
