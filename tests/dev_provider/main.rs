//! The built-in identity provider, from outside: over sockets on loopback.
#![cfg(feature = "dev")]
#![allow(
    clippy::unwrap_used,
    reason = "a test's helper may fail where it stands"
)]

mod calls;
mod client;
mod faults;
mod issuing;
mod life;
mod refusals;
#[path = "../support/scripted.rs"]
mod scripted;
mod scripted_peer;
