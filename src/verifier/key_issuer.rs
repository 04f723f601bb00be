//! Whose tokens a key may sign: Entra ID says so in an `issuer` of each key, for its key sets are those of many
//! tenants (<https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer>).

use crate::oauth::is_guid;

/// Whose tokens a key may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyIssuer {
    /// Those of every issuer that the rules allow.
    Any,
    /// Those of one tenant, in lower case, whatever name of Entra's the issuer has.
    Tenant(String),
    /// Those of exactly this issuer.
    Exactly(String),
}

impl KeyIssuer {
    /// Reads a key's `issuer`.
    pub(super) fn read(issuer: &str) -> Self {
        const ANY_TENANT: &str = "{tenantid}";
        match tenant(issuer) {
            Some(tenant) => Self::Tenant(tenant),
            None if issuer.contains(ANY_TENANT) => Self::Any,
            None => Self::Exactly(issuer.to_owned()),
        }
    }

    /// Whether a token of this issuer may be signed by the key.
    pub(super) fn fits(&self, issuer: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tenant(own) => tenant(issuer).as_ref() == Some(own),
            Self::Exactly(own) => own == issuer,
        }
    }
}

/// The tenant id in an issuer's path, such as `https://sts.windows.net/<tenant>/`.
fn tenant(issuer: &str) -> Option<String> {
    let part = issuer.split('/').find(|part| is_guid(part))?;
    Some(part.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TENANT: &str = "8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11";

    #[rstest]
    #[case("https://login.microsoftonline.com/{tenantid}/v2.0", true, true)]
    #[case(
        "https://login.microsoftonline.com/8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11/v2.0",
        true,
        false
    )]
    #[case(
        "https://sts.windows.net/8F8E2F2C-0F0B-4D3F-9A51-3D1F6F0C8A11/",
        true,
        false
    )]
    #[case(
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        false,
        false
    )]
    #[case("https://elsewhere.test", false, true)]
    fn a_key_is_for_the_tenant_that_it_names(
        #[case] keys_issuer: &str,
        #[case] fits_tenant: bool,
        #[case] fits_elsewhere: bool,
    ) {
        let issuer = KeyIssuer::read(keys_issuer);

        for of_tenant in [
            format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            format!("https://sts.windows.net/{TENANT}/"),
        ] {
            assert_eq!(issuer.fits(&of_tenant), fits_tenant, "{of_tenant}");
        }
        assert_eq!(issuer.fits("https://elsewhere.test"), fits_elsewhere);
    }
}
