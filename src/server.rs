//! Laredo's own accept loop over hyper: HTTP/1.1 with a time limit on every wait, a cap on connections,
//! and an orderly stop. It knows nothing of what is served.

mod acceptor;
mod answer;
mod connection;
mod crowd;
mod framing;
mod guarded;
mod house;
mod limits;
mod pause;
mod progress;
mod refusal;
mod stop;
#[cfg(test)]
mod tests;
mod watched;

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

pub use limits::Limits;
pub use stop::{Stop, Stopper, stop};

use acceptor::Acceptor;
use house::House;

/// Serves on all the listeners, within one set of limits, until the stop has run its course. `panicked` is
/// called for each request whose handler panicked. Dropping the future cuts all connections off.
pub async fn serve<S, B>(
    listeners: Vec<TcpListener>,
    service: S,
    limits: Limits,
    stop: Stop,
    panicked: impl Fn() + Send + Sync + 'static,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin + Send + 'static,
{
    let mut listeners = listeners;
    let accept = move |context: &mut Context<'_>| poll_accept(&mut listeners, context);
    Acceptor::new(accept, service, House::open(limits, panicked))
        .run(stop)
        .await;
}

/// The next connection of any listener; the one that had its turn goes to the end.
fn poll_accept(
    listeners: &mut [TcpListener],
    context: &mut Context<'_>,
) -> Poll<io::Result<TcpStream>> {
    for _turn in 1..=listeners.len() {
        let Some(listener) = listeners.first() else {
            break;
        };
        let accepted = listener.poll_accept(context);
        listeners.rotate_left(1);
        if let Poll::Ready(accepted) = accepted {
            return Poll::Ready(accepted.map(|(stream, _)| without_delay(stream)));
        }
    }
    Poll::Pending
}

fn without_delay(stream: TcpStream) -> TcpStream {
    // The client may be gone already; its connection then ends with the first read.
    let _gone = stream.set_nodelay(true);
    stream
}
