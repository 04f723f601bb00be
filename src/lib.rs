//! Laredo gets, caches and renews OAuth tokens for the app beside it. `ARCHITECTURE.md` shows the whole.

pub mod clock;
pub mod config;
pub mod oauth;
pub mod provider;
pub mod secret;
