//! A body that ends before its announced length.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};

/// Sends what it has, then fails, upon which hyper closes the connection.
pub(super) struct TruncatedBody {
    sent: Bytes,
    flushed: bool,
}

impl TruncatedBody {
    /// The first half of the body.
    pub(super) fn half_of(body: &Bytes) -> Self {
        let half = body.len() / 2;
        Self {
            sent: body.slice(..half),
            flushed: false,
        }
    }
}

impl Body for TruncatedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let sent = std::mem::take(&mut self.sent);
        if !sent.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(sent))));
        }
        if !self.flushed {
            // hyper writes its buffer out when a body has nothing to give, and throws it away upon an error.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
    }
}
