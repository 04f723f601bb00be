//! The identity provider of `laredo dev` and of the tests: it behaves like Microsoft Entra ID, on loopback,
//! and goes wrong on request (see [`Fault`]).

mod answer;
mod assertion_error;
mod calls;
mod client_assertion;
mod effect;
mod entra_claims;
mod entra_error;
mod entra_metadata;
mod entra_token;
mod fault;
mod fault_routes;
mod faults;
mod mint;
mod options;
mod provider;
mod registered_key;
mod registrations;
mod routes;
mod secrets;
mod server;
mod signing_key;
mod signing_keys;
mod truncated_body;

pub use calls::{Calls, TokenCall};
pub use fault::{Fault, FaultyEndpoint};
pub use faults::{Faults, InvalidFault};
pub use options::{CLIENT_ID, Options, TENANT_ID};
pub use provider::IdentityProvider;
pub use registered_key::RegisteredKey;
pub use registrations::FederatedIssuer;
pub use signing_key::SigningKey;
