//! Tokens for trying introspection: good ones, and ones with something wrong.

use std::io;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::signing_keys::{self, SigningKeys};
use super::{Played, SigningKey};

/// The members of a JWT's claims set.
pub(super) type Claims = Map<String, Value>;

/// How long ago an expired token has ended, and how long one that is not yet valid has to wait, in seconds.
const AN_HOUR: i64 = 3600;

/// What a minted token is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    #[default]
    Valid,
    Expired,
    NotYetValid,
    OtherAudience,
    OtherIssuer,
    /// Signed with a key that is not published.
    UnknownKey,
    /// Signed with another key than it names.
    BadSignature,
    /// `alg` is `none`, and there is no signature.
    Unsigned,
}

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Order {
    /// Whose token; Entra's if nothing is said.
    pub(super) provider: Played,
    pub(super) kind: Kind,
    /// Claims in place of the usual ones, as a JSON object; `null` leaves a claim out.
    pub(super) claims: Option<String>,
}

impl Order {
    /// The token. `usual`: the claims that a good one has; `keys`: what signs it.
    pub(super) async fn mint(self, usual: Claims, keys: &SigningKeys) -> io::Result<String> {
        let key = keys.current().await?;
        let claims = Value::Object(self.claims(usual)?);
        match self.kind {
            Kind::UnknownKey => signing_keys::generate().await?.sign(&claims),
            Kind::BadSignature => {
                let other = signing_keys::generate().await?;
                other.sign_as(&header("RS256", &key), &claims)
            }
            Kind::Unsigned => {
                let signed = key.sign_as(&header("none", &key), &claims)?;
                let end = signed.rfind('.').unwrap_or_default();
                Ok(signed.get(..=end).unwrap_or_default().to_owned())
            }
            _ => key.sign(&claims),
        }
    }

    fn claims(&self, mut claims: Claims) -> io::Result<Claims> {
        claims.extend(self.kind.changes(&claims));
        if let Some(wanted) = &self.claims {
            claims.extend(serde_json::from_str::<Claims>(wanted)?);
        }
        claims.retain(|_, value| !value.is_null());
        Ok(claims)
    }
}

impl Kind {
    /// The claims that make a token of this kind.
    fn changes(self, usual: &Claims) -> Claims {
        let begin = usual.get("iat").and_then(Value::as_i64).unwrap_or_default();
        let at = |seconds: i64| json!(begin.saturating_add(seconds));
        let changes = match self {
            Self::Expired => {
                json!({"iat": at(-2 * AN_HOUR), "nbf": at(-2 * AN_HOUR), "exp": at(-AN_HOUR)})
            }
            Self::NotYetValid => json!({"nbf": at(AN_HOUR), "exp": at(2 * AN_HOUR)}),
            Self::OtherAudience => json!({"aud": "somebody-else"}),
            Self::OtherIssuer => json!({"iss": "https://issuer.example"}),
            _ => json!({}),
        };
        match changes {
            Value::Object(changes) => changes,
            _ => Claims::new(),
        }
    }
}

fn header(algorithm: &str, key: &SigningKey) -> Value {
    json!({"typ": "JWT", "alg": algorithm, "kid": key.id()})
}
