//! The provider's paths.

use std::io;
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
use tokio::sync::OnceCell;

use crate::clock::Clock;

use super::answer::{self, Answer};
use super::effect::Effect;
use super::entra_error::EntraError;
use super::entra_metadata::Endpoints;
use super::entra_token::{Form, Grant, field};
use super::fault_routes;
use super::registrations::Registrations;
use super::secrets::Secrets;
use super::{Calls, Faults, SigningKey};

/// The one tenant, and what all calls share.
pub(super) struct Tenant {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) object_id: String,
    pub(super) secrets: Secrets,
    pub(super) registrations: Registrations,
    pub(super) endpoints: Endpoints,
    pub(super) signing_key: OnceCell<Arc<SigningKey>>,
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
    let effect = tenant.faults.effect(field(&form, "scope"));
    if let Some(effect) = &effect
        && let Some(response) = effect.before_answer().await
    {
        return response;
    }
    let answer = tenant.answer(&name, &form, effect.as_deref()).await;
    match effect {
        Some(effect) => effect.change_answer(answer, tenant.now()),
        None => answer.map(Body::from),
    }
}

async fn keys(State(tenant): State<Arc<Tenant>>, Path(name): Path<String>) -> Response {
    tenant.calls.count_keys();
    match tenant.key().await {
        Ok(key) => tenant.document(&name, &tenant.endpoints.keys_document(key)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn metadata(State(tenant): State<Arc<Tenant>>, Path(name): Path<String>) -> Response {
    tenant.calls.count_metadata();
    tenant.document(&name, &tenant.endpoints.metadata_document())
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
        let signed = match self.key().await {
            Ok(key) => grant.members(self, key, self.now()),
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

    fn document(&self, name: &str, document: &Value) -> Response {
        let answer = match self.check_name(name) {
            Ok(()) => answer::json(StatusCode::OK, document.to_string()),
            Err(refusal) => refusal.into_answer(self.now()),
        };
        answer.map(Body::from)
    }

    fn check_name(&self, name: &str) -> Result<(), EntraError> {
        match name.eq_ignore_ascii_case(&self.id) {
            true => Ok(()),
            false => Err(EntraError::unknown_tenant(name)),
        }
    }

    /// The key, made off the runtime's threads when it is first needed.
    async fn key(&self) -> io::Result<&Arc<SigningKey>> {
        self.signing_key
            .get_or_try_init(|| async { tokio::task::spawn_blocking(SigningKey::generate).await? })
            .await
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now().wall()
    }
}
