//! A verifier over hours: its keys fetched from a scripted endpoint, the time paused.

mod clocks;
mod flood;
mod metadata;
mod model;
mod odd_answers;
mod outage;
mod rotation;
mod stage;
mod start;
mod verdicts;
