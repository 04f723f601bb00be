//! Introspection as apps and attackers meet it: over real sockets, through `POST /api/v1/introspect`.
//!
//! Each table of tokens is a function, so that every row is a test of its own and all tables together are the corpus
//! of `vocabulary` and `privacy`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

#[allow(dead_code, reason = "each test binary uses its own part")]
#[path = "../api/bad_input.rs"]
mod bad_input;
mod corpus;
mod introspector;
#[allow(dead_code, reason = "each test binary uses its own part")]
#[path = "../api/log.rs"]
mod log;
#[path = "../support/signer.rs"]
mod signer;
#[allow(dead_code, reason = "each test binary uses its own part")]
#[path = "../api/support.rs"]
mod support;

mod active;
mod algorithms;
mod bodies;
mod claims;
mod forms_of_tokens;
mod headers;
mod key_ids;
mod known_bugs;
mod memory;
mod order;
mod parties;
mod privacy;
mod providers;
mod published;
mod requests;
mod signatures;
mod times;
mod transport;
mod vocabulary;
mod weak_keys;
