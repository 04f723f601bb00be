//! The two small servers of the bench: the handler to compare with, and the provider behind the daemon.

use axum::extract::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use serde::Deserialize;

/// The argument that makes this binary the bare handler.
pub(crate) const HANDLER: &str = "--serve-handler";
/// The argument that makes this binary the provider.
pub(crate) const PROVIDER: &str = "--serve-provider";
/// The variable that carries the port of either.
pub(crate) const PORT: &str = "BENCH_PORT";

/// The answer's body in bytes, on both sides: a token of RS256 with a dozen claims comes to about that.
pub(crate) const ANSWER_BYTES: usize = 731;
/// Four digits for the whole run, so that the daemon's answer keeps its length.
const LIFETIME_SECONDS: u32 = 3600;

/// The same fields that the daemon needs to answer.
#[derive(Deserialize)]
struct TokenRequest {
    identity_provider: String,
    target: String,
}

/// `{"access_token": …}` of exactly [`ANSWER_BYTES`], of `seconds` that are left.
fn answer(seconds: u32) -> String {
    let around = |token: &str| {
        format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{seconds}}}"#)
    };
    let room = ANSWER_BYTES - around("").len();
    around(&"e".repeat(room))
}

/// The bare handler, under `axum::serve` as it comes.
pub(crate) fn serve_handler() {
    let body: &'static str = answer(LIFETIME_SECONDS - 1).leak();
    let handler = move |Json(request): Json<TokenRequest>| async move {
        std::hint::black_box((request.identity_provider, request.target));
        ([(CONTENT_TYPE, "application/json")], body)
    };
    serve(axum::Router::new().route("/api/v1/token", post(handler)));
}

/// A provider that always answers with the same token, of such a length that the daemon answers [`ANSWER_BYTES`].
pub(crate) fn serve_provider() {
    let body: &'static str = answer(LIFETIME_SECONDS).leak();
    let handler =
        move || async move { ([(CONTENT_TYPE, "application/json")], body).into_response() };
    serve(axum::Router::new().route("/token", post(handler)));
}

/// Serves until the process is ended.
pub(crate) fn serve(router: axum::Router) {
    let port = std::env::var(PORT).expect("the bench gives a port");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"));
        let listener = listener.await.expect("the port is free");
        axum::serve(listener, router).await.expect("serving");
    });
}
