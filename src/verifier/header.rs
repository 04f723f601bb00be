//! A token's header (RFC 7515 §4): what it may say, and what makes it refused.

use serde_json::{Map, Value};

use super::Algorithm;
use crate::json::Unambiguous;

/// Parameters that change what the token means. None is understood here, so none may be there (RFC 7515 §4.1.11,
/// RFC 7797, RFC 7516 §4.1).
const REFUSED: [&str; 5] = ["crit", "b64", "zip", "enc", "cty"];
/// What `typ` may say, in any case: a JWT (RFC 7519 §5.1) or an access token (RFC 9068 §2.1). Other kinds of JWT
/// are made for other purposes and must not pass for an access token (RFC 8725 §3.11).
const TYPES: [&str; 4] = ["JWT", "application/jwt", "at+jwt", "application/at+jwt"];

/// What is used of a header. Where it points to keys of its own (`jwk`, `jku`, `x5u`, `x5c`) is not even read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// `alg`, if it is one that is understood.
    pub(super) algorithm: Option<Algorithm>,
    /// `kid`, if it is a string.
    pub(super) key_id: Option<String>,
}

impl Header {
    /// Reads a header; `None` if it is not one JSON object without ambiguity, or says what is not understood.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Unambiguous>(json).ok()?;
        let parameters: Map<String, Value> = serde_json::from_slice(json).ok()?;
        if REFUSED.iter().any(|name| parameters.contains_key(*name)) {
            return None;
        }
        if !parameters.get("typ").is_none_or(is_access_token) {
            return None;
        }
        let text = |name| parameters.get(name).and_then(Value::as_str);
        Some(Self {
            algorithm: text("alg").and_then(Algorithm::parse),
            key_id: text("kid").map(str::to_owned),
        })
    }
}

fn is_access_token(typ: &Value) -> bool {
    let text = typ.as_str().unwrap_or_default();
    TYPES.iter().any(|known| known.eq_ignore_ascii_case(text))
}
