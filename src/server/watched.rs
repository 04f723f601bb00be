//! The socket as hyper sees it: one part of one request at a time, and every wait noted.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::framing::{Chunks, Part};
use super::progress::{Extent, Phase, Progress};

/// What is thrown away, at most, of what a client sends after its last answer.
const MOST_DISCARDED: usize = 4 * 1024 * 1024;
/// A larger buffer for surplus is given back as soon as it is empty.
const SURPLUS_KEPT: usize = 1024;

pub(super) struct Watched<I> {
    io: I,
    progress: Arc<Progress>,
    part: Part,
    surplus: Surplus,
    shut: bool,
    discarded: usize,
}

/// Bytes that came with a part but belong to later ones.
#[derive(Default)]
struct Surplus {
    bytes: Vec<u8>,
    start: usize,
}

impl Surplus {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    fn fill(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.start = 0;
    }

    fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count);
        if self.rest().is_empty() {
            self.start = 0;
            self.bytes.clear();
            self.bytes.shrink_to(SURPLUS_KEPT);
        }
    }
}

impl<I> Watched<I> {
    pub(super) fn new(io: I, progress: Arc<Progress>) -> Self {
        Self {
            io,
            progress,
            part: Part::head(),
            surplus: Surplus::default(),
            shut: false,
            discarded: 0,
        }
    }

    /// Hears whether hyper has read the head; then its body comes, or the next head.
    fn follow_hyper(&mut self) {
        match self.progress.take_body() {
            None => {}
            Some(Extent::Sized(0)) => self.part = Part::head(),
            Some(Extent::Sized(length)) => self.part = Part::Sized(length),
            Some(Extent::Chunked) => self.part = Part::Chunked(Chunks::begin()),
        }
    }

    fn note_received(&self) {
        match &self.part {
            Part::Head(head) if !head.touched => self.progress.body_is_complete(),
            Part::Head(head) if head.complete && head.bare_line_feed => {
                self.progress.head_is_ambiguous();
            }
            Part::Head(head) if !head.complete => self.progress.head_is_incomplete(),
            _ => {}
        }
    }

    fn note_waiting(&self) {
        if !matches!(self.part, Part::Head(_)) {
            self.progress.body_is_awaited();
        }
    }

    fn note_flushed(&mut self) {
        if !self.progress.take_answered() {
            return;
        }
        self.follow_hyper();
        self.progress.enter(match &self.part {
            Part::Head(head) if head.complete => Phase::Answer,
            Part::Head(head) if head.touched => Phase::Head,
            Part::Head(_) => Phase::Idle,
            Part::Sized(_) | Part::Chunked(_) => Phase::Body,
        });
    }
}

impl<I: AsyncRead + Unpin> Watched<I> {
    fn read_surplus(&mut self, buffer: &mut ReadBuf<'_>) {
        let rest = self.surplus.rest();
        let fitting = rest.get(..buffer.remaining()).unwrap_or(rest);
        let taken = self.part.take(fitting);
        buffer.put_slice(fitting.get(..taken).unwrap_or_default());
        self.surplus.consume(taken);
    }

    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        let received = buffer.filled().get(before..).unwrap_or_default();
        let (taken, surplus) = received.split_at(self.part.take(received));
        if !surplus.is_empty() {
            self.surplus.fill(surplus);
            let filled = before.saturating_add(taken.len());
            buffer.set_filled(filled);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads until the client is done, so that closing does not destroy an answer on its way to it.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 4096];
        while self.discarded < MOST_DISCARDED {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.io).poll_read(context, &mut buffer))?;
            match buffer.filled().len() {
                0 => break,
                count => self.discarded = self.discarded.saturating_add(count),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let watched = self.get_mut();
        watched.follow_hyper();
        if matches!(&watched.part, Part::Head(head) if head.complete) {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        if watched.surplus.rest().is_empty() {
            let Poll::Ready(outcome) = watched.poll_receive(context, buffer) else {
                watched.note_waiting();
                return Poll::Pending;
            };
            outcome?;
        } else {
            watched.read_surplus(buffer);
        }
        watched.note_received();
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let outcome = Pin::new(&mut watched.io).poll_write(context, bytes);
        if outcome.is_pending() {
            watched.progress.client_holds_up();
        }
        outcome
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let watched = self.get_mut();
        let outcome = Pin::new(&mut watched.io).poll_write_vectored(context, slices);
        if outcome.is_pending() {
            watched.progress.client_holds_up();
        }
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let watched = self.get_mut();
        ready!(Pin::new(&mut watched.io).poll_flush(context))?;
        watched.note_flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let watched = self.get_mut();
        if !watched.shut {
            ready!(Pin::new(&mut watched.io).poll_shutdown(context))?;
            watched.shut = true;
            watched.progress.enter(Phase::Closing);
        }
        watched.poll_discard(context)
    }
}
