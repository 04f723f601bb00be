//! Generic providers: named in `LAREDO_PROVIDERS`, each with variables that bear its name.

use std::ffi::OsString;

use super::catalogue::Variables;
use super::problem::{Complaint, NOT_UTF8, Problems};
use super::uniform::Uniform;
use super::value::entries;
use super::variables::{Given, Variable};
use crate::oauth::ProviderName;
use crate::secret::Secret;

const GROUP: &str = "Generic providers";

/// The variables of each generic provider, for the documentation; `<NAME>` is its name in upper case.
pub(super) const CATALOGUE: &[Variable] = &[
    row(
        "LAREDO_<NAME>_CLIENT_ID",
        None,
        "The app's client id. Needed unless `_CLIENT_AUTH` is `none` and there is an audience.",
        false,
    ),
    row(
        "LAREDO_<NAME>_CLIENT_SECRET",
        None,
        "The client secret.",
        true,
    ),
    row(
        "LAREDO_<NAME>_CLIENT_SECRET_FILE",
        None,
        "The file that holds the client secret.",
        false,
    ),
    row(
        "LAREDO_<NAME>_PRIVATE_JWK",
        None,
        "The private key by which the app proves who it is, as a JWK.",
        true,
    ),
    row(
        "LAREDO_<NAME>_PRIVATE_JWK_FILE",
        None,
        "The file that holds the private key.",
        false,
    ),
    row(
        "LAREDO_<NAME>_WELL_KNOWN_URL",
        None,
        "The URL of the provider's metadata, from which everything is taken that is not set here.",
        false,
    ),
    row(
        "LAREDO_<NAME>_ISSUER",
        None,
        "The issuer. Metadata that names another is refused.",
        false,
    ),
    row(
        "LAREDO_<NAME>_JWKS_URI",
        None,
        "Where the keys are that sign tokens. Without issuer or keys introspection is off.",
        false,
    ),
    row(
        "LAREDO_<NAME>_TOKEN_ENDPOINT",
        None,
        "The token endpoint. It wins over the metadata's.",
        false,
    ),
    row(
        "LAREDO_<NAME>_AUDIENCE",
        None,
        "The audience of inbound tokens. Not set: the client id.",
        false,
    ),
    row(
        "LAREDO_<NAME>_CLIENT_AUTH",
        None,
        "How the app proves who it is: `client_secret_basic`, `client_secret_post`, `private_key_jwt`, or `none` \
         (then it gets no tokens). Not set: `private_key_jwt` if there is a private key, else `client_secret_basic`.",
        false,
    ),
    row(
        "LAREDO_<NAME>_ASSERTION_AUDIENCE",
        Some("issuer"),
        "Whom a signed assertion is for: `issuer` or `token_endpoint`.",
        false,
    ),
    row(
        "LAREDO_<NAME>_TARGET",
        Some("scope"),
        "The parameter that carries an app's `target`: `scope`, `audience` (Auth0) or `resource`.",
        false,
    ),
];

const fn row(
    name: &'static str,
    default: Option<&'static str>,
    description: &'static str,
    secret: bool,
) -> Variable {
    Variable {
        group: GROUP,
        name,
        default,
        description,
        secret,
    }
}

/// One generic provider, as it was found in the environment.
pub(super) struct Generic(Uniform);

/// Whether anything is said about generic providers at all.
pub(super) fn are_mentioned(variables: &Variables) -> bool {
    variables.laredo_providers.is_set()
}

/// Those that are named, each with its variables.
pub(super) fn gather(
    variables: &Variables,
    environment: &[(OsString, OsString)],
    problems: &mut Problems,
) -> Vec<Generic> {
    let names = variables.laredo_providers.optional(problems, names);
    let names = names.ok().flatten().unwrap_or_default();
    let found = names.into_iter().map(|name| {
        let found = Found {
            prefix: format!("LAREDO_{}", name.to_ascii_uppercase()),
            environment,
        };
        Generic(found.variables(ProviderName::Generic(leaked(name)), problems))
    });
    found.collect()
}

/// Names are few, are read once, and are needed for as long as the process lives.
fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn names(text: &str) -> Result<Vec<String>, Complaint> {
    let mut names = Vec::new();
    for name in entries(text) {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins_well || name.len() > 64 || !name.bytes().all(fits) {
            return Err("has a name that is not of a-z, 0-9 and _, beginning with a letter".into());
        }
        if ProviderName::parse(name).is_some() {
            return Err("has the name of a built-in provider".into());
        }
        if names.iter().any(|known| known == name) {
            return Err("has a name twice".into());
        }
        names.push(name.to_owned());
    }
    // `A_ASSERTION_AUDIENCE` would be a variable of both.
    let is_shared = |name: &String| names.contains(&format!("{name}_assertion"));
    if names.iter().any(is_shared) {
        return Err("has a name that is another one and `_assertion`".into());
    }
    Ok(names)
}

impl Generic {
    pub(super) fn variables(&self) -> &Uniform {
        &self.0
    }
}

/// Where one provider's variables are looked for.
struct Found<'a> {
    prefix: String,
    environment: &'a [(OsString, OsString)],
}

impl Found<'_> {
    fn variables(&self, name: ProviderName, problems: &mut Problems) -> Uniform {
        let mut text = |suffix| self.text(suffix, problems);
        let (secret, jwk) = (text("CLIENT_SECRET"), text("PRIVATE_JWK"));
        Uniform {
            name,
            client_id: text("CLIENT_ID"),
            audience: text("AUDIENCE"),
            secret: (as_secret(secret), text("CLIENT_SECRET_FILE")),
            jwk: (as_secret(jwk), text("PRIVATE_JWK_FILE")),
            well_known: text("WELL_KNOWN_URL"),
            issuer: text("ISSUER"),
            jwks_uri: text("JWKS_URI"),
            token_endpoint: text("TOKEN_ENDPOINT"),
            client_auth: text("CLIENT_AUTH"),
            assertion_audience: text("ASSERTION_AUDIENCE"),
            target: text("TARGET"),
        }
    }

    fn text(&self, suffix: &str, problems: &mut Problems) -> Given<String> {
        let name = leaked(format!("{}_{suffix}", self.prefix));
        let found = self
            .environment
            .iter()
            .rev()
            .find(|(found, value)| found == name && !value.is_empty());
        let value = found.and_then(|(_, value)| match value.to_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                problems.note(name, NOT_UTF8);
                None
            }
        });
        Given {
            name,
            value,
            default: None,
        }
    }
}

fn as_secret(given: Given<String>) -> Given<Secret> {
    Given {
        name: given.name,
        value: given.value.map(Secret::from),
        default: None,
    }
}
