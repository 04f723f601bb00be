//! The operations listener: probes and metrics, never a token.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::watch;

/// Whether the daemon wants work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Tokens of `LAREDO_PREFETCH` are still awaited.
    Starting,
    /// Ready.
    Ready,
    /// Told to stop.
    Stopping,
}

/// Writes all metrics in Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> Vec<u8> + Send + Sync>;

#[derive(Clone)]
struct Operations {
    render_metrics: RenderMetrics,
    readiness: watch::Receiver<Readiness>,
}

/// `/`, `/healthz`, `/readyz` and `/metrics`.
pub fn routes(render_metrics: RenderMetrics, readiness: watch::Receiver<Readiness>) -> Router {
    Router::new()
        .route("/", get(healthz))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(Operations {
            render_metrics,
            readiness,
        })
}

/// The runtime turns over; nothing else is asked, least of all the provider.
async fn healthz() -> &'static str {
    "ok"
}

async fn readyz(State(operations): State<Operations>) -> (StatusCode, &'static str) {
    match *operations.readiness.borrow() {
        Readiness::Starting => (
            StatusCode::SERVICE_UNAVAILABLE,
            "waiting for the tokens of LAREDO_PREFETCH",
        ),
        Readiness::Ready => (StatusCode::OK, "ready"),
        Readiness::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
    }
}

async fn metrics(State(operations): State<Operations>) -> impl IntoResponse {
    const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, TEXT_FORMAT)], (operations.render_metrics)())
}
