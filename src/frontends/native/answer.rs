//! Answers to the app: a token, or an OAuth error (RFC 6749 §5).

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::cache::Failed;
use crate::clock::Moment;
use crate::oauth::{Error, Refusal, Token};
use crate::verifier::{Failure, Verdict};

/// The answer that holds a token.
pub(super) fn token(token: &Token, now: Moment) -> Response {
    answer(StatusCode::OK, token.answer(now))
}

/// What is said about a token (RFC 7662 §2.2).
pub(super) fn introspection(verdict: Result<Verdict, Failure>) -> Response {
    match verdict {
        Ok(Verdict::Active(body)) => answer(StatusCode::OK, body),
        Ok(Verdict::Inactive(reason)) => answer(StatusCode::OK, inactive(&reason.to_string())),
        Err(Failure::KeysUnavailable { retry_after }) => {
            // Also for clients that do not look at the status, nothing is valid now.
            let body = inactive("signing keys are unavailable");
            let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, body);
            let seconds = HeaderValue::from(whole_seconds(retry_after));
            response.headers_mut().insert(RETRY_AFTER, seconds);
            response
        }
        Err(Failure::Internal) => {
            let text = Error::Internal.to_string();
            oauth_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", &text)
        }
    }
}

fn inactive(error: &str) -> Vec<u8> {
    json!({"active": false, "error": error})
        .to_string()
        .into_bytes()
}

/// An error of the daemon's or the provider's.
pub(super) fn error(failed: &Failed) -> Response {
    let (status, code) = status_and_code(&failed.error);
    let no_members = Map::new();
    let further = match failed.error.as_ref() {
        Error::Refused(refusal) => &refusal.further,
        _ => &no_members,
    };
    let mut response = oauth_error_with(status, code, &failed.error.to_string(), further);
    if matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        let seconds = HeaderValue::from(whole_seconds(failed.retry_after));
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// An error with nothing but its code and description.
pub(super) fn oauth_error(status: StatusCode, code: &str, description: &str) -> Response {
    oauth_error_with(status, code, description, &Map::new())
}

fn oauth_error_with(
    status: StatusCode,
    code: &str,
    description: &str,
    further: &Map<String, Value>,
) -> Response {
    let mut members = further.clone();
    members.insert("error".to_owned(), json!(code));
    members.insert("error_description".to_owned(), json!(description));
    answer(status, Value::Object(members).to_string().into_bytes())
}

fn answer(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn status_and_code(error: &Error) -> (StatusCode, &str) {
    match error {
        Error::NotEnabled(_) | Error::Unsupported(..) => {
            (StatusCode::BAD_REQUEST, "invalid_request")
        }
        Error::Refused(refusal) => (refused_status(refusal), &refusal.error),
        Error::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable"),
        Error::Unavailable { .. } | Error::Unreachable(_) | Error::Overloaded => {
            (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
        }
        Error::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "temporarily_unavailable"),
        Error::Nonsense(_) => (StatusCode::BAD_GATEWAY, "server_error"),
        Error::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    }
}

fn refused_status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST)
}

/// Rounded up, and at least 1 (RFC 9110 §10.2.3).
fn whole_seconds(duration: Duration) -> u64 {
    let fraction = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(fraction).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_and_never_zero() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (6999, 7)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
