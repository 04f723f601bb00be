//! Tokens for trying introspection and exchange, and new keys, by `curl`.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde::Deserialize;

use super::Played;
use super::mint::{Claims, Order};
use super::realm::Realms;
use super::routes::Tenant;
use super::signing_keys::SigningKeys;

/// Every provider that is played.
#[derive(Clone)]
pub(super) struct Cast {
    pub(super) tenant: Arc<Tenant>,
    pub(super) realms: Realms,
}

impl Cast {
    pub(super) fn signing_keys(&self, played: Played) -> &SigningKeys {
        match self.realms.get(played) {
            Some(realm) => &realm.signing_keys,
            None => &self.tenant.signing_keys,
        }
    }

    /// A token of that provider's.
    pub(super) async fn mint(&self, order: Order) -> io::Result<String> {
        let played = order.provider;
        order
            .mint(self.usual(played)?, self.signing_keys(played))
            .await
    }

    fn usual(&self, played: Played) -> io::Result<Claims> {
        match self.realms.get(played) {
            Some(realm) => Ok(realm.usual_claims()),
            None => self.tenant.usual_claims(),
        }
    }
}

pub(super) fn router(cast: Cast) -> Router {
    Router::new()
        .route("/mint", post(mint))
        .route("/rotate", post(rotate))
        .with_state(cast)
}

/// A token as text.
async fn mint(State(cast): State<Cast>, body: Bytes) -> Response {
    let order = match serde_urlencoded::from_bytes::<Order>(&body) {
        Ok(order) => order,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match cast.mint(order).await {
        Ok(token) => format!("{token}\n").into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

/// Whose keys.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Rotation {
    provider: Played,
}

/// From now on a new key signs; the old ones stay published.
async fn rotate(State(cast): State<Cast>, body: Bytes) -> Response {
    let Rotation { provider } = match serde_urlencoded::from_bytes(&body) {
        Ok(rotation) => rotation,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    match cast.signing_keys(provider).rotate().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
