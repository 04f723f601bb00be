//! Refusals of Entra's that a fault orders by their code: those that want the user to do something.

use axum::http::StatusCode;

use super::entra_error::EntraError;

/// A claims challenge as Conditional Access sends it
/// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
const CHALLENGE: &str = r#"{"access_token":{"polids":{"essential":true,"values":["9ab03e19-ed42-4168-b6b7-7001fb3e933a"]}}}"#;

impl EntraError {
    /// The refusal with this code; `None` where it is not one of them.
    pub(super) fn on_order(code: u32) -> Option<Self> {
        let (error, text) = match code {
            65001 => (
                "invalid_grant",
                "The user or administrator has not consented to use the application. Send an interactive \
                 authorization request for this user and resource.",
            ),
            50076 => (
                "interaction_required",
                "Due to a configuration change made by your administrator, or because you moved to a new location, \
                 you must use multi-factor authentication to access the resource.",
            ),
            _ => return None,
        };
        let further = match code {
            65001 => vec![("suberror", "consent_required")],
            _ => vec![("suberror", "basic_action"), ("claims", CHALLENGE)],
        };
        let refusal = Self::new(StatusCode::BAD_REQUEST, error, code, text.to_owned());
        Some(refusal.with(further))
    }
}
