//! The built program as shells and container platforms meet it: arguments, exit codes, signals, streams.
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

#[path = "../dev_provider/client.rs"]
#[allow(dead_code)]
mod client;
mod hostile;
#[path = "../support/keys.rs"]
mod keys;
mod marker;
mod program;
mod strangers;

mod arguments;
mod bounds;
mod check;
mod configuration;
mod credentials;
mod dev;
mod healthcheck;
mod life;
mod listeners;
mod outbound;
mod privacy;
mod private_keys;
mod signals;
mod streams;
mod token;
mod unprivileged;
