//! What can be made to go wrong, as it is written on the wire and in tests.

use serde::{Deserialize, Serialize};

use super::Played;

/// What a fault happens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultyEndpoint {
    /// Calls for a token.
    #[default]
    Token,
    /// Calls for the keys.
    Keys,
    /// Calls for the metadata.
    Metadata,
}

impl FaultyEndpoint {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What goes wrong with calls, in the order in which it happens to a call. Every field may be left out;
/// what is left out stays as it is.
///
/// The members of a token answer are given as JSON text, so that every value can be had (`"3599"` with its
/// quotes, `-1`, `1e400`, `null`); empty text leaves the member out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// What it happens to; calls for a token if nothing is said.
    #[serde(skip_serializing_if = "FaultyEndpoint::is_usual")]
    pub endpoint: FaultyEndpoint,
    /// Only to calls of this provider.
    pub provider: Option<Played>,
    /// Only to calls for this scope, letter by letter.
    pub only_scope: Option<String>,
    /// Only to every n-th call (from 1), counted from when the fault was turned on: 2 is half of them.
    pub every: Option<u64>,
    /// To that many calls; then it is off.
    pub times: Option<u64>,

    /// Milliseconds before anything else happens.
    pub delay: Option<u64>,
    /// The call is never answered.
    pub hang: bool,
    /// The connection is closed without an answer.
    pub outage: bool,

    /// Member of the token answer, as JSON text.
    pub access_token: Option<String>,
    /// Member of the token answer, as JSON text.
    pub token_type: Option<String>,
    /// Member of the token answer, as JSON text.
    pub expires_in: Option<String>,
    /// Member of the token answer, as JSON text. Without a fault there is none.
    pub refresh_in: Option<String>,
    /// Member of the token answer, as JSON text. Without a fault there is none.
    pub scope: Option<String>,
    /// Member of the answer to an exchange, as JSON text.
    pub issued_token_type: Option<String>,

    /// 429 with this `Retry-After`.
    pub throttle: Option<String>,
    /// 302 to this URL.
    pub redirect: Option<String>,
    /// Entra's refusal with this code: 65001 (no consent) or 50076 (more of the user is wanted; a claims challenge).
    pub aadsts: Option<u32>,
    /// The answer's status, 200–599. From 400 on and without `body`: with an error that Entra would send.
    pub status: Option<u16>,
    /// Further headers, `Name: value`, one to a line. The answer's own ones of these names are left out.
    pub headers: Option<String>,
    /// The answer's whole body.
    pub body: Option<String>,
    /// The answer's `Content-Type`; empty text leaves it out.
    pub content_type: Option<String>,
    /// Half of the answer's body is sent, then the connection is closed.
    pub truncate: bool,
}
