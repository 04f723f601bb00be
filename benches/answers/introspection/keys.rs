//! The endpoint that publishes the key, on a thread of the bench; it hangs on demand.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::server::START_LIMIT;

/// Serves a key set until the bench ends.
pub(crate) struct KeysEndpoint {
    port: u16,
    /// How often it was asked.
    pub(crate) calls: Arc<AtomicUsize>,
    /// While it is set, nobody gets an answer.
    pub(crate) hangs: Arc<AtomicBool>,
}

impl KeysEndpoint {
    pub(crate) fn start(jwks: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = Self {
            port: listener.local_addr().expect("its number").port(),
            calls: Arc::default(),
            hangs: Arc::default(),
        };
        let (calls, hangs) = (Arc::clone(&endpoint.calls), Arc::clone(&endpoint.hangs));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                calls.fetch_add(1, Ordering::SeqCst);
                if hangs.load(Ordering::SeqCst) {
                    // Kept open, never answered; the daemon hangs up.
                    std::thread::spawn(move || read_head(&stream));
                } else {
                    answer(stream, &jwks);
                }
            }
        });
        endpoint
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/keys", self.port)
    }

    /// Waits until the daemon has been here once.
    pub(crate) fn await_fetch(&self) {
        let begun = Instant::now();
        while self.calls.load(Ordering::SeqCst) == 0 {
            assert!(begun.elapsed() < START_LIMIT, "nobody fetches keys");
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was sent has to be read.
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn answer(mut stream: TcpStream, jwks: &str) {
    read_head(&stream);
    let length = jwks.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{jwks}"
    );
}

/// Reads the request, or all that comes until the peer hangs up.
fn read_head(stream: &TcpStream) {
    let lines = BufReader::new(stream).lines();
    let _ = lines.map_while(Result::ok).find(String::is_empty);
}
