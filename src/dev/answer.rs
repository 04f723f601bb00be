//! The token endpoint's answer before it is sent: whole, so that faults can change it.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderValue, Response, StatusCode};
use bytes::Bytes;

/// An answer with its whole body.
pub(super) type Answer = Response<Bytes>;

/// JSON as Entra sends it.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-cache"),
    );
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

/// The members of a token answer (RFC 6749 §5.1), their values as JSON text.
#[derive(Debug)]
pub(super) struct Members(Vec<(&'static str, String)>);

impl Members {
    /// Entra's members. The token is a JWT and needs no escaping.
    pub(super) fn new(access_token: &str, seconds: u32) -> Self {
        Self(vec![
            ("token_type", r#""Bearer""#.to_owned()),
            ("expires_in", seconds.to_string()),
            ("ext_expires_in", seconds.to_string()),
            ("access_token", format!(r#""{access_token}""#)),
        ])
    }

    /// The members that every provider has.
    pub(super) fn plain(access_token: &str, seconds: u32) -> Self {
        let mut members = Self::new(access_token, seconds);
        members.replace("ext_expires_in", "");
        members
    }

    /// Puts a member in place of the one of that name. Empty text leaves it out.
    pub(super) fn replace(&mut self, name: &'static str, text: &str) {
        self.0.retain(|(present, _)| *present != name);
        if !text.is_empty() {
            self.0.push((name, text.to_owned()));
        }
    }

    pub(super) fn into_answer(self) -> Answer {
        let members: Vec<String> = self
            .0
            .into_iter()
            .map(|(name, text)| format!(r#""{name}":{text}"#))
            .collect();
        json(StatusCode::OK, format!("{{{}}}", members.join(",")))
    }
}
