//! Refusals in the words of the standards (RFC 6749 §5.2).

use std::time::SystemTime;

use axum::http::StatusCode;
use serde_json::json;

use super::answer::{self, Answer};

/// Why a token endpoint gives no token.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    text: &'static str,
}

impl Refusal {
    pub(super) const fn invalid_client(text: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", text)
    }

    pub(super) const fn invalid_grant(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", text)
    }

    pub(super) const fn invalid_request(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", text)
    }

    pub(super) const fn unsupported_grant_type() -> Self {
        let text = "There is no such grant here.";
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", text)
    }

    const fn new(status: StatusCode, error: &'static str, text: &'static str) -> Self {
        Self {
            status,
            error,
            text,
        }
    }

    /// What is likely to be said with this status.
    pub(super) fn of_status(status: StatusCode, _: SystemTime) -> Answer {
        let error = match status.as_u16() {
            401 => "invalid_client",
            429 | 500.. => "temporarily_unavailable",
            _ => "invalid_request",
        };
        Self::new(status, error, "Ordered by a fault.").into_answer()
    }

    pub(super) fn into_answer(self) -> Answer {
        let body = json!({"error": self.error, "error_description": self.text});
        answer::json(self.status, body.to_string())
    }
}
