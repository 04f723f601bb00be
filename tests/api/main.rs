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

mod bad_input;
#[path = "../support/keys.rs"]
mod keys;
mod log;
mod registered;
#[path = "../support/scripted.rs"]
mod scripted;
mod support;
mod upstream;

mod answers;
mod authorization_details;
mod bodies;
mod client_authentication;
mod clocks;
mod cut_off;
mod description;
mod first_steps;
mod forms;
mod guards;
mod headers;
mod json;
mod key_rotation;
mod life;
mod media_types;
mod methods_and_paths;
mod metrics_page;
mod nonsense;
mod outage;
mod outage_at_start;
mod pages;
mod parameters;
mod refusals;
mod shared_fetch;
mod smuggling;
mod targets;
mod throttling;
mod vocabulary;
