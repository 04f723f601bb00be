//! The names by which apps, metrics and messages call an identity provider.

use std::fmt;

/// An identity provider that Laredo knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProviderName {
    /// Microsoft Entra ID; apps may also call it `azuread`.
    EntraId,
    /// Maskinporten, of the Norwegian Digitalisation Agency.
    Maskinporten,
    /// TokenX, the token exchange service of Nais.
    TokenX,
    /// ID-porten, of the Norwegian Digitalisation Agency.
    IdPorten,
    /// One that only the configuration knows, by the name that it has there.
    Generic(&'static str),
}

impl ProviderName {
    /// Every name that is built in, in the order in which documents list them.
    pub const ALL: [Self; 4] = [
        Self::EntraId,
        Self::Maskinporten,
        Self::TokenX,
        Self::IdPorten,
    ];

    /// Reads what an app wrote in `identity_provider`: exact, lower case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "azuread" => Some(Self::EntraId),
            _ => Self::ALL.into_iter().find(|name| name.as_str() == text),
        }
    }

    /// Reads a name that is built in or among `known`.
    #[must_use]
    pub fn find(text: &str, known: &[Self]) -> Option<Self> {
        let mut known = known.iter().copied();
        Self::parse(text).or_else(|| known.find(|name| name.as_str() == text))
    }

    /// The canonical name, as in metrics and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EntraId => "entra_id",
            Self::Maskinporten => "maskinporten",
            Self::TokenX => "tokenx",
            Self::IdPorten => "idporten",
            Self::Generic(name) => name,
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azuread_and_entra_id_are_one_provider() {
        assert_eq!(
            ProviderName::parse("azuread"),
            ProviderName::parse("entra_id")
        );
    }

    #[test]
    fn every_canonical_name_is_read_back() {
        for name in ProviderName::ALL {
            assert_eq!(ProviderName::parse(name.as_str()), Some(name));
        }
    }

    #[test]
    fn other_spellings_are_unknown() {
        for text in ["", "Entra_ID", "entra_id ", "AzureAD", "entra"] {
            assert_eq!(ProviderName::parse(text), None, "{text:?}");
        }
    }
}
