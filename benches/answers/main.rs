//! What answers cost, as ratios to bare axum handlers that answer as many bytes. See `docs/performance.md`.
//!
//! `cargo bench` measures all; `cargo bench -- throughput memory start instructions allocations introspection
//! verification flood` only what is named, of these and `pod` and `cpu`.
//! `LAREDO_BINARY` measures another build than the one that cargo has just made.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement, no part of the daemon: it ends with a message when something is missing"
)]

mod bare;
mod client;
mod counting;
mod introspection;
mod memory;
mod pod;
mod server;
mod start;
mod statistics;
mod throughput;

/// Which side of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The daemon, with one token in its cache.
    Laredo,
    /// An axum handler that reads the same request and answers as many bytes.
    Bare,
}

const MEASUREMENTS: [(&str, fn()); 10] = [
    ("throughput", throughput::measure),
    ("memory", memory::measure),
    ("pod", pod::measure_memory),
    ("cpu", pod::measure_cpu),
    ("start", start::measure),
    ("instructions", counting::measure_instructions),
    ("allocations", counting::measure_allocations),
    ("introspection", introspection::measure_seen),
    ("verification", introspection::measure_unseen),
    ("flood", introspection::measure_flood),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The bench starts itself again for the servers that it brings along.
    match arguments.first().map(String::as_str) {
        Some(bare::HANDLER) => return bare::serve_handler(),
        Some(bare::PROVIDER) => return bare::serve_provider(),
        Some(pod::TLS_PROVIDER) => return pod::serve_tls_provider(),
        Some(introspection::ANSWERER) => return introspection::serve_answerer(),
        Some(introspection::VERIFIER) => return introspection::serve_verifier(),
        _ => {}
    }
    // Cargo passes this for `cargo bench` alone; a test run that builds the bench must not start it.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let all = !MEASUREMENTS.iter().any(|(name, _)| named(name));
    for (name, measure) in MEASUREMENTS {
        if all || named(name) {
            println!("\n{name}");
            measure();
        }
    }
}
