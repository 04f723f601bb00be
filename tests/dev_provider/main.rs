//! The built-in identity provider, from outside: over sockets on loopback.
#![cfg(feature = "dev")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test's helper may fail where it stands"
)]

mod assertions;
mod calls;
mod client;
mod faults;
mod issuing;
#[path = "../support/keys.rs"]
mod keys;
mod life;
mod played;
mod refusals;
#[path = "../support/scripted.rs"]
mod scripted;
mod scripted_peer;
