//! Where one request ends and the next begins, so that hyper is given one part of one request at a time.
//!
//! Hyper decides what is valid. This only counts, so that each part can be timed, and sees the one thing
//! that hyper lets pass and another reader might take otherwise: a head whose lines end in a bare LF.

use std::mem;

/// The part of a request that is being read.
#[derive(Debug)]
pub(super) enum Part {
    Head(Head),
    Sized(u64),
    Chunked(Chunks),
}

/// A head, up to and including its empty line.
#[derive(Debug, Default)]
pub(super) struct Head {
    line: Line,
    /// A line that is not empty was seen.
    begun: bool,
    /// Bytes were seen, if only of empty lines ahead of the request line (RFC 9112 §2.2).
    pub(super) touched: bool,
    pub(super) complete: bool,
    /// A line ended without CR.
    pub(super) bare_line_feed: bool,
}

/// What has been seen of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    #[default]
    Empty,
    /// Only a CR.
    Return,
    Text,
    /// Text and, last, a CR.
    TextReturn,
}

impl Line {
    /// The line with more bytes, none of them a line feed.
    fn and(self, bytes: &[u8]) -> Self {
        match (self, bytes) {
            (line, []) => line,
            (Self::Empty, [b'\r']) => Self::Return,
            (_, [.., b'\r']) => Self::TextReturn,
            _ => Self::Text,
        }
    }
}

/// A chunked body (RFC 9112 §7.1).
#[derive(Debug)]
pub(super) enum Chunks {
    Size(u64),
    /// The rest of the size's line.
    Extension(u64),
    /// Data and the line break behind it.
    Data(u64),
    Trailer(Head),
}

impl Part {
    pub(super) fn head() -> Self {
        Self::Head(Head::default())
    }

    /// How many of the bytes belong to this part. When they end a body, the next part is a head.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        let taken = match self {
            Self::Head(head) => return head.take(bytes),
            Self::Sized(left) => take_counted(left, bytes),
            Self::Chunked(chunks) => chunks.take(bytes),
        };
        if self.is_finished_body() {
            *self = Self::head();
        }
        taken
    }

    fn is_finished_body(&self) -> bool {
        match self {
            Self::Head(_) => false,
            Self::Sized(left) => *left == 0,
            Self::Chunked(Chunks::Trailer(trailer)) => trailer.complete,
            Self::Chunked(_) => false,
        }
    }
}

fn take_counted(left: &mut u64, bytes: &[u8]) -> usize {
    let taken = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
    *left = left.saturating_sub(taken as u64);
    taken
}

impl Head {
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !self.complete && !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let (text, behind) = rest.split_at(end.unwrap_or(rest.len()));
            self.line = self.line.and(text);
            rest = match behind.split_first() {
                Some((_, behind)) => {
                    let line = mem::take(&mut self.line);
                    self.end_line(line);
                    behind
                }
                None => behind,
            };
        }
        let taken = bytes.len().saturating_sub(rest.len());
        self.touched |= taken > 0;
        taken
    }

    fn end_line(&mut self, line: Line) {
        self.bare_line_feed |= matches!(line, Line::Empty | Line::Text);
        match line {
            Line::Text | Line::TextReturn => self.begun = true,
            Line::Empty | Line::Return => self.complete = self.begun,
        }
    }

    /// A trailer section: it is complete at the first empty line, also when that is its first line.
    fn trailer() -> Self {
        Self {
            begun: true,
            ..Self::default()
        }
    }
}

impl Chunks {
    pub(super) fn begin() -> Self {
        Self::Size(0)
    }

    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = self.step(rest);
            if taken == 0 {
                break;
            }
            rest = rest.get(taken..).unwrap_or_default();
        }
        bytes.len().saturating_sub(rest.len())
    }

    fn step(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Data(left) => {
                let taken = take_counted(left, bytes);
                if *left == 0 {
                    *self = Self::begin();
                }
                taken
            }
            Self::Trailer(trailer) => trailer.take(bytes),
            Self::Size(_) | Self::Extension(_) => {
                bytes.first().map_or(0, |byte| self.see_size(*byte))
            }
        }
    }

    fn see_size(&mut self, byte: u8) -> usize {
        *self = match (mem::replace(self, Self::begin()), byte) {
            (Self::Size(0) | Self::Extension(0), b'\n') => Self::Trailer(Head::trailer()),
            (Self::Size(size) | Self::Extension(size), b'\n') => {
                Self::Data(size.saturating_add(LINE_BREAK))
            }
            (Self::Size(size), digit) => match (digit as char).to_digit(16) {
                Some(value) => Self::Size(size.saturating_mul(16).saturating_add(value.into())),
                None => Self::Extension(size),
            },
            (other, _) => other,
        };
        1
    }
}

const LINE_BREAK: u64 = 2;

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test may fail by overflow"
)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn head(bytes: &[u8]) -> (usize, Head) {
        let mut head = Head::default();
        let taken = head.take(bytes);
        (taken, head)
    }

    #[rstest]
    #[case::no_headers(b"GET / HTTP/1.1\r\n\r\n")]
    #[case::headers(b"GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n")]
    #[case::empty_lines_ahead(b"\r\n\r\nGET / HTTP/1.1\r\n\r\n")]
    fn a_head_ends_at_its_empty_line(#[case] bytes: &[u8]) {
        let request = [bytes, b"rest\n\n"].concat();

        let (taken, head) = head(&request);

        assert_eq!((taken, head.complete), (bytes.len(), true));
        assert!(!head.bare_line_feed);
    }

    #[test]
    fn a_head_in_single_bytes_ends_in_the_same_place() {
        let mut head = Head::default();

        let taken: usize = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"
            .iter()
            .map(|byte| head.take(&[*byte]))
            .sum();

        assert_eq!(taken, 27);
    }

    #[rstest]
    #[case::everywhere(b"GET / HTTP/1.1\nHost: a\n\n")]
    #[case::in_the_request_line(b"GET / HTTP/1.1\nHost: a\r\n\r\n")]
    #[case::in_a_header(b"GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n")]
    #[case::in_the_empty_line(b"GET / HTTP/1.1\r\nHost: a\r\n\n")]
    #[case::ahead(b"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    fn h10_a_bare_line_feed_in_a_head_is_seen(#[case] bytes: &[u8]) {
        let (taken, head) = head(bytes);

        assert_eq!((taken, head.complete), (bytes.len(), true));
        assert!(head.bare_line_feed);
    }

    #[test]
    fn a_sized_body_ends_after_its_length() {
        let mut part = Part::Sized(5);

        assert_eq!(part.take(b"abc"), 3);
        assert_eq!(part.take(b"deGET"), 2);
        assert!(matches!(part, Part::Head(_)));
    }

    #[rstest]
    #[case::empty(b"0\r\n\r\n")]
    #[case::two_chunks(b"3\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n")]
    #[case::an_end_within_the_data(b"5\r\n0\r\n\r\n\r\n0\r\n\r\n")]
    #[case::extension(b"3;name=beef\r\nabc\r\n0;last\r\n\r\n")]
    #[case::trailers(b"1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n")]
    fn a_chunked_body_ends_after_its_trailers(#[case] body: &[u8]) {
        for step in [1, 2, 7, 64] {
            let mut part = Part::Chunked(Chunks::begin());
            let whole = [body, b"GET / HTTP/1.1\r\n"].concat();
            let mut taken = 0;

            while matches!(part, Part::Chunked(_)) {
                let end = (taken + step).min(whole.len());
                taken += part.take(&whole[taken..end]);
            }

            assert_eq!(taken, body.len());
        }
    }

    #[test]
    fn h10_a_chunk_size_beyond_all_numbers_does_not_wrap() {
        let mut part = Part::Chunked(Chunks::begin());

        part.take(b"ffffffffffffffffffff\r\nGET / HTTP/1.1\r\n\r\n");

        assert!(matches!(part, Part::Chunked(Chunks::Data(left)) if left > u64::MAX / 2));
    }
}
