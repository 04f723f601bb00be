//! Tokens in exchange for those of users (RFC 8693), which are verified for real.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::super::Played;
use super::super::entra_token::{Form, field};
use super::super::jwt::{Claims, Jwt};
use super::super::refusal::Refusal;
use super::Realm;
use super::client::LEEWAY;
use super::token::Due;

/// What of a user stands in the token for the next app too.
const CARRIED: [&str; 2] = ["pid", "acr"];

impl Realm {
    pub(super) async fn exchanged(&self, headers: &HeaderMap, form: &Form) -> Result<Due, Refusal> {
        self.check_client(headers, form)?;
        if field(form, "subject_token_type") != Some(self.subject_token_type()) {
            let text = "There is no such type of subject token.";
            return Err(Refusal::invalid_request(text));
        }
        let token = field(form, "subject_token");
        let token = token.ok_or(Refusal::invalid_request("There is no subject token."))?;
        let user = self.user(token).await?;
        let target = match self.played {
            Played::TokenX => field(form, "audience"),
            _ => ["audience", "resource", "scope"]
                .iter()
                .find_map(|name| field(form, name)),
        };
        let target = target.ok_or(Refusal::invalid_request("There is no target."))?;
        let mut claims = self.claims(json!({"aud": target, "sub": user.sub, "idp": user.iss}));
        let carried = user.rest.into_iter();
        claims.extend(carried.filter(|(name, _)| CARRIED.contains(&name.as_str())));
        let end = claims.get("exp").and_then(Value::as_u64);
        claims.insert(
            "exp".to_owned(),
            end.unwrap_or_default().min(user.exp).into(),
        );
        Ok(Due {
            claims,
            is_exchanged: true,
        })
    }

    fn subject_token_type(&self) -> &'static str {
        match self.played {
            Played::TokenX => "urn:ietf:params:oauth:token-type:jwt",
            _ => "urn:ietf:params:oauth:token-type:access_token",
        }
    }

    /// What a user's token says: one of this provider's own, or of one that it trusts, for the app.
    async fn user(&self, token: &str) -> Result<Claims, Refusal> {
        let wrong = |text| Err(Refusal::invalid_grant(text));
        let Some(jwt) = Jwt::read(token) else {
            return wrong("The subject token is no JWT.");
        };
        let mut known = std::iter::once(self).chain(self.trusted.iter().map(AsRef::as_ref));
        let Some(issuer) = known.find(|realm| realm.endpoints.issuer == jwt.claims.iss) else {
            return wrong("The subject token's issuer is not trusted.");
        };
        if !issuer.signing_keys.have_signed(&jwt).await {
            return wrong("The subject token's signature is wrong.");
        }
        if !jwt.claims.aud.is(issuer.client_id) {
            return wrong("The subject token is for another client.");
        }
        if !jwt.claims.are_in_time(self.shared.now(), LEEWAY) {
            return wrong("The subject token is out of time.");
        }
        Ok(jwt.claims)
    }
}
