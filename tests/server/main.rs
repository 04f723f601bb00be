//! The server over real sockets: what it makes of bytes that are not one plain request after the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod plain_requests;
mod smuggling;
mod strange_requests;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::routing::{any, get};
use laredo::server::{Limits, Stopper, serve, stop};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Only so that a test that fails does not hang.
const PATIENCE: Duration = Duration::from_secs(20);
const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

struct TestServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    panics: Arc<AtomicUsize>,
    _stopper: Stopper,
}

impl TestServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let panics = Arc::new(AtomicUsize::new(0));
        let (stopper, stop) = stop();
        let counted = Arc::clone(&panics);
        let panicked = move || {
            counted.fetch_add(1, Relaxed);
        };
        let service = router(Arc::clone(&asked));
        tokio::spawn(serve(
            vec![listener],
            service,
            Limits::default(),
            stop,
            panicked,
        ));
        Self {
            address,
            asked,
            panics,
            _stopper: stopper,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// All that comes back until the connection ends.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let (mut reading, mut writing) = self.connect().await.into_split();
        let sent = async {
            let _closed_early = writing.write_all(bytes).await;
        };
        let mut received = Vec::new();
        let read = reading.read_to_end(&mut received);
        let (read, ()) = timeout(PATIENCE, async { tokio::join!(read, sent) })
            .await
            .expect("the connection stayed open");
        read.expect("the answer was lost to a reset");
        String::from_utf8(received).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn router(asked: Arc<Mutex<Vec<String>>>) -> Router {
    Router::new()
        .route(
            "/panic",
            get(|| async { panic!("as the test wants it") as &str }),
        )
        .fallback(any(|uri: Uri, body: Result<Bytes, _>| async move {
            asked.lock().unwrap().push(uri.path().to_owned());
            answer(body)
        }))
        .layer(DefaultBodyLimit::max(1024))
}

fn answer(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> (StatusCode, String) {
    match body {
        Ok(body) => (StatusCode::OK, format!("{} bytes", body.len())),
        Err(rejection) => (rejection.status(), "body refused".to_owned()),
    }
}

fn answers(received: &str) -> usize {
    received.matches("HTTP/1.1 ").count()
}
