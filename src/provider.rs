//! One identity provider: what a request to it needs.

mod credential;

pub use credential::{Alternative, Credential, Credentials};
