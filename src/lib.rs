//! Laredo gets, caches and renews OAuth tokens for the app beside it. `ARCHITECTURE.md` shows the whole.

pub mod app;
pub mod broker;
pub mod cache;
pub mod cli;
pub mod client_auth;
pub mod clock;
pub mod config;
#[cfg(feature = "dev")]
pub mod dev;
pub mod discovery;
pub mod frontends;
pub mod http_client;
pub mod json;
pub mod metrics;
pub mod oauth;
pub mod provider;
pub mod secret;
pub mod server;
pub mod telemetry;
pub mod verifier;
