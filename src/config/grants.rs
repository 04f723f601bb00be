//! What each provider issues.

use crate::oauth::{
    ApplicationGrant, Grants, ProviderName, SubjectTokenType, TargetParameter, UserGrant,
};

/// What the provider issues; a generic one takes the target in that parameter.
pub(super) fn grants(name: ProviderName, target: TargetParameter) -> Grants {
    match name {
        ProviderName::EntraId => Grants {
            application: Some(ApplicationGrant::Scope),
            user: Some(UserGrant::OnBehalfOf),
        },
        ProviderName::Maskinporten => Grants {
            application: Some(ApplicationGrant::SignedAssertion),
            user: None,
        },
        ProviderName::TokenX => Grants {
            application: None,
            user: Some(UserGrant::TokenExchange(
                TargetParameter::Audience,
                SubjectTokenType::Jwt,
            )),
        },
        ProviderName::IdPorten => Grants {
            application: None,
            user: None,
        },
        ProviderName::Generic(_) => Grants {
            application: Some(ApplicationGrant::Parameters(target)),
            user: Some(UserGrant::TokenExchange(
                target,
                SubjectTokenType::AccessToken,
            )),
        },
    }
}
