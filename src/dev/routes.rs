//! Entra's paths.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::Value;

use super::answer::{self, Answer};
use super::effect::Effect;
use super::entra_error::EntraError;
use super::entra_token::{Form, Grant, field};
use super::registrations::Registrations;
use super::secrets::Secrets;
use super::shared::Shared;
use super::signing_keys::SigningKeys;
use super::{Endpoints, FaultyEndpoint, Played};

/// The provider that is at these paths.
const HERE: Played = Played::EntraId;

/// Entra's one tenant.
pub(super) struct Tenant {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) object_id: String,
    pub(super) secrets: Secrets,
    pub(super) registrations: Registrations,
    pub(super) endpoints: Endpoints,
    pub(super) signing_keys: SigningKeys,
    pub(super) shared: Shared,
}

pub(super) fn router(tenant: Arc<Tenant>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(metadata),
        )
        .with_state(tenant)
}

async fn token(
    State(tenant): State<Arc<Tenant>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = form(&headers, &body);
    let pending = tenant.shared.calls.arrive(HERE, &headers, &form);
    pending.pass_gate().await;
    let scope = field(&form, "scope");
    let effect = tenant
        .shared
        .faults
        .effect(HERE, FaultyEndpoint::Token, scope);
    let answer = async |effect: Option<&Effect>| tenant.answer(&name, &form, effect).await;
    tenant
        .shared
        .with_effect(effect, EntraError::of_status, answer)
        .await
}

async fn keys(State(tenant): State<Arc<Tenant>>, Path(name): Path<String>) -> Response {
    tenant.shared.calls.count_keys();
    let effect = tenant
        .shared
        .faults
        .effect(HERE, FaultyEndpoint::Keys, None);
    let answer = async |_: Option<&Effect>| match tenant.signing_keys.published().await {
        Ok(keys) => tenant.document(&name, &tenant.endpoints.keys_document(&keys)),
        Err(_) => EntraError::of_status(StatusCode::INTERNAL_SERVER_ERROR, tenant.now()),
    };
    tenant
        .shared
        .with_effect(effect, EntraError::of_status, answer)
        .await
}

async fn metadata(State(tenant): State<Arc<Tenant>>, Path(name): Path<String>) -> Response {
    tenant.shared.calls.count_metadata();
    let effect = tenant
        .shared
        .faults
        .effect(HERE, FaultyEndpoint::Metadata, None);
    let answer =
        async |_: Option<&Effect>| tenant.document(&name, &tenant.endpoints.metadata_document());
    tenant
        .shared
        .with_effect(effect, EntraError::of_status, answer)
        .await
}

/// Entra does not read what is not called a form.
pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Vec<(String, String)> {
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
        let grant = match self.check_name(name) {
            Ok(()) => Grant::check(self, form).await,
            Err(refusal) => Err(refusal),
        };
        let grant = match grant {
            Ok(grant) => grant,
            Err(refusal) => return refusal.into_answer(self.now()),
        };
        let signed = match self.signing_keys.current().await {
            Ok(key) => grant.members(self, &key, self.now()),
            Err(failed) => Err(failed),
        };
        let Ok(mut members) = signed else {
            return EntraError::of_status(StatusCode::INTERNAL_SERVER_ERROR, self.now());
        };
        if let Some(effect) = effect {
            effect.change_members(&mut members);
        }
        members.into_answer()
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
        self.shared.now()
    }
}
