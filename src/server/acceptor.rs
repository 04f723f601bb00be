//! The accept loop.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tower_service::Service;

use super::connection::attend;
use super::crowd::Crowd;
use super::house::House;
use super::pause::Pause;
use super::refusal::refuse;
use super::stop::{Stage, Stop};

/// Connections that are being answered 503, at most; further ones wait to be accepted.
const MOST_REFUSALS: usize = 8;

/// Accepts connections by `accept` and has `service` answer on them.
pub(super) struct Acceptor<A, S> {
    accept: A,
    service: S,
    crowd: Crowd,
    refusals: JoinSet<()>,
    pause: Pause,
}

impl<A, S, I, B> Acceptor<A, S>
where
    A: FnMut(&mut Context<'_>) -> Poll<io::Result<I>>,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin + Send + 'static,
{
    pub(super) fn new(accept: A, service: S, house: House) -> Self {
        Self {
            accept,
            service,
            crowd: Crowd::new(house),
            refusals: JoinSet::new(),
            pause: Pause::default(),
        }
    }

    /// Serves until the stop has run its course.
    pub(super) async fn run(mut self, mut stop: Stop) {
        let mut stage = Stage::Running;
        loop {
            tokio::select! {
                biased;
                later = stop.after(stage) => {
                    stage = later;
                    self.crowd.house().announce_stop();
                    if stage == Stage::Draining {
                        break;
                    }
                }
                () = self.crowd.one_left(), if !self.crowd.is_empty() => {}
                Some(_) = self.refusals.join_next() => {}
                () = self.pause.over(), if self.pause.is_on() => {}
                accepted = poll_fn(&mut self.accept),
                    if !self.pause.is_on() && self.refusals.len() < MOST_REFUSALS =>
                {
                    self.welcome(accepted).await;
                }
            }
        }
        self.drain().await;
    }

    async fn welcome(&mut self, accepted: io::Result<I>) {
        match accepted {
            Ok(io) => {
                self.pause.accepted();
                self.admit(io).await;
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                self.pause.failed(&error);
                self.crowd.relieve();
            }
        }
    }

    async fn admit(&mut self, io: I) {
        if self.crowd.make_room().await {
            self.attend(io);
        } else {
            self.refusals.spawn(refuse(io));
        }
    }

    fn attend(&mut self, io: I) {
        let service = self.service.clone();
        self.crowd.enter(|progress| attend(io, service, progress));
    }

    /// Lets those in who already knock, closes the door, and waits for all to leave.
    async fn drain(mut self) {
        while let Some(Ok(io)) = self.knocking().await {
            if !self.crowd.is_full() {
                self.attend(io);
            }
        }
        drop(self.accept);
        self.crowd.drain().await;
    }

    async fn knocking(&mut self) -> Option<io::Result<I>> {
        poll_fn(|context| match (self.accept)(context) {
            Poll::Ready(accepted) => Poll::Ready(Some(accepted)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}

/// Whether accepting failed by the client's doing, and the next one may do better at once.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
