//! Entra's on-behalf-of flow: the user's token, verified for real
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow>).

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

use super::entra_error::EntraError;
use super::entra_token::Form;
use super::entra_token::required;
use super::jwt::Jwt;
use super::mint::Claims;
use super::routes::Tenant;

/// RFC 7523 §2.1.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How far clocks may differ.
const LEEWAY: Duration = Duration::from_secs(300);
/// What of the user stands in the token for the next app too.
const CARRIED: [&str; 4] = ["oid", "sub", "name", "preferred_username"];

/// What the user's token says of the user.
pub(super) async fn user(tenant: &Tenant, form: &Form) -> Result<Claims, EntraError> {
    if required(form, "requested_token_use")? != "on_behalf_of" {
        return Err(EntraError::missing_parameter("requested_token_use"));
    }
    let jwt = Jwt::read(required(form, "assertion")?)
        .ok_or_else(|| EntraError::refused_user(50027, "JWT token is invalid or malformed."))?;
    if !tenant.signing_keys.have_signed(&jwt).await {
        let text = "Assertion failed signature validation. [Reason - The key was not found.]";
        return Err(EntraError::refused_user(50013, text));
    }
    if jwt.claims.iss != tenant.endpoints.issuer {
        let text = "Assertion issuer is not this tenant.";
        return Err(EntraError::refused_user(50013, text));
    }
    if !jwt.claims.aud.is(&tenant.client_id) {
        let text = "Assertion audience does not match the Client app presenting the assertion.";
        return Err(EntraError::refused_user(500_131, text));
    }
    if !jwt.claims.are_in_time(tenant.now(), LEEWAY) {
        let text = "Assertion is not within its valid time range.";
        return Err(EntraError::refused_user(500_133, text));
    }
    let mut user = jwt.claims.rest;
    user.insert("sub".to_owned(), Value::from(jwt.claims.sub));
    user.retain(|name, _| CARRIED.contains(&name.as_str()));
    user.insert("scp".to_owned(), Value::from("access_as_user"));
    Ok(user)
}

impl EntraError {
    fn refused_user(code: u32, text: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            code,
            text.to_owned(),
        )
    }
}
