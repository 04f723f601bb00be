//! Tokens for the app itself: Maskinporten's grant (RFC 7523 §2.1), and client credentials (RFC 6749 §4.4).

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::super::entra_token::{Form, field};
use super::super::refusal::Refusal;
use super::Realm;
use super::claims::consumer;
use super::token::Due;

impl Realm {
    /// All that is asked for stands in the assertion, and then in the token.
    pub(super) fn by_assertion(&self, form: &Form) -> Result<Due, Refusal> {
        let assertion = field(form, "assertion");
        let assertion = assertion.ok_or(Refusal::invalid_request("There is no assertion."))?;
        let asked = self.assertion(assertion)?.claims.rest;
        let said = |name: &str| asked.get(name).cloned().unwrap_or_default();
        if !said("scope").is_string() {
            return Err(Refusal::invalid_grant("The assertion asks for no scope."));
        }
        let claims = consumer(json!({
            "scope": said("scope"),
            "aud": said("resource"),
            "authorization_details": said("authorization_details"),
        }));
        Ok(Due {
            claims: self.claims(claims),
            is_exchanged: false,
        })
    }

    pub(super) fn for_client(&self, headers: &HeaderMap, form: &Form) -> Result<Due, Refusal> {
        self.check_client(headers, form)?;
        let details = field(form, "authorization_details");
        let details = details.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let claims = json!({
            "sub": self.client_id,
            "aud": field(form, "audience").or(field(form, "resource")),
            "scope": field(form, "scope"),
            "authorization_details": details,
        });
        Ok(Due {
            claims: self.claims(claims),
            is_exchanged: false,
        })
    }
}
