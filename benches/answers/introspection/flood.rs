//! Good tokens while forged ones come in a flood and the keys' endpoint hangs.

use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use super::keys::KeysEndpoint;
use super::latency::p99;
use super::tokens::{Signer, body};
use super::{DEFAULT_CACHE, daemon, fetches, median_of};
use crate::client::exchange_whatever;
use crate::statistics::range;

/// Forged tokens that are due each second, each with a key id of its own; some senders wait for an answer, so that about
/// 5 000 come.
const FORGED_PER_SECOND: usize = 6_000;
/// Connections that they come over: more than may wait for a fetch.
const CONNECTIONS: usize = 164;
/// Forged tokens of each of them.
const REQUESTS_OF_ONE: usize = 200;
const GOOD: usize = 3_000;
const ROUNDS: usize = 9;
/// How long the flood goes on before it is looked at: the tokens are made, and as many wait as may.
const LEAD: Duration = Duration::from_secs(2);

/// The flood: threads that send until it is stopped.
struct Flood {
    ends: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
    begun: Instant,
}

impl Flood {
    fn begin(port: u16) -> Self {
        let (ends, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let threads = (0..CONNECTIONS)
            .map(|lane| {
                let (ends, sent) = (Arc::clone(&ends), Arc::clone(&sent));
                spawn(move || send(port, lane, &ends, &sent))
            })
            .collect();
        Self {
            ends,
            sent,
            threads,
            begun: Instant::now(),
        }
    }

    /// Forged tokens that were answered, each second.
    fn end(self) -> f64 {
        let seconds = self.begun.elapsed().as_secs_f64();
        let sent = self.sent.load(Ordering::SeqCst);
        self.ends.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().expect("a sender");
        }
        f64::from(u32::try_from(sent).expect("few enough")) / seconds
    }
}

/// Requests that were made beforehand, evenly spaced; one that had to wait makes up for nothing afterwards, for a burst
/// is no flood.
fn send(port: u16, lane: usize, ends: &AtomicBool, sent: &AtomicUsize) {
    let numbers = (0..REQUESTS_OF_ONE).map(|number| number * CONNECTIONS + lane);
    let requests: Vec<_> = numbers
        .map(|number| request(port, &Signer::forged(number)))
        .collect();
    let lanes = u32::try_from(CONNECTIONS).expect("few");
    let between = Duration::from_secs(1) / u32::try_from(FORGED_PER_SECOND).expect("few");
    let pause = between * lanes;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    let mut due = Instant::now() + between * u32::try_from(lane).expect("few");
    for request in requests.iter().cycle() {
        sleep(due.saturating_duration_since(Instant::now()));
        if ends.load(Ordering::SeqCst) {
            return;
        }
        exchange_whatever(&mut stream, request);
        sent.fetch_add(1, Ordering::SeqCst);
        while due <= Instant::now() {
            due += pause;
        }
    }
}

fn request(port: u16, token: &str) -> String {
    let body = body(token);
    format!(
        "POST /api/v1/introspect HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The daemon has the first core to itself; senders and the one who measures share the second.
fn keep_to_second_core() {
    let id = std::process::id().to_string();
    let pinned = Command::new("taskset")
        .args(["--all-tasks", "--pid", "--cpu-list", "1", &id])
        .output();
    assert!(
        pinned.is_ok_and(|output| output.status.success()),
        "taskset"
    );
}

/// Rounds of quiet and flood, one after the other, on a daemon of its own for each kind of round.
pub(crate) fn measure() {
    keep_to_second_core();
    let signer = Signer::new();
    let good = signer.token(0);
    let mut ratios = Vec::new();
    let mut most_fetches = 0;
    for _ in 0..ROUNDS {
        let keys = KeysEndpoint::start(signer.jwks());
        let (_daemon, port) = daemon("0", &keys, DEFAULT_CACHE);
        let request = request(port, &good);
        let quiet = p99(port, &request, GOOD);
        let before = fetches(&keys);
        keys.hangs.store(true, Ordering::SeqCst);
        let flood = Flood::begin(port);
        sleep(LEAD);
        let flooded = p99(port, &request, GOOD);
        let forged = flood.end();
        most_fetches = most_fetches.max(fetches(&keys) - before);
        println!(
            "  quiet {quiet:6.0} us, with {forged:5.0} forged tokens a second {flooded:6.0} us"
        );
        ratios.push(flooded / quiet);
    }
    let (lowest, highest) = range(&ratios);
    println!(
        "  ratio of p99 {:6.3} (median of {ROUNDS} rounds, {lowest:.3} to {highest:.3})",
        median_of(&ratios)
    );
    println!("  fetches of keys in a round, at most {most_fetches}");
}
