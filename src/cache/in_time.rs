//! The whole cache under paused time, before a provider that follows a script.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail by panic"
)]

mod at_risk;
mod bounds;
mod clocks;
mod forced;
mod misses;
mod outage;
mod refusals;
mod renewal;
mod room;
mod script;
mod stage;
mod users;
