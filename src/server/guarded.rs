//! The service as hyper calls it: no panic gets out, and no request gets in that could be read in two ways.

use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::TRANSFER_ENCODING;
use hyper::{Request, Response};
use tower_service::Service;

use super::answer;
use super::progress::{Extent, Progress};

/// The body of an answer. Dropping it tells that hyper has it all.
pub(super) struct Answer<B> {
    body: Source<B>,
    progress: Arc<Progress>,
}

enum Source<B> {
    Service(B),
    Server(Full<Bytes>),
}

/// Has the service answer. The request counts as begun from the call on, not only from the first poll:
/// hyper reads on in between.
pub(super) fn answer<S, B>(
    service: S,
    request: Request<Incoming>,
    progress: Arc<Progress>,
) -> impl Future<Output = Result<Response<Answer<B>>, Infallible>>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
{
    let plain = !progress.is_ambiguous() && !is_oddly_coded(&request);
    progress.begin_request(extent(request.body()));
    finish(service, plain.then_some(request), progress)
}

async fn finish<S, B>(
    service: S,
    plain: Option<Request<Incoming>>,
    progress: Arc<Progress>,
) -> Result<Response<Answer<B>>, Infallible>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
{
    let answer = match plain {
        None => Err(answer::ambiguous()),
        Some(request) => guarded(service, request).await.ok_or_else(|| {
            progress.house.note_panic();
            answer::failed()
        }),
    };
    progress.body_is_complete();
    let mut answer = answer.map_or_else(
        |own| own.map(Source::Server),
        |services| services.map(Source::Service),
    );
    if progress.ends() {
        answer::close(&mut answer);
    }
    Ok(answer.map(|body| Answer { body, progress }))
}

fn extent(body: &Incoming) -> Extent {
    body.size_hint()
        .exact()
        .map_or(Extent::Chunked, Extent::Sized)
}

/// Hyper looks only at the last coding; one `chunked` and nothing else is what has one meaning.
fn is_oddly_coded(request: &Request<Incoming>) -> bool {
    let mut codings = request.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => false,
        (Some(coding), None) => !coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => true,
    }
}

/// The service's answer; none if it panicked.
async fn guarded<S, R, A>(mut service: S, request: R) -> Option<A>
where
    S: Service<R, Response = A, Error = Infallible>,
{
    let mut future = pin!(async move {
        match poll_fn(|context| service.poll_ready(context)).await {
            Ok(()) => service.call(request).await,
            Err(never) => match never {},
        }
    });
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Result::ok),
            Err(_) => Poll::Ready(None),
        },
    )
    .await
}

impl<B> Body for Answer<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.get_mut().body {
            Source::Service(body) => Pin::new(body).poll_frame(context),
            Source::Server(body) => Pin::new(body)
                .poll_frame(context)
                .map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Source::Service(body) => body.is_end_stream(),
            Source::Server(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Source::Service(body) => body.size_hint(),
            Source::Server(body) => body.size_hint(),
        }
    }
}

impl<B> Drop for Answer<B> {
    fn drop(&mut self) {
        self.progress.answer_is_given();
    }
}
