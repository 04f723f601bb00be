//! The API listener's service: guard, routes, and one count for each answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::HttpBody;
use axum::http::{Method, Request};
use axum::response::Response;
use bytes::Bytes;
use tokio::time::Instant;
use tower_service::Service;

use super::guard::Guard;
use super::native::problem::Problem;
use super::native::{self, EXCHANGE_PATH, INTROSPECT_PATH, TOKEN_PATH};
use crate::broker::Broker;
use crate::metrics::{Metrics, Route};

pub use super::guard::Guard as ApiGuard;

/// Everything that the API listener answers.
#[derive(Clone)]
pub struct Api {
    router: Router,
    guard: Arc<Guard>,
    metrics: Arc<Metrics>,
}

impl Api {
    /// The API in front of `broker`.
    #[must_use]
    pub fn new(broker: Arc<Broker>, guard: Guard, metrics: Arc<Metrics>) -> Self {
        Self {
            router: native::routes(broker),
            guard: Arc::new(guard),
            metrics,
        }
    }
}

impl<B> Service<Request<B>> for Api
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let start = Instant::now();
        let metrics = Arc::clone(&self.metrics);
        let route = match request.uri().path() {
            TOKEN_PATH => Route::Token,
            EXCHANGE_PATH => Route::Exchange,
            INTROSPECT_PATH => Route::Introspect,
            _ => Route::Other,
        };
        let routed = self.admit(&request).map(|()| self.router.call(request));
        Box::pin(async move {
            let response = match routed {
                Ok(response) => response.await?,
                Err(problem) => problem.answer(),
            };
            metrics.http_request(route, response.status().as_u16(), start.elapsed());
            Ok(response)
        })
    }
}

impl Api {
    fn admit<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        self.guard.check(request.uri(), request.headers())?;
        // CONNECT names a host in place of a path, which no route could match.
        if request.method() == Method::CONNECT {
            Err(Problem::MethodNotAllowed)
        } else {
            Ok(())
        }
    }
}
