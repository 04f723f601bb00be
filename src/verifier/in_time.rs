//! A verifier over hours: its keys fetched from a scripted endpoint, the time paused.

#![expect(clippy::arithmetic_side_effects, reason = "a test may fail by panic")]

mod clocks;
mod flood;
mod memory;
mod metadata;
mod model;
mod odd_answers;
mod outage;
mod rotation;
mod script;
mod stage;
mod start;
mod verdicts;
