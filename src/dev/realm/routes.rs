//! The paths of these providers.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;

use super::super::effect::Effect;
use super::super::entra_token::field;
use super::super::refusal::Refusal;
use super::super::routes::form;
use super::super::{FaultyEndpoint, Played, answer};
use super::{Realm, Realms};

pub(in super::super) fn router(realms: &Realms, base_url: &str) -> Router {
    let routers = realms.iter().map(|realm| of(realm, base_url));
    routers.fold(Router::new(), Router::merge)
}

fn of(realm: &Arc<Realm>, base_url: &str) -> Router {
    let path = |url: &str| url.strip_prefix(base_url).unwrap_or_default().to_owned();
    let places = &realm.endpoints;
    let router = Router::new()
        .route(&path(&places.keys), get(keys))
        .route(&path(&places.metadata), get(metadata));
    let router = match realm.played {
        Played::IdPorten => router,
        _ => router.route(&path(&places.token), post(token)),
    };
    router.with_state(Arc::clone(realm))
}

async fn token(State(realm): State<Arc<Realm>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    let shared = &realm.shared;
    let pending = shared.calls.arrive(realm.played, &headers, &form);
    pending.pass_gate().await;
    let scope = field(&form, "scope");
    let effect = shared
        .faults
        .effect(realm.played, FaultyEndpoint::Token, scope);
    let answer = async |effect: Option<&Effect>| realm.answer(&headers, &form, effect).await;
    shared.with_effect(effect, Refusal::of_status, answer).await
}

async fn keys(State(realm): State<Arc<Realm>>) -> Response {
    let shared = &realm.shared;
    shared.calls.count_keys();
    let effect = shared
        .faults
        .effect(realm.played, FaultyEndpoint::Keys, None);
    let answer = async |_: Option<&Effect>| match realm.signing_keys.published().await {
        Ok(keys) => answer::json(StatusCode::OK, Realm::keys_document(&keys).to_string()),
        Err(_) => Refusal::of_status(StatusCode::INTERNAL_SERVER_ERROR, shared.now()),
    };
    shared.with_effect(effect, Refusal::of_status, answer).await
}

async fn metadata(State(realm): State<Arc<Realm>>) -> Response {
    let shared = &realm.shared;
    shared.calls.count_metadata();
    let effect = shared
        .faults
        .effect(realm.played, FaultyEndpoint::Metadata, None);
    let document = realm.metadata_document().to_string();
    let answer = async |_: Option<&Effect>| answer::json(StatusCode::OK, document.clone());
    shared.with_effect(effect, Refusal::of_status, answer).await
}
