//! Every provider at once: tokens for the app and on behalf of users, over real sockets, against the built-in one that
//! plays them all.

#![cfg(feature = "dev")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

#[path = "../support/keys.rs"]
mod keys;
#[allow(dead_code, reason = "another test binary uses the rest")]
#[path = "../api/support.rs"]
mod support;
mod users;

mod forms;
mod generic_forms;
mod input;
mod introspection;
mod isolation;
mod kept;
mod played;
mod rotation;
