//! The token endpoint of these providers: which grant it is, and the token that it gets.

use axum::http::HeaderMap;

use super::super::Played;
use super::super::answer::{Answer, Members};
use super::super::effect::Effect;
use super::super::entra_token::{Form, field};
use super::super::mint::Claims;
use super::super::refusal::Refusal;
use super::Realm;

/// RFC 8693 §2.1.
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 7523 §2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// RFC 8693 §3.
const ACCESS_TOKEN: &str = r#""urn:ietf:params:oauth:token-type:access_token""#;

/// What a token that is due says, and what the answer says of it.
pub(super) struct Due {
    pub(super) claims: Claims,
    pub(super) is_exchanged: bool,
}

impl Realm {
    /// The answer that the call deserves, but for what a fault does to its members.
    pub(super) async fn answer(
        &self,
        headers: &HeaderMap,
        form: &Form,
        effect: Option<&Effect>,
    ) -> Answer {
        let due = match self.due(headers, form).await {
            Ok(due) => due,
            Err(refusal) => return refusal.into_answer(),
        };
        let key = self.signing_keys.current().await;
        let Ok(token) = key.and_then(|key| key.sign(&due.claims)) else {
            return Refusal::invalid_request("There is no key.").into_answer();
        };
        let mut members = Members::plain(&token, self.lifetime());
        if due.is_exchanged {
            members.replace("issued_token_type", ACCESS_TOKEN);
        }
        if let Some(effect) = effect {
            effect.change_members(&mut members);
        }
        members.into_answer()
    }

    async fn due(&self, headers: &HeaderMap, form: &Form) -> Result<Due, Refusal> {
        match (self.played, field(form, "grant_type")) {
            (Played::Maskinporten, Some(JWT_BEARER)) => self.by_assertion(form),
            (Played::Generic, Some("client_credentials")) => self.for_client(headers, form),
            (Played::TokenX | Played::Generic, Some(TOKEN_EXCHANGE)) => {
                self.exchanged(headers, form).await
            }
            _ => Err(Refusal::unsupported_grant_type()),
        }
    }
}
