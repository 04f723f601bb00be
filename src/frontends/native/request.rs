//! From the fields of a request to what the broker is asked. Descriptions name the field, never its value.

use std::borrow::Cow;

use axum::extract::Request;
use bytes::Bytes;
use serde_json::value::RawValue;

use super::fields::{self, Field, Fields};
use super::media_type::MediaType;
use super::problem::Problem;
use super::{body, media_type};
use crate::json::{NotCanonical, canonical};
use crate::oauth::{Freshness, ProviderName, TokenRequest, UserToken};

/// The longest `target`, in bytes.
const LONGEST_TARGET: usize = 4 * 1024;
/// The longest `user_token`, in bytes.
const LONGEST_USER_TOKEN: usize = 32 * 1024;
/// How deep `authorization_details` may be, the array itself counted.
const DEEPEST_DETAILS: usize = 16;

/// A request's body, and how it is written.
pub(super) struct Body {
    media_type: MediaType,
    bytes: Bytes,
}

impl Body {
    /// Reads the whole body.
    pub(super) async fn read(request: Request) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let media_type = media_type::read(&head.headers)?;
        let bytes = body::read(body).await?;
        Ok(Self { media_type, bytes })
    }

    /// What is asked of `POST /api/v1/token`.
    pub(super) fn token_request(
        &self,
        known: &[ProviderName],
    ) -> Result<(TokenRequest, Freshness), Problem> {
        let fields = self.fields(fields::TOKEN)?;
        let provider = provider(&fields.identity_provider, known)?;
        let mut request = TokenRequest::new(provider, target(&fields.target)?);
        request.resource = resource(fields.resource)?;
        request.authorization_details = authorization_details(fields.authorization_details)?;
        Ok((request, freshness(&fields.skip_cache)?))
    }

    /// What is asked of `POST /api/v1/token/exchange`.
    pub(super) fn exchange(
        &self,
        known: &[ProviderName],
    ) -> Result<(TokenRequest, UserToken, Freshness), Problem> {
        let fields = self.fields(fields::EXCHANGE)?;
        let provider = provider(&fields.identity_provider, known)?;
        let request = TokenRequest::new(provider, target(&fields.target)?);
        let user_token = user_token(&fields.user_token)?;
        Ok((request, user_token, freshness(&fields.skip_cache)?))
    }

    /// What is asked of `POST /api/v1/introspect`.
    pub(super) fn introspection(
        &self,
        known: &[ProviderName],
    ) -> Result<Introspection<'_>, Problem> {
        let fields = self.fields(fields::INTROSPECT)?;
        let provider = match &fields.identity_provider {
            Field::Absent => None,
            named => Some(provider(named, known)?),
        };
        let token = match fields.token {
            Field::Text(token) => token,
            Field::Absent => return Err(wrong("token", "is missing")),
            _ => return Err(wrong("token", "is not a string")),
        };
        Ok(Introspection { provider, token })
    }

    fn fields(&self, route: fields::Route) -> Result<Fields<'_>, Problem> {
        Fields::read(self.media_type, &self.bytes, route)
    }
}

/// A token to say something about.
pub(super) struct Introspection<'a> {
    /// Whose it should be, if that was said.
    pub(super) provider: Option<ProviderName>,
    token: Cow<'a, str>,
}

impl Introspection<'_> {
    /// The token as it should be.
    pub(super) fn token(&self) -> &str {
        bare(&self.token)
    }
}

/// A token without what is often copied along from an `Authorization` header (RFC 6750 §2.1).
fn bare(token: &str) -> &str {
    let token = token.trim();
    match token.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("Bearer") => rest.trim_start(),
        _ => token,
    }
}

/// Visible ASCII, as it has to stand in a header (RFC 6750 §2.1); what else it is, the provider knows.
fn user_token(field: &Field<'_>) -> Result<UserToken, Problem> {
    let wrong = |what| wrong("user_token", what);
    let text = match field {
        Field::Text(text) => bare(text),
        Field::Absent => return Err(wrong("is missing")),
        _ => return Err(wrong("is not a string")),
    };
    if text.is_empty() || text.eq_ignore_ascii_case("Bearer") {
        return Err(wrong("is empty"));
    }
    if text.len() > LONGEST_USER_TOKEN {
        return Err(wrong("is longer than 32 KiB"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("has characters that no token has"));
    }
    Ok(UserToken::new(text.to_owned()))
}

fn wrong(field: &str, what: &str) -> Problem {
    Problem::Request(format!("field `{field}` {what}"))
}

fn provider(field: &Field<'_>, known: &[ProviderName]) -> Result<ProviderName, Problem> {
    let wrong = |what| wrong("identity_provider", what);
    match field {
        Field::Text(text) => ProviderName::find(text, known).ok_or_else(|| {
            wrong("is not one of entra_id (or azuread), maskinporten, tokenx, idporten, or of LAREDO_PROVIDERS")
        }),
        Field::Absent => Err(wrong("is missing")),
        _ => Err(wrong("is not a string")),
    }
}

fn target<'a>(field: &'a Field<'_>) -> Result<&'a str, Problem> {
    let wrong = |what| wrong("target", what);
    match field {
        Field::Text(text) if text.trim().is_empty() => Err(wrong("is blank")),
        Field::Text(text) if text.len() > LONGEST_TARGET => Err(wrong("is longer than 4 KiB")),
        Field::Text(text) if text.chars().any(char::is_control) => {
            Err(wrong("has a control character"))
        }
        Field::Text(text) => Ok(text),
        Field::Absent => Err(wrong("is missing")),
        _ => Err(wrong("is not a string")),
    }
}

fn resource(field: Field<'_>) -> Result<Option<String>, Problem> {
    match field {
        Field::Text(text) => Ok(Some(text.into_owned())),
        Field::Absent => Ok(None),
        _ => Err(wrong("resource", "is not a string")),
    }
}

/// In their one spelling, so that the order of names does not split the cache key.
fn authorization_details(field: Field<'_>) -> Result<Option<String>, Problem> {
    let wrong = |what| Err(wrong("authorization_details", what));
    let json = match &field {
        Field::Absent => return Ok(None),
        Field::Text(text) => text,
        Field::Other(json) => *json,
        Field::Boolean(_) => "",
    };
    match canonical(json, DEEPEST_DETAILS) {
        Ok(details) if is_array_of_objects(&details) => Ok(Some(details)),
        Err(NotCanonical::TooDeep) => wrong("is deeper than 16 levels"),
        Err(NotCanonical::Ambiguous) => wrong("has a name twice in one object"),
        _ => wrong("is not an array of objects"),
    }
}

fn is_array_of_objects(json: &str) -> bool {
    let items: Result<Vec<&RawValue>, _> = serde_json::from_str(json);
    items.is_ok_and(|items| items.iter().all(|item| item.get().starts_with('{')))
}

fn freshness(field: &Field<'_>) -> Result<Freshness, Problem> {
    match field {
        Field::Boolean(true) => Ok(Freshness::Renewed),
        Field::Boolean(false) | Field::Absent => Ok(Freshness::Cached),
        _ => Err(wrong("skip_cache", "is neither true nor false")),
    }
}
