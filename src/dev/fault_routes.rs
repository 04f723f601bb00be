//! Faults turned on and off with `curl`.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use serde_json::Value;

use super::answer;
use super::routes::is;
use super::{Fault, Faults, InvalidFault};

pub(super) fn router(faults: Faults) -> Router {
    Router::new()
        .route("/faults", get(show).post(turn_on).delete(turn_off))
        .with_state(faults)
}

async fn show(State(faults): State<Faults>) -> Response {
    shown(&faults)
}

async fn turn_on(State(faults): State<Faults>, headers: HeaderMap, body: Bytes) -> Response {
    match read(&headers, &body).and_then(|fault| faults.set([fault])) {
        Ok(()) => {
            tracing::info!("the identity provider has a fault now");
            shown(&faults)
        }
        Err(InvalidFault(why)) => (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response(),
    }
}

async fn turn_off(State(faults): State<Faults>) -> Response {
    faults.clear();
    tracing::info!("the identity provider has no fault now");
    shown(&faults)
}

/// JSON where the client says so, else a form: what `curl -d` sends.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Fault, InvalidFault> {
    if is(headers, "application/json") {
        serde_json::from_slice(body).map_err(|error| InvalidFault(error.to_string()))
    } else {
        serde_urlencoded::from_bytes(body).map_err(|error| InvalidFault(error.to_string()))
    }
}

/// A JSON array of what is on, each with the fields that say something.
fn shown(faults: &Faults) -> Response {
    let on: Vec<Value> = faults.on().iter().filter_map(said).collect();
    let text = format!("{}\n", Value::Array(on));
    answer::json(StatusCode::OK, text).map(Body::from)
}

fn said(fault: &Fault) -> Option<Value> {
    let mut value = serde_json::to_value(fault).ok()?;
    value
        .as_object_mut()?
        .retain(|_, field| !matches!(field, Value::Null | Value::Bool(false)));
    Some(value)
}
