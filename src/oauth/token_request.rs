//! What an app asks for. The request is the cache key, so two requests that differ never share a token.

use std::fmt;
use std::sync::Arc;

use super::{ProviderName, Subject, UserToken};

/// A request for a token: for the app itself (RFC 6749 §4.4), or on behalf of a user (RFC 8693).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenRequest {
    /// Who shall issue the token.
    pub provider: ProviderName,
    /// On whose behalf.
    pub subject: Subject,
    /// What the token is for: a scope, audience or resource, in the provider's own terms.
    pub target: String,
    /// Resource indicator (RFC 8707).
    pub resource: Option<String>,
    /// Rich authorization request (RFC 9396): a JSON array of objects in canonical form, its names sorted.
    pub authorization_details: Option<String>,
}

impl TokenRequest {
    /// A request of the app's own for `target`, in which Entra's short form `cluster:namespace:app` is written out.
    #[must_use]
    pub fn new(provider: ProviderName, target: &str) -> Self {
        let written_out = match provider {
            ProviderName::EntraId => written_out(target),
            _ => None,
        };
        Self {
            provider,
            subject: Subject::Application,
            target: written_out.unwrap_or_else(|| target.to_owned()),
            resource: None,
            authorization_details: None,
        }
    }
}

impl TokenRequest {
    /// The length of its texts, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.target
            .len()
            .saturating_add(length(&self.resource))
            .saturating_add(length(&self.authorization_details))
    }
}

/// The scope that `cluster:namespace:app` stands for; `None` for any other text.
fn written_out(target: &str) -> Option<String> {
    let mut parts = target.split(':');
    let (cluster, namespace, app) = (parts.next()?, parts.next()?, parts.next()?);
    let is_name = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    let is_short_form = parts.next().is_none()
        && cluster != "urn"
        && [cluster, namespace, app].into_iter().all(is_name);
    is_short_form.then(|| format!("api://{cluster}.{namespace}.{app}/.default"))
}

/// Whether a held token will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// A held token will do.
    Cached,
    /// Only a token from a fetch that begins after the request (`skip_cache`).
    Renewed,
}

/// Why a fetch was begun, which decides how hard it tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody waits and has no token, or wants none of the held ones: worth a retry.
    Caller,
    /// To renew a held token: a failure is followed by back-off, not by a retry.
    Renewal,
}

/// One fetch to carry out.
#[derive(Clone, Debug)]
pub struct Errand {
    /// What is asked for.
    pub request: Arc<TokenRequest>,
    /// Why.
    pub purpose: Purpose,
    /// The user's token, if it is on a user's behalf.
    pub user_token: Option<UserToken>,
}

/// What is asked of a provider, as fixed texts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A token for the app itself.
    TokenRequest,
    /// A token on behalf of a user.
    TokenExchange,
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TokenRequest => "token requests",
            Self::TokenExchange => "token exchange",
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("dev-gcp:my_team:app.1", "api://dev-gcp.my_team.app.1/.default")]
    #[case("api://dev-gcp.team.app/.default", "api://dev-gcp.team.app/.default")]
    #[case("urn:team:app", "urn:team:app")]
    #[case("a:b", "a:b")]
    #[case("a:b:c:d", "a:b:c:d")]
    #[case("a::c", "a::c")]
    #[case("a:b:c/.default", "a:b:c/.default")]
    #[case("a b:c:d", "a b:c:d")]
    #[case::of_b2c(
        "https://contoso.onmicrosoft.com/orders/.default",
        "https://contoso.onmicrosoft.com/orders/.default"
    )]
    #[case::of_b2c_twice(
        "https://contoso.onmicrosoft.com/a/read https://contoso.onmicrosoft.com/a/write",
        "https://contoso.onmicrosoft.com/a/read https://contoso.onmicrosoft.com/a/write"
    )]
    fn entras_short_form_is_written_out(#[case] target: &str, #[case] expected: &str) {
        assert_eq!(
            TokenRequest::new(ProviderName::EntraId, target).target,
            expected
        );
    }

    #[test]
    fn other_providers_targets_stay_as_they_are() {
        let request = TokenRequest::new(ProviderName::Maskinporten, "a:b:c");

        assert_eq!(request.target, "a:b:c");
    }
}
