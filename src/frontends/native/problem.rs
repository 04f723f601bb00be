//! Requests that get no further: each kind with its status and its words.

use std::borrow::Cow;

use axum::http::header::{ALLOW, CONNECTION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::answer;

/// What is wrong with a request.
#[derive(Debug, PartialEq)]
pub(in crate::frontends) enum Problem {
    /// The text names the field or header, and never repeats a value.
    Request(String),
    /// The body broke off, or was not what its headers said.
    BodyBroken,
    TooLarge,
    /// `Host` names somebody else.
    Misdirected,
    /// A browser page, or a proxy, stands behind the request.
    Forbidden(&'static str),
    NotFound,
    MethodNotAllowed,
}

impl Problem {
    pub(in crate::frontends) fn request(text: &str) -> Self {
        Self::Request(text.to_owned())
    }

    /// The answer: RFC 6749 §5.2, always `invalid_request`.
    pub(in crate::frontends) fn answer(&self) -> Response {
        let mut response = answer::oauth_error(self.status(), "invalid_request", &self.text());
        let headers = response.headers_mut();
        match self {
            Self::MethodNotAllowed => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            Self::TooLarge | Self::BodyBroken => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Request(_) | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    pub(super) fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Request(text) => text,
            Self::BodyBroken => "the body broke off",
            Self::TooLarge => "the body is larger than 64 KiB",
            Self::Misdirected => {
                "Host is neither this machine's loopback name nor in LAREDO_ALLOWED_HOSTS"
            }
            Self::Forbidden(text) => text,
            Self::NotFound => "there is nothing at this path; tokens are at /api/v1/token",
            Self::MethodNotAllowed => "only POST is understood here",
        })
    }
}
