//! What Entra says of assertions that it does not take.

use axum::http::StatusCode;

use super::entra_error::EntraError;

impl EntraError {
    pub(super) fn unsupported_assertion_type() -> Self {
        let text = "Unsupported 'client_assertion_type' value.";
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            90023,
            text.to_owned(),
        )
    }

    pub(super) fn malformed_assertion() -> Self {
        let text = "JWT token is invalid or malformed.";
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            50027,
            text.to_owned(),
        )
    }

    pub(super) fn unknown_key(reason: &str) -> Self {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. \
             [Reason - {reason}]"
        );
        Self::refused_assertion(700_027, text)
    }

    pub(super) fn wrong_signature() -> Self {
        let text = "Client assertion failed signature validation.";
        Self::refused_assertion(700_027, text.to_owned())
    }

    pub(super) fn wrong_assertion_subject() -> Self {
        let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
        Self::refused_assertion(700_021, text.to_owned())
    }

    pub(super) fn wrong_assertion_audience() -> Self {
        let text = "Client assertion audience claim does not match Realm issuer.";
        Self::refused_assertion(700_023, text.to_owned())
    }

    pub(super) fn assertion_out_of_time() -> Self {
        let text = "Client assertion is not within its valid time range.";
        Self::refused_assertion(700_024, text.to_owned())
    }

    /// Entra may let it pass; here it is refused, so that tests find out.
    pub(super) fn assertion_used_before() -> Self {
        let text = "Client assertion has no 'jti', or one that was used before.";
        Self::refused_assertion(700_027, text.to_owned())
    }

    pub(super) fn unknown_assertion_issuer(issuer: &str) -> Self {
        let text = format!(
            "No matching federated identity record found for presented assertion issuer '{issuer}'."
        );
        Self::refused_assertion(700_211, text)
    }

    pub(super) fn no_federated_audience() -> Self {
        let text = "No matching federated identity record found for presented assertion audience.";
        Self::refused_assertion(700_212, text.to_owned())
    }

    pub(super) fn no_federated_subject(subject: &str) -> Self {
        let text = format!(
            "No matching federated identity record found for presented assertion subject '{subject}'. Check your \
             federated identity credential Subject, Audience and Issuer against the presented assertion."
        );
        Self::refused_assertion(700_213, text)
    }

    fn refused_assertion(code: u32, text: String) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", code, text)
    }
}
