//! The providers that are played, by the names that apps have for them.

use serde::{Deserialize, Serialize};

/// One of the providers that are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Played {
    /// Microsoft Entra ID.
    #[default]
    #[serde(rename = "entra_id", alias = "azuread")]
    EntraId,
    /// Maskinporten: tokens for the app itself, in return for an assertion.
    #[serde(rename = "maskinporten")]
    Maskinporten,
    /// TokenX: tokens in exchange for those of users.
    #[serde(rename = "tokenx")]
    TokenX,
    /// ID-porten: tokens of users.
    #[serde(rename = "idporten")]
    IdPorten,
    /// A provider of no brand, with everything that the standards have.
    #[serde(rename = "generic")]
    Generic,
}

impl Played {
    /// The name, as it stands in paths too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EntraId => "entra_id",
            Self::Maskinporten => "maskinporten",
            Self::TokenX => "tokenx",
            Self::IdPorten => "idporten",
            Self::Generic => "generic",
        }
    }
}
