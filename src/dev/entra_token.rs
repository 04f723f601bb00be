//! Entra's token endpoint: what a call must have, and the token it then gets.

use std::io;
use std::time::SystemTime;

use super::SigningKey;
use super::answer::Members;
use super::client_assertion::{self, ClientAssertion};
use super::entra_claims::LIFETIME;
use super::entra_error::EntraError;
use super::mint::Claims;
use super::on_behalf_of;
use super::routes::Tenant;

/// A form, in the order of its fields.
pub(super) type Form = [(String, String)];

/// A call that may have its token, for the audience.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    audience: &'a str,
    /// What the token says of the user, if there is one.
    user: Option<Claims>,
    proof: Proof,
}

/// By what the client showed who it is.
#[derive(Clone, Copy, Debug)]
enum Proof {
    Secret,
    Assertion,
}

impl<'a> Grant<'a> {
    /// Checks a call of the client credentials grant (RFC 6749 §4.4.2), or one on behalf of a user.
    pub(super) async fn check(tenant: &Tenant, form: &'a Form) -> Result<Self, EntraError> {
        let for_user = match required(form, "grant_type")? {
            "client_credentials" => false,
            on_behalf_of::GRANT_TYPE => true,
            other => return Err(EntraError::unsupported_grant_type(other)),
        };
        let client_id = required(form, "client_id")?;
        if client_id != tenant.client_id {
            return Err(EntraError::unknown_client(client_id, &tenant.id));
        }
        let audience = audience(required(form, "scope")?)?;
        let proof = Proof::check(tenant, form)?;
        let user = match for_user {
            true => Some(on_behalf_of::user(tenant, form).await?),
            false => None,
        };
        Ok(Self {
            audience,
            user,
            proof,
        })
    }

    /// The answer with a token that is like no other.
    pub(super) fn members(
        &self,
        tenant: &Tenant,
        key: &SigningKey,
        now: SystemTime,
    ) -> io::Result<Members> {
        let mut claims = tenant.claims(self.audience, self.proof.number(), now)?;
        if let Some(user) = &self.user {
            claims.remove("roles");
            claims.extend(user.clone());
        }
        let token = key.sign(&claims)?;
        Ok(Members::new(&token, LIFETIME))
    }
}

impl Proof {
    fn check(tenant: &Tenant, form: &Form) -> Result<Self, EntraError> {
        if let Some(assertion) = field(form, "client_assertion") {
            if required(form, "client_assertion_type")? != client_assertion::TYPE {
                return Err(EntraError::unsupported_assertion_type());
            }
            ClientAssertion::parse(assertion)?.check(tenant, tenant.now())?;
            return Ok(Self::Assertion);
        }
        let secret = field(form, "client_secret").ok_or_else(EntraError::missing_credential)?;
        if !tenant.secrets.accept(secret) {
            return Err(EntraError::wrong_secret(&tenant.client_id));
        }
        Ok(Self::Secret)
    }

    /// As it stands in a token's `azpacr`.
    fn number(self) -> &'static str {
        match self {
            Self::Secret => "1",
            Self::Assertion => "2",
        }
    }
}

/// A field that is there and not empty; of several, the first.
pub(super) fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    let (_, value) = form.iter().find(|(key, _)| key == name)?;
    (!value.is_empty()).then_some(value)
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, EntraError> {
    field(form, name).ok_or_else(|| EntraError::missing_parameter(name))
}

/// The resource that a scope names: all before `/.default`.
fn audience(scope: &str) -> Result<&str, EntraError> {
    match scope.strip_suffix("/.default") {
        Some(resource) if !resource.is_empty() && !resource.contains(' ') => Ok(resource),
        _ => Err(EntraError::invalid_scope(scope)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_is_the_scopes_resource() {
        for (scope, resource) in [
            ("api://a.b.c/.default", "api://a.b.c"),
            (
                "8a1f1e6a-0000-4000-8000-000000000001/.default",
                "8a1f1e6a-0000-4000-8000-000000000001",
            ),
            ("https://graph.example//.default", "https://graph.example/"),
        ] {
            assert_eq!(audience(scope).unwrap(), resource);
        }
    }

    #[test]
    fn a_scope_is_one_resource_with_default_behind_it() {
        for scope in [
            "",
            "/.default",
            "api://a",
            "api://a/read",
            "a/.default b/.default",
            "a/.default ",
        ] {
            assert!(audience(scope).is_err(), "{scope:?}");
        }
    }
}
