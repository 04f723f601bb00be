//! Who a client is, verified for real: a secret (RFC 6749 §2.3.1) or an assertion (RFC 7523 §3).

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::Played;
use super::super::client_assertion::TYPE;
use super::super::entra_token::{Form, field};
use super::super::jwt::Jwt;
use super::super::refusal::Refusal;
use super::Realm;

/// How far clocks may differ.
pub(super) const LEEWAY: Duration = Duration::from_secs(10);
/// The longest life that an assertion may have, in seconds (Maskinporten's rule).
const LONGEST_LIFE: u64 = 120;

impl Realm {
    /// Whether the client shows who it is, in a way that there is here.
    pub(super) fn check_client(&self, headers: &HeaderMap, form: &Form) -> Result<(), Refusal> {
        if let Some(assertion) = field(form, "client_assertion") {
            if field(form, "client_assertion_type") != Some(TYPE) {
                let text = "There is no such type of client assertion.";
                return Err(Refusal::invalid_request(text));
            }
            let jwt = self.assertion(assertion)?;
            return match jwt.claims.sub == self.client_id {
                true => Ok(()),
                false => Err(Refusal::invalid_client(
                    "The assertion's subject is another.",
                )),
            };
        }
        match (self.played, secret(headers, form)) {
            (Played::Generic, Some((id, secret)))
                if id == self.client_id && self.secrets.accept(&secret) =>
            {
                Ok(())
            }
            _ => Err(Refusal::invalid_client(
                "The client is unknown, or its secret is wrong.",
            )),
        }
    }

    /// An assertion of the client's own. It is good for once.
    pub(super) fn assertion<'a>(&self, text: &'a str) -> Result<Jwt<'a>, Refusal> {
        let wrong = |text| Err(Refusal::invalid_client(text));
        let Some(jwt) = Jwt::read(text) else {
            return wrong("The assertion is no JWT.");
        };
        let key = self.registrations.find(jwt.key_name());
        if !key.is_some_and(|key| jwt.is_signed_by(&key)) {
            return wrong("The assertion is not signed by a registered key.");
        }
        let claims = &jwt.claims;
        if claims.iss != self.client_id {
            return wrong("The assertion's issuer is not the client.");
        }
        if !self.is_meant_by(&jwt) {
            return wrong("The assertion is for somebody else.");
        }
        let life = claims.exp.saturating_sub(claims.iat.unwrap_or_default());
        if life > LONGEST_LIFE || !claims.are_in_time(self.shared.now(), LEEWAY) {
            return wrong("The assertion lives too long, or is out of time.");
        }
        let jti = claims.jti.as_deref().unwrap_or_default();
        if jti.is_empty() || !self.registrations.use_up(jti) {
            return wrong("The assertion has no jti, or one that was used before.");
        }
        Ok(jwt)
    }

    fn is_meant_by(&self, jwt: &Jwt<'_>) -> bool {
        let by_endpoint =
            self.played == Played::Generic && jwt.claims.aud.is(&self.endpoints.token);
        by_endpoint || jwt.claims.aud.is(&self.endpoints.issuer)
    }
}

/// Id and secret, from the header or the form.
fn secret(headers: &HeaderMap, form: &Form) -> Option<(String, String)> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        let (id, secret) = (field(form, "client_id")?, field(form, "client_secret")?);
        return Some((id.to_owned(), secret.to_owned()));
    };
    let base64 = header.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(base64).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// Both are form-encoded first (RFC 6749 §2.3.1).
fn decoded(text: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("x={text}")).ok()?;
    pairs.into_iter().next().map(|(_, value)| value)
}
