//! The variables that turn a daemon's providers on and lead them all here.

use super::{IdentityProvider, Played};
use crate::secret::Secret;

/// A variable and its value, which may be a secret.
pub type Variable = (&'static str, Secret);

impl IdentityProvider {
    /// The variables that turn on every provider, as a platform would set them.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let mut variables = vec![
            ("AZURE_APP_CLIENT_ID", plain(self.client_id())),
            (
                "AZURE_APP_CLIENT_SECRET",
                self.client_secret().unwrap_or_else(|| plain("")),
            ),
            ("AZURE_OPENID_CONFIG_ISSUER", plain(self.issuer())),
            ("AZURE_OPENID_CONFIG_JWKS_URI", plain(self.jwks_uri())),
            (
                "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
                plain(self.token_endpoint()),
            ),
        ];
        for (played, names) in NAMES {
            variables.extend(self.of(*played, *names));
        }
        variables
    }

    fn of(&self, played: Played, [id, jwk, issuer, keys, token]: Names) -> Vec<Variable> {
        let places = self.endpoints(played);
        let values = [
            (id, plain(self.client_id_of(played))),
            (jwk, self.client_jwk(played).unwrap_or_else(|| plain(""))),
            (issuer, plain(&places.issuer)),
            (keys, plain(&places.keys)),
            (token, plain(&places.token)),
        ];
        let named = values.into_iter().filter(|(name, _)| !name.is_empty());
        let generic = match played {
            Played::Generic => vec![
                ("LAREDO_PROVIDERS", plain(played.as_str())),
                (
                    "LAREDO_GENERIC_CLIENT_SECRET",
                    self.client_secret_of(played).unwrap_or_else(|| plain("")),
                ),
                ("LAREDO_GENERIC_WELL_KNOWN_URL", plain(&places.metadata)),
            ],
            _ => Vec::new(),
        };
        named.chain(generic).collect()
    }
}

/// The variables for client id, private key, issuer, keys and token endpoint; an empty name: there is none.
type Names = [&'static str; 5];

const NAMES: &[(Played, Names)] = &[
    (
        Played::Maskinporten,
        [
            "MASKINPORTEN_CLIENT_ID",
            "MASKINPORTEN_CLIENT_JWK",
            "MASKINPORTEN_ISSUER",
            "MASKINPORTEN_JWKS_URI",
            "MASKINPORTEN_TOKEN_ENDPOINT",
        ],
    ),
    (
        Played::TokenX,
        [
            "TOKEN_X_CLIENT_ID",
            "TOKEN_X_PRIVATE_JWK",
            "TOKEN_X_ISSUER",
            "TOKEN_X_JWKS_URI",
            "TOKEN_X_TOKEN_ENDPOINT",
        ],
    ),
    (
        Played::IdPorten,
        [
            "IDPORTEN_AUDIENCE",
            "",
            "IDPORTEN_ISSUER",
            "IDPORTEN_JWKS_URI",
            "",
        ],
    ),
    (
        Played::Generic,
        ["LAREDO_GENERIC_CLIENT_ID", "", "", "", ""],
    ),
];

fn plain(text: &str) -> Secret {
    Secret::from(text.to_owned())
}
