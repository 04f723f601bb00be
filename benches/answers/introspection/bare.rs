//! The handlers to compare introspection with.

use std::sync::Arc;

use axum::extract::Json;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::Value;

use super::tokens;
use crate::bare::serve;

/// The argument that makes this binary a handler which looks at no token.
pub(crate) const ANSWERER: &str = "--serve-answers";
/// The argument that makes this binary a handler which verifies each token.
pub(crate) const VERIFIER: &str = "--serve-verdicts";
/// The variable that carries the key set.
pub(crate) const JWKS: &str = "BENCH_JWKS";

const PATH: &str = "/api/v1/introspect";

#[derive(Deserialize)]
struct Request {
    identity_provider: String,
    token: String,
}

/// Answers as many bytes as the daemon does, without looking at the token.
pub(crate) fn serve_answerer() {
    let claims = tokens::Signer::new().token(0);
    let payload = claims.split('.').nth(1).expect("three parts").len();
    let body: &'static str = "e".repeat(payload / 4 * 3 + 15).leak();
    let handler = move |Json(request): Json<Request>| async move {
        std::hint::black_box((request.identity_provider, request.token));
        ([(CONTENT_TYPE, "application/json")], body)
    };
    serve(axum::Router::new().route(PATH, post(handler)));
}

/// Verifies each token with jsonwebtoken, as it comes, and answers with its claims.
pub(crate) fn serve_verifier() {
    let jwks = std::env::var(JWKS).expect("the bench gives a key set");
    let jwks: JwkSet = serde_json::from_str(&jwks).expect("a key set");
    let key = jwks.keys.first().expect("a key");
    let key = Arc::new(DecodingKey::from_jwk(key).expect("a key"));
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[tokens::AUDIENCE]);
    validation.set_issuer(&[tokens::ISSUER]);
    let validation = Arc::new(validation);
    let handler = move |Json(request): Json<Request>| {
        let (key, validation) = (Arc::clone(&key), Arc::clone(&validation));
        async move {
            std::hint::black_box(request.identity_provider);
            let token = decode::<Value>(&request.token, &key, &validation);
            Json(token.expect("it is valid").claims)
        }
    };
    serve(axum::Router::new().route(PATH, post(handler)));
}
