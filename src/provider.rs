//! One request to one identity provider.

mod answer;
mod credential;
mod endpoint;
#[cfg(feature = "dev")]
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod outcome;
mod request;
mod token_client;

pub use credential::{Alternative, Credential, Credentials};
pub use endpoint::Endpoint;
pub use token_client::{Setting, TokenClient};
