//! The protocol's vocabulary: who is asked, for what, what came back, and what can go wrong.

mod error;
mod grant;
mod guid;
mod provider_name;
mod subject;
mod token;
mod token_request;
mod user_token;

pub use error::{Error, Refusal};
pub use grant::{
    ApplicationGrant, Fields, Grants, Naming, SubjectTokenType, TargetParameter, UserGrant,
    client_credentials, form, further, signed_assertion,
};
pub use guid::is_guid;
pub use provider_name::ProviderName;
pub use subject::{Fingerprint, Fingerprints, Subject};
pub use token::{Lifetime, Token};
pub use token_request::{Errand, Flow, Freshness, Purpose, TokenRequest};
pub use user_token::UserToken;
