//! The whole cache under paused time, before a provider that follows a script.

mod bounds;
mod clocks;
mod forced;
mod misses;
mod outage;
mod refusals;
mod renewal;
mod room;
mod stage;
