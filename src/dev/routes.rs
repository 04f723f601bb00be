//! The provider's paths.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::Value;

use crate::clock::Clock;

use super::answer::{self, Answer};
use super::effect::Effect;
use super::entra_error::EntraError;
use super::entra_metadata::Endpoints;
use super::entra_token::{Form, Grant, field};
use super::fault_routes;
use super::mint::Order;
use super::registrations::Registrations;
use super::secrets::Secrets;
use super::signing_keys::SigningKeys;
use super::{Calls, Faults, FaultyEndpoint};

/// The one tenant, and what all calls share.
pub(super) struct Tenant {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) object_id: String,
    pub(super) secrets: Secrets,
    pub(super) registrations: Registrations,
    pub(super) endpoints: Endpoints,
    pub(super) signing_keys: SigningKeys,
    pub(super) clock: Clock,
    pub(super) calls: Calls,
    pub(super) faults: Faults,
}

pub(super) fn router(tenant: Arc<Tenant>) -> Router {
    let faults = fault_routes::router(tenant.faults.clone());
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(metadata),
        )
        .route("/mint", post(mint))
        .route("/rotate", post(rotate))
        .with_state(tenant)
        .merge(faults)
}

async fn token(
    State(tenant): State<Arc<Tenant>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = form(&headers, &body);
    let pending = tenant.calls.arrive(&form);
    pending.pass_gate().await;
    let effect = tenant
        .faults
        .effect(FaultyEndpoint::Token, field(&form, "scope"));
    let answer = async |effect: Option<&Effect>| tenant.answer(&name, &form, effect).await;
    tenant.with_effect(effect, answer).await
}

async fn keys(State(tenant): State<Arc<Tenant>>, Path(name): Path<String>) -> Response {
    tenant.calls.count_keys();
    let effect = tenant.faults.effect(FaultyEndpoint::Keys, None);
    let answer = async |_: Option<&Effect>| match tenant.signing_keys.published().await {
        Ok(keys) => tenant.document(&name, &tenant.endpoints.keys_document(&keys)),
        Err(_) => {
            EntraError::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_answer(tenant.now())
        }
    };
    tenant.with_effect(effect, answer).await
}

async fn metadata(State(tenant): State<Arc<Tenant>>, Path(name): Path<String>) -> Response {
    tenant.calls.count_metadata();
    let effect = tenant.faults.effect(FaultyEndpoint::Metadata, None);
    let answer =
        async |_: Option<&Effect>| tenant.document(&name, &tenant.endpoints.metadata_document());
    tenant.with_effect(effect, answer).await
}

/// A token for trying introspection, as text.
async fn mint(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Response {
    let order = match serde_urlencoded::from_bytes::<Order>(&body) {
        Ok(order) => order,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match order.mint(&tenant, tenant.now()).await {
        Ok(token) => format!("{token}\n").into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

/// From now on a new key signs; the old ones stay published.
async fn rotate(State(tenant): State<Arc<Tenant>>) -> Response {
    match tenant.signing_keys.rotate().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// Entra does not read what is not called a form.
fn form(headers: &HeaderMap, body: &[u8]) -> Vec<(String, String)> {
    if !is(headers, "application/x-www-form-urlencoded") {
        return Vec::new();
    }
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

/// Whether the body is of this media type, parameters apart.
pub(super) fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let stated = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = stated.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}

impl Tenant {
    /// The answer that the call deserves, but for what a fault does to a token answer's members.
    async fn answer(&self, name: &str, form: &Form, effect: Option<&Effect>) -> Answer {
        let grant = self
            .check_name(name)
            .and_then(|()| Grant::check(self, form));
        let grant = match grant {
            Ok(grant) => grant,
            Err(refusal) => return refusal.into_answer(self.now()),
        };
        let signed = match self.signing_keys.current().await {
            Ok(key) => grant.members(self, &key, self.now()),
            Err(failed) => Err(failed),
        };
        let Ok(mut members) = signed else {
            return EntraError::of_status(StatusCode::INTERNAL_SERVER_ERROR)
                .into_answer(self.now());
        };
        if let Some(effect) = effect {
            effect.change_members(&mut members);
        }
        members.into_answer()
    }

    /// An answer, and what a fault makes of it.
    async fn with_effect(
        &self,
        effect: Option<Arc<Effect>>,
        answer: impl AsyncFnOnce(Option<&Effect>) -> Answer,
    ) -> Response {
        let Some(effect) = effect else {
            return answer(None).await.map(Body::from);
        };
        match effect.before_answer().await {
            Some(response) => response,
            None => effect.change_answer(answer(Some(&effect)).await, self.now()),
        }
    }

    fn document(&self, name: &str, document: &Value) -> Answer {
        match self.check_name(name) {
            Ok(()) => answer::json(StatusCode::OK, document.to_string()),
            Err(refusal) => refusal.into_answer(self.now()),
        }
    }

    fn check_name(&self, name: &str) -> Result<(), EntraError> {
        match name.eq_ignore_ascii_case(&self.id) {
            true => Ok(()),
            false => Err(EntraError::unknown_tenant(name)),
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now().wall()
    }
}
