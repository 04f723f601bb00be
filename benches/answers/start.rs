//! The time from starting the program to its first accepted connection.

use std::time::Instant;

use crate::Subject;
use crate::server::{await_port, command, free_port, spawn};
use crate::statistics::{median, range};

const STARTS: usize = 21;

pub(crate) fn measure() {
    // In turns, for the same reason as in `throughput`.
    let starts: Vec<(f64, f64)> = (0..STARTS)
        .map(|_| (milliseconds(Subject::Laredo), milliseconds(Subject::Bare)))
        .collect();

    let ratios: Vec<f64> = starts.iter().map(|(ours, theirs)| ours / theirs).collect();
    let (ours, theirs): (Vec<f64>, Vec<f64>) = starts.into_iter().unzip();
    for (name, times) in [("laredo", ours), ("bare handler", theirs)] {
        let (fastest, slowest) = range(&times);
        let middle = median(times);
        println!("  {name:<14} {middle:9.2} ms (median of {STARTS}, {fastest:.2} to {slowest:.2})");
    }
    println!("  ratio          {:9.2}", median(ratios));
}

fn milliseconds(subject: Subject) -> f64 {
    let (port, provider_port) = (free_port(), free_port());
    let mut command = command(subject, port, provider_port);
    let begun = Instant::now();
    let _process = spawn(&mut command);
    await_port(port);
    begun.elapsed().as_secs_f64() * 1000.0
}
