//! `/api/v1/*`: the wire format that Texas' clients speak.

mod answer;
mod body;
mod fields;
mod media_type;
pub(super) mod problem;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, post};

use problem::Problem;

use crate::broker::Broker;

/// Where an app gets a token for itself.
pub(super) const TOKEN_PATH: &str = "/api/v1/token";

/// The routes, each with its own answer to methods that it does not take.
pub(super) fn routes(broker: Arc<Broker>) -> Router {
    Router::new()
        .route(TOKEN_PATH, only_post(post(token)))
        .fallback(|| async { Problem::NotFound.answer() })
        .with_state(broker)
}

fn only_post(route: MethodRouter<Arc<Broker>>) -> MethodRouter<Arc<Broker>> {
    route.fallback(|| async { Problem::MethodNotAllowed.answer() })
}

/// `POST /api/v1/token` (RFC 6749 §4.4, §5).
async fn token(State(broker): State<Arc<Broker>>, request: Request) -> Response {
    let (request, freshness) = match request::read(request).await {
        Ok(read) => read,
        Err(problem) => return problem.answer(),
    };
    match broker.token(request, freshness).await {
        Ok(served) => answer::token(served.held.token(), served.at),
        Err(failed) => answer::error(&failed),
    }
}
