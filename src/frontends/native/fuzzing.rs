//! Reading a request without a daemon, for the fuzz targets (`fuzz`). No production build has it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;

use super::problem::Problem;
use super::request::Body;
use crate::oauth::{Freshness, ProviderName, TokenRequest};

/// What is asked of `POST /api/v1/token`.
///
/// # Errors
/// The description of what is wrong with the request.
pub fn token_request(
    content_type: &[u8],
    body: &[u8],
) -> Result<(TokenRequest, Freshness), String> {
    let read = body_of(content_type, body).and_then(|body| body.token_request(&[]));
    read.map_err(|problem| problem.text().into_owned())
}

/// What is asked of `POST /api/v1/introspect`: whose the token should be, and the token.
///
/// # Errors
/// The description of what is wrong with the request.
pub fn introspection(
    content_type: &[u8],
    body: &[u8],
) -> Result<(Option<ProviderName>, String), String> {
    let body = body_of(content_type, body).map_err(|problem| problem.text().into_owned())?;
    match body.introspection(&[]) {
        Ok(asked) => Ok((asked.provider, asked.token().to_owned())),
        Err(problem) => Err(problem.text().into_owned()),
    }
}

/// A body that is there as a whole is read without waiting.
fn body_of(content_type: &[u8], body: &[u8]) -> Result<Body, Problem> {
    let mut request = Request::new(body.to_vec().into());
    if let Ok(value) = HeaderValue::from_bytes(content_type) {
        request.headers_mut().insert(CONTENT_TYPE, value);
    }
    let reading = pin!(Body::read(request));
    match reading.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => read,
        Poll::Pending => Err(Problem::BodyBroken),
    }
}
