//! The daemon as apps and platforms meet it: over real sockets, against the built-in identity provider.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

mod log;
#[path = "../support/scripted.rs"]
mod scripted;
mod support;
mod upstream;

mod answers;
mod cut_off;
mod first_steps;
mod nonsense;
mod outage;
mod outage_at_start;
mod refusals;
mod shared_fetch;
mod throttling;
