//! `/api/v1/*`: the wire format that Texas' clients speak.

mod answer;
mod body;
mod fields;
#[cfg(feature = "dev")]
pub mod fuzzing;
mod media_type;
pub(super) mod problem;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, post};

use problem::Problem;
use request::Body;

use crate::broker::Broker;

/// Where an app gets a token for itself.
pub(super) const TOKEN_PATH: &str = "/api/v1/token";
/// Where an app gets a token on behalf of a user.
pub(super) const EXCHANGE_PATH: &str = "/api/v1/token/exchange";
/// Where an app asks whether a token is valid.
pub(super) const INTROSPECT_PATH: &str = "/api/v1/introspect";

/// The routes, each with its own answer to methods that it does not take.
pub(super) fn routes(broker: Arc<Broker>) -> Router {
    Router::new()
        .route(TOKEN_PATH, only_post(post(token)))
        .route(EXCHANGE_PATH, only_post(post(exchange)))
        .route(INTROSPECT_PATH, only_post(post(introspect)))
        .fallback(|| async { Problem::NotFound.answer() })
        .with_state(broker)
}

fn only_post(route: MethodRouter<Arc<Broker>>) -> MethodRouter<Arc<Broker>> {
    route.fallback(|| async { Problem::MethodNotAllowed.answer() })
}

/// `POST /api/v1/token` (RFC 6749 §4.4, §5).
async fn token(State(broker): State<Arc<Broker>>, request: Request) -> Response {
    let body = Body::read(request).await;
    let (request, freshness) = match body.and_then(|body| body.token_request(broker.providers())) {
        Ok(read) => read,
        Err(problem) => return problem.answer(),
    };
    match broker.token(request, freshness).await {
        Ok(served) => answer::token(served.held.token(), served.at),
        Err(failed) => answer::error(&failed),
    }
}

/// `POST /api/v1/token/exchange` (RFC 8693).
async fn exchange(State(broker): State<Arc<Broker>>, request: Request) -> Response {
    let body = Body::read(request).await;
    let asked = body.and_then(|body| body.exchange(broker.providers()));
    let (request, user_token, freshness) = match asked {
        Ok(read) => read,
        Err(problem) => return problem.answer(),
    };
    match broker.exchange(request, user_token, freshness).await {
        Ok(served) => answer::token(served.held.token(), served.at),
        Err(failed) => answer::error(&failed),
    }
}

/// `POST /api/v1/introspect` (RFC 7662 §2).
async fn introspect(State(broker): State<Arc<Broker>>, request: Request) -> Response {
    let body = match Body::read(request).await {
        Ok(body) => body,
        Err(problem) => return problem.answer(),
    };
    let asked = match body.introspection(broker.providers()) {
        Ok(asked) => asked,
        Err(problem) => return problem.answer(),
    };
    let verdict = broker.introspect(asked.provider, asked.token()).await;
    answer::introspection(verdict)
}
