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

#[path = "../support/scripted.rs"]
mod scripted;
mod support;

mod authorization_details;
mod bodies;
mod description;
mod first_steps;
mod forms;
mod guards;
mod headers;
mod json;
mod log;
mod media_types;
mod methods_and_paths;
mod pages;
mod parameters;
mod refusals;
mod smuggling;
mod targets;
mod vocabulary;
