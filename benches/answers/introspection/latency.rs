//! How long one answer takes, over one connection.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::exchange;

/// The 99th percentile of so many answers, one every millisecond, in microseconds.
pub(crate) fn p99(port: u16, request: &str, count: usize) -> f64 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(1));
            let begun = Instant::now();
            exchange(&mut stream, request);
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let place = count * 99 / 100;
    times.get(place).expect("there are some").as_secs_f64() * 1e6
}
