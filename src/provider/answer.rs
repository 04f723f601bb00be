//! What a token endpoint answered, read strictly (RFC 6749 §5): a token, a refusal, or nonsense.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::json::Bounded;
use crate::oauth::{Error, Refusal};
use crate::secret::Secret;

/// What is assumed where `expires_in` is missing or unreadable.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(60);
/// The longest token that fits into a request header of any server.
const LONGEST_TOKEN: usize = 64 * 1024;
/// The longest `error_description` that is passed on, in bytes.
const LONGEST_DESCRIPTION: usize = 1024;
/// The longest `error` code.
const LONGEST_CODE: usize = 64;
/// The longest claims challenge, in bytes of its JSON.
const LONGEST_CLAIMS: usize = 16 * 1024;
/// Members of an error answer that are passed on as they are, if they are not longer than a description.
const FURTHER_MEMBERS: [&str; 5] = [
    "error_codes",
    "error_uri",
    "suberror",
    "correlation_id",
    "trace_id",
];

/// An issued token, as the provider stated it.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) access_token: Secret,
    /// `None`: missing or unreadable; [`Issued::lifetime`] assumes one.
    expires_in: Option<Duration>,
    pub(super) refresh_in: Option<Duration>,
    issued_token_type: Value,
}

/// What may be shown as a bearer token (RFC 8693 §3).
const ACCESS_TOKEN_TYPES: [&str; 2] = [
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:jwt",
];

impl Issued {
    /// How long the token lives, counted from when it was asked for.
    pub(super) fn lifetime(&self) -> Duration {
        self.expires_in.unwrap_or(ASSUMED_LIFETIME)
    }

    /// Whether it is said to be an access token, as it must be in answer to an exchange (RFC 8693 §2.2.1).
    pub(super) fn is_access_token(&self) -> bool {
        let named = self.issued_token_type.as_str();
        named.is_some_and(|named| ACCESS_TOKEN_TYPES.contains(&named))
    }

    pub(super) fn states_no_lifetime(&self) -> bool {
        self.expires_in.is_none()
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
    token_type: Value,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_in: Value,
    #[serde(default)]
    issued_token_type: Value,
}

/// Reads an answer. `pause`: for how long not to call again, as status and header say together.
///
/// # Errors
/// Whatever was answered in place of a token.
pub(super) fn read(status: u16, body: &[u8], pause: Option<Duration>) -> Result<Issued, Error> {
    match (status, pause) {
        (200, _) => read_token(body),
        (300..=399, _) => nonsense("the identity provider answered with a redirect"),
        (429, Some(retry_after)) => Err(Error::Throttled { retry_after }),
        (400..=499, _) => match read_refusal(status, body) {
            Some(refusal) => Err(Error::Refused(Box::new(refusal))),
            None => nonsense("the identity provider refused without saying why"),
        },
        (500..=599, _) => Err(read_server_error(status, body, pause)),
        _ => nonsense("the identity provider answered with a status that means nothing here"),
    }
}

fn nonsense<T>(text: &'static str) -> Result<T, Error> {
    Err(Error::Nonsense(Cow::Borrowed(text)))
}

fn read_token(body: &[u8]) -> Result<Issued, Error> {
    if serde_json::from_slice::<Bounded>(body).is_err() {
        return nonsense("the identity provider's answer is not JSON");
    }
    let Ok(answer) = serde_json::from_slice::<TokenAnswer>(body) else {
        return nonsense("the identity provider's answer holds no token");
    };
    let is_bearer = |text: &str| text.eq_ignore_ascii_case("bearer");
    if !answer.token_type.as_str().is_some_and(is_bearer) {
        return nonsense("unsupported token type");
    }
    if answer.access_token.expose().len() > LONGEST_TOKEN {
        return nonsense("the identity provider's token is too long");
    }
    Ok(Issued {
        access_token: answer.access_token,
        expires_in: seconds(&answer.expires_in),
        refresh_in: seconds(&answer.refresh_in),
        issued_token_type: answer.issued_token_type,
    })
}

/// Whole seconds from an integer, a float or digits in a string; what is below zero is zero.
fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(seconds), _) => Some(Duration::from_secs(seconds)),
            (None, Some(seconds)) => {
                let whole = seconds.max(0.0).trunc();
                Some(Duration::try_from_secs_f64(whole).unwrap_or(Duration::MAX))
            }
            (None, None) => None,
        },
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    }
}

fn read_server_error(status: u16, body: &[u8], retry_after: Option<Duration>) -> Error {
    let retry_after = retry_after.filter(|_| status == 503);
    match (read_refusal(status, body), retry_after) {
        (None, None) => Error::Nonsense(Cow::Borrowed(
            "the identity provider has a fault of its own and does not say which",
        )),
        (refusal, retry_after) => {
            let description = refusal.and_then(|refusal| refusal.description);
            let description = description.map_or(
                Cow::Borrowed("the identity provider is temporarily unavailable"),
                Cow::Owned,
            );
            Error::Unavailable {
                retry_after,
                description,
            }
        }
    }
}

/// Reads an OAuth error answer (RFC 6749 §5.2); `None` if it is not one.
fn read_refusal(status: u16, body: &[u8]) -> Option<Refusal> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return None;
    };
    let error = cleaned(members.get("error")?.as_str()?, LONGEST_CODE);
    if error.is_empty() {
        return None;
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let description = text("error_description").map(|text| cleaned(text, LONGEST_DESCRIPTION));
    Some(Refusal {
        status,
        error,
        description,
        further: further_members(&members),
    })
}

fn further_members(members: &Map<String, Value>) -> Map<String, Value> {
    let limits = FURTHER_MEMBERS.map(|name| (name, LONGEST_DESCRIPTION));
    limits
        .into_iter()
        .chain([("claims", LONGEST_CLAIMS)])
        .filter_map(|(name, limit)| {
            let value = members.get(name)?;
            let fits = !value.is_null() && value.to_string().len() <= limit;
            fits.then(|| (name.to_owned(), value.clone()))
        })
        .collect()
}

/// The text without control characters, cut to at most `limit` bytes.
fn cleaned(text: &str, limit: usize) -> String {
    let cut = text
        .get(..text.floor_char_boundary(limit))
        .unwrap_or_default();
    cut.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;
