//! One request to one identity provider.

mod answer;
mod credential;
mod endpoint;
mod health;
mod outcome;
mod request;
mod token_client;

pub use credential::{Alternative, Credential, Credentials};
pub use endpoint::Endpoint;
pub use token_client::{Setting, TokenClient};

use crate::oauth::ProviderName;

/// What a provider can do for the app. What it cannot is `None`, decided at start.
pub struct Provider {
    /// Its name.
    pub name: ProviderName,
    /// Gets tokens for the app itself.
    pub token_client: Option<TokenClient>,
}
