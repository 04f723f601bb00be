//! Requests to a token endpoint: which grant, and the fields that it has (RFC 6749 §4.4, RFC 7523 §2.1, RFC 8693 §2.1).

use url::form_urlencoded::Serializer;

use super::{Flow, TokenRequest, UserToken};
use crate::secret::Secret;

/// The JWT bearer grant (RFC 7523 §2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Token exchange (RFC 8693 §2.1).
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// Every byte of a value may become three.
const LONGEST_ENCODING: usize = 3;

/// Fields of a form, not yet encoded.
pub type Fields<'a> = Vec<(&'static str, &'a str)>;

/// How a provider issues tokens. What it does not issue is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grants {
    /// For the app itself.
    pub application: Option<ApplicationGrant>,
    /// On behalf of a user.
    pub user: Option<UserGrant>,
}

/// How a provider issues tokens for the app itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationGrant {
    /// The client credentials grant (RFC 6749 §4.4) as Entra takes it: a scope, and nothing further.
    Scope,
    /// The same with the target where the provider wants it, and with `resource` and `authorization_details`.
    Parameters(TargetParameter),
    /// An assertion that the app signs is the grant, and all that is asked for stands in it (RFC 7523 §2.1,
    /// <https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token>).
    SignedAssertion,
}

/// How a provider issues tokens on behalf of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserGrant {
    /// Entra's on-behalf-of flow
    /// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow>).
    OnBehalfOf,
    /// Token exchange (RFC 8693).
    TokenExchange(TargetParameter, SubjectTokenType),
}

/// Where a request names the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// In `client_id`, unless the `Authorization` header does.
    InForm,
    /// In the client's assertion only (RFC 7523 §3).
    InAssertion,
}

/// The parameter that carries the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetParameter {
    /// `scope` (RFC 6749 §3.3).
    Scope,
    /// `audience` (RFC 8693 §2.1; Auth0 has it for all grants).
    Audience,
    /// `resource` (RFC 8707 §2).
    Resource,
}

/// What the user's token is said to be (RFC 8693 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectTokenType {
    /// A JWT.
    Jwt,
    /// An access token.
    AccessToken,
}

impl Grants {
    /// Whether there is a grant for this.
    #[must_use]
    pub fn support(&self, flow: Flow) -> bool {
        match flow {
            Flow::TokenRequest => self.application.is_some(),
            Flow::TokenExchange => self.user.is_some(),
        }
    }
}

impl TargetParameter {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Audience => "audience",
            Self::Resource => "resource",
        }
    }
}

impl SubjectTokenType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
        }
    }
}

/// The client credentials grant, but for the fields by which the client says who it is.
#[must_use]
pub fn client_credentials(target: TargetParameter, request: &TokenRequest) -> Fields<'_> {
    vec![
        ("grant_type", "client_credentials"),
        (target.as_str(), &request.target),
    ]
}

/// What may be asked for beside the target (RFC 8707 §2, RFC 9396 §6).
#[must_use]
pub fn further(request: &TokenRequest) -> Fields<'_> {
    let further = [
        ("resource", &request.resource),
        ("authorization_details", &request.authorization_details),
    ];
    let given = further
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.as_deref()?)));
    given.collect()
}

/// The grant that is an assertion.
#[must_use]
pub fn signed_assertion(assertion: &Secret) -> Fields<'_> {
    vec![
        ("grant_type", JWT_BEARER),
        ("assertion", assertion.expose()),
    ]
}

impl UserGrant {
    /// Where a request names the client. TokenX, which wants a JWT, knows it by its assertion alone (contract §6).
    #[must_use]
    pub fn naming(self) -> Naming {
        match self {
            Self::TokenExchange(_, SubjectTokenType::Jwt) => Naming::InAssertion,
            Self::TokenExchange(_, SubjectTokenType::AccessToken) | Self::OnBehalfOf => {
                Naming::InForm
            }
        }
    }

    /// The grant on behalf of a user, but for the fields by which the client says who it is.
    #[must_use]
    pub fn fields<'a>(self, request: &'a TokenRequest, user_token: &'a UserToken) -> Fields<'a> {
        match self {
            Self::OnBehalfOf => vec![
                ("grant_type", JWT_BEARER),
                ("requested_token_use", "on_behalf_of"),
                ("assertion", user_token.expose()),
                ("scope", &request.target),
            ],
            Self::TokenExchange(target, subject) => vec![
                ("grant_type", TOKEN_EXCHANGE),
                ("subject_token", user_token.expose()),
                ("subject_token_type", subject.as_str()),
                (target.as_str(), &request.target),
            ],
        }
    }
}

/// The fields as a form. Room for the whole of it is taken beforehand: a string that grows leaves copies of secrets
/// behind.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> Secret {
    let length = |text: &str| {
        text.len()
            .saturating_mul(LONGEST_ENCODING)
            .saturating_add(1)
    };
    let room = fields
        .iter()
        .map(|(name, value)| length(name).saturating_add(length(value)));
    let capacity = room.fold(0, usize::saturating_add);
    let mut form = Serializer::new(String::with_capacity(capacity));
    form.extend_pairs(fields);
    Secret::from(form.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::ProviderName;

    fn request(target: &str) -> TokenRequest {
        TokenRequest::new(ProviderName::EntraId, target)
    }

    #[test]
    fn t2_every_value_is_encoded_exactly_once() {
        let request = request("api://a/.default &client_id=x é");
        let client = [("client_id", "id"), ("client_secret", "s&e=c+r%26")];

        let fields = [
            client_credentials(TargetParameter::Scope, &request),
            client.to_vec(),
        ]
        .concat();

        assert_eq!(
            form(&fields).expose(),
            "grant_type=client_credentials\
             &scope=api%3A%2F%2Fa%2F.default+%26client_id%3Dx+%C3%A9\
             &client_id=id&client_secret=s%26e%3Dc%2Br%2526"
        );
    }

    #[test]
    fn a_user_is_acted_for_as_each_provider_wants_it() {
        let user_token = UserToken::new("a.b.c".to_owned());
        let request = request("t");
        let fields = |grant: UserGrant| form(&grant.fields(&request, &user_token));
        let tokenx = UserGrant::TokenExchange(TargetParameter::Audience, SubjectTokenType::Jwt);
        let generic =
            UserGrant::TokenExchange(TargetParameter::Resource, SubjectTokenType::AccessToken);

        assert_eq!(
            fields(UserGrant::OnBehalfOf).expose(),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer\
             &requested_token_use=on_behalf_of&assertion=a.b.c&scope=t"
        );
        assert_eq!(
            fields(tokenx).expose(),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=a.b.c\
             &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&audience=t"
        );
        assert_eq!(
            fields(generic).expose(),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=a.b.c\
             &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&resource=t"
        );
    }
}
