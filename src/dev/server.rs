//! An accept loop that can hang up on its clients, which a ready-made server would not do.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service as _;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// After a failed accept, so that a lack of file descriptors does not make the loop spin.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(20);

/// A mark on an answer: the connection is closed in its place.
#[derive(Clone, Copy)]
pub(super) struct HangUp;

/// A running server. It ends when it is dropped.
pub(super) struct Server {
    stopping: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) fn start(listener: TcpListener, router: Router) -> Self {
        let stopping = Arc::new(Notify::new());
        let task = tokio::spawn(accept(listener, router, Arc::clone(&stopping)));
        Self { stopping, task }
    }

    /// Closes the listener and cuts all connections.
    pub(super) async fn stop(mut self) {
        self.stopping.notify_one();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Listens on a loopback address, even if connections of an earlier listener there are still dying.
pub(super) fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the built-in identity provider listens on loopback only",
        ));
    }
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn accept(listener: TcpListener, router: Router, stopping: Arc<Notify>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.notified() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone()));
                }
                Err(_) => tokio::time::sleep(PAUSE_AFTER_FAILED_ACCEPT).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let mut router = router.clone();
        async move {
            let Ok(response) = router.call(request).await;
            unless_hung_up(response)
        }
    });
    // What goes wrong on a connection is its client's business, or was asked for.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error makes hyper drop the connection.
fn unless_hung_up(response: Response) -> Result<Response, io::Error> {
    match response.extensions().get::<HangUp>() {
        Some(HangUp) => Err(io::ErrorKind::ConnectionAborted.into()),
        None => Ok(response),
    }
}
