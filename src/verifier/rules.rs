//! What must hold for a provider's tokens, besides the signature.

use super::Algorithm;

/// What must hold for a provider's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// `iss` is one of these, to the byte.
    pub(super) issuers: Vec<String>,
    /// `aud` is or holds one of these.
    pub(super) audience: Audience,
    /// `alg` is one of these.
    pub(super) algorithms: Vec<Algorithm>,
}

/// Whom a token must be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// One of these, to the byte.
    OneOf(Vec<String>),
    /// Anybody: the app decides by other claims, as with Maskinporten.
    Anybody,
}

/// Of the algorithms that metadata name, those that are understood; RS256 if that leaves none
/// (OpenID Connect Discovery 1.0 §3: every provider has it).
pub(super) fn allowed(named: &[String]) -> Vec<Algorithm> {
    let understood: Vec<_> = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| named.iter().any(|name| name == algorithm.as_str()))
        .collect();
    if understood.is_empty() {
        vec![Algorithm::Rs256]
    } else {
        understood
    }
}
