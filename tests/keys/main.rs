//! The keys behind introspection, as the daemon meets them: from a real endpoint, in outages, in rotations.
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

#[path = "../api/log.rs"]
mod log;
#[path = "../support/scripted.rs"]
mod scripted;
#[path = "../api/support.rs"]
#[allow(dead_code)]
mod support;

mod inbound;

mod issuers;
mod metadata;
mod metrics;
mod neighbours;
mod odd_answers;
mod outage;
mod rotation;
mod tenants;
mod verdicts;
