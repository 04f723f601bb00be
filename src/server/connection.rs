//! One connection from its accept to its end.

use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};
use tower_service::Service;

use super::guarded;
use super::progress::Progress;
use super::watched::Watched;

/// A head may have this many bytes, and so may each of hyper's two buffers.
const MOST_BUFFERED: usize = 16 * 1024;
/// While nothing is due the deadline is looked at this often.
const SLOWEST_LOOK: Duration = Duration::from_secs(60);

/// Serves one connection until either side ends it, or it takes too long.
pub(super) async fn attend<I, S, B>(io: I, service: S, progress: Arc<Progress>)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin + 'static,
{
    let io = TokioIo::new(Watched::new(io, Arc::clone(&progress)));
    let asked =
        service_fn(|request| guarded::answer(service.clone(), request, Arc::clone(&progress)));
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(MOST_BUFFERED)
            .pipeline_flush(false)
            .serve_connection(io, asked)
    );
    let mut timer = pin!(sleep_until(Instant::now()));
    let mut changed = pin!(progress.changed());
    poll_fn(|context| {
        // The connection goes first: a request that has come is served, however late it is.
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        while changed.as_mut().poll(context).is_ready() {
            changed.set(progress.changed());
        }
        poll_too_late(&progress, timer.as_mut(), context)
    })
    .await;
}

/// Ready when the connection's deadline has passed. The timer is set anew only for an earlier deadline, or
/// when it goes off before its time.
fn poll_too_late(
    progress: &Progress,
    mut timer: Pin<&mut Sleep>,
    context: &mut Context<'_>,
) -> Poll<()> {
    loop {
        if let Some(deadline) = progress.deadline().filter(|due| *due < timer.deadline()) {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(context));
        let now = Instant::now();
        match progress.deadline() {
            Some(deadline) if deadline <= now => return Poll::Ready(()),
            Some(deadline) => timer.as_mut().reset(deadline),
            None => timer.as_mut().reset(look_after(now)),
        }
    }
}

fn look_after(now: Instant) -> Instant {
    now.checked_add(SLOWEST_LOOK).unwrap_or(now)
}
