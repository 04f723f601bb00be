//! By what an app proves to Entra who it is.

use super::catalogue::Variables;
use super::credential::{credential, load, part, part_in_file};
use super::problem::{Complaint, Noted, Problems};
use crate::client_auth::{CredentialKind, CredentialSource, CredentialSources, SecretMethod};

/// Entra takes a secret in the form.
const SECRET: CredentialKind = CredentialKind::ClientSecret(SecretMethod::Post);

/// What `AZURE_APP_CLIENT_AUTH` picks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Certificate,
    PrivateKeyJwt,
    ClientSecret,
    FederatedToken,
    None,
}

type Found = Option<CredentialSource>;

/// Each credential that is set, whether it is picked or not: what is wrong with one is a problem in any case.
struct Credentials {
    certificate: Found,
    jwk: Found,
    secret: Found,
    federated: Found,
    next: [Found; 2],
}

pub(super) fn method(text: &str) -> Result<Method, Complaint> {
    match text {
        "certificate" => Ok(Method::Certificate),
        "private_key_jwt" => Ok(Method::PrivateKeyJwt),
        "client_secret" => Ok(Method::ClientSecret),
        "federated_token" => Ok(Method::FederatedToken),
        "none" => Ok(Method::None),
        _ => Err(
            "is none of `certificate`, `private_key_jwt`, `client_secret`, `federated_token` and `none`"
                .into(),
        ),
    }
}

/// The credentials to work with; none if the variables say so.
pub(super) fn read(
    variables: &Variables,
    method: Result<Option<Method>, Noted>,
    problems: &mut Problems,
) -> Result<Option<CredentialSources>, Noted> {
    let credentials = Credentials::read(variables, problems);
    match (method?, credentials?) {
        (Some(Method::None), _) => Ok(None),
        (method, credentials) => credentials.sources(method, problems).map(Some),
    }
}

impl Credentials {
    fn read(v: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        let certificate = certificate(v, problems);
        let (text, file) = (&v.azure_app_jwk, &v.azure_app_jwk_file);
        let jwk = credential(CredentialKind::PrivateKeyJwt, text, file, problems);
        let (text, file) = (&v.azure_app_client_secret, &v.azure_app_client_secret_file);
        let secret = credential(SECRET, text, file, problems);
        let federated = federated(v, problems);
        let next = next(v, problems);
        Ok(Self {
            certificate: certificate?,
            jwk: jwk?,
            secret: secret?,
            federated: federated?,
            next: next?,
        })
    }

    fn sources(
        self,
        method: Option<Method>,
        problems: &mut Problems,
    ) -> Result<CredentialSources, Noted> {
        let Self {
            certificate,
            jwk,
            secret,
            federated,
            next,
        } = self;
        let first = match method {
            Some(Method::Certificate) => certificate,
            Some(Method::PrivateKeyJwt) => jwk,
            Some(Method::ClientSecret) => secret,
            Some(Method::FederatedToken) => federated,
            Some(Method::None) | None => certificate.or(jwk).or(secret).or(federated),
        };
        let first = first.ok_or_else(|| missing(method, problems))?;
        let next = in_order(next, first.texts().kind);
        Ok(CredentialSources { first, next })
    }
}

/// Those of the same kind as the first come first.
fn in_order(next: [Found; 2], kind: CredentialKind) -> Vec<CredentialSource> {
    let mut next: Vec<_> = next.into_iter().flatten().collect();
    next.sort_by_key(|source| source.texts().kind != kind);
    next
}

fn certificate(v: &Variables, problems: &mut Problems) -> Result<Found, Noted> {
    let (text, file) = (&v.azure_app_certificate, &v.azure_app_certificate_file);
    let chain = part(text, file, problems);
    let text = &v.azure_app_certificate_key;
    let file = &v.azure_app_certificate_key_file;
    match (chain?, part(text, file, problems)?) {
        (Some(chain), key) => load(CredentialKind::Certificate, chain, key, problems).map(Some),
        (None, Some(key)) => Err(problems.note(
            key.variable,
            "is set, but neither AZURE_APP_CERTIFICATE nor AZURE_APP_CERTIFICATE_FILE is",
        )),
        (None, None) => Ok(None),
    }
}

fn federated(v: &Variables, problems: &mut Problems) -> Result<Found, Noted> {
    let token = part_in_file(&v.azure_federated_token_file);
    token
        .map(|token| load(CredentialKind::FederatedToken, token, None, problems))
        .transpose()
}

fn next(v: &Variables, problems: &mut Problems) -> Result<[Found; 2], Noted> {
    let (text, file) = (&v.azure_app_next_jwk, &v.azure_app_next_jwk_file);
    let jwk = credential(CredentialKind::PrivateKeyJwt, text, file, problems);
    let text = &v.azure_app_next_client_secret;
    let file = &v.azure_app_next_client_secret_file;
    let secret = credential(SECRET, text, file, problems);
    Ok([jwk?, secret?])
}

fn missing(method: Option<Method>, problems: &mut Problems) -> Noted {
    let (variable, complaint) = match method {
        Some(Method::Certificate) => (
            "AZURE_APP_CERTIFICATE",
            "is not set, nor is AZURE_APP_CERTIFICATE_FILE, but AZURE_APP_CLIENT_AUTH wants a certificate",
        ),
        Some(Method::PrivateKeyJwt) => (
            "AZURE_APP_JWK",
            "is not set, nor is AZURE_APP_JWK_FILE, but AZURE_APP_CLIENT_AUTH wants a private key",
        ),
        Some(Method::FederatedToken) => (
            "AZURE_FEDERATED_TOKEN_FILE",
            "is not set, but AZURE_APP_CLIENT_AUTH wants a federated token",
        ),
        Some(Method::ClientSecret) => (
            "AZURE_APP_CLIENT_SECRET",
            "is not set, nor is AZURE_APP_CLIENT_SECRET_FILE, but AZURE_APP_CLIENT_AUTH wants a client secret",
        ),
        Some(Method::None) | None => (
            "AZURE_APP_CLIENT_SECRET",
            "is not set, nor is any other credential: Entra ID is on and needs one of AZURE_APP_CERTIFICATE, \
             AZURE_APP_CERTIFICATE_FILE (its key in there too, or in AZURE_APP_CERTIFICATE_KEY or \
             AZURE_APP_CERTIFICATE_KEY_FILE), AZURE_APP_JWK, AZURE_APP_JWK_FILE, AZURE_APP_CLIENT_SECRET, \
             AZURE_APP_CLIENT_SECRET_FILE and AZURE_FEDERATED_TOKEN_FILE (AZURE_APP_CLIENT_AUTH=none does without)",
        ),
    };
    problems.note(variable, complaint)
}

#[cfg(test)]
#[path = "entra_credentials_tests.rs"]
mod tests;
