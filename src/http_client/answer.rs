//! A peer's whole answer, read within a limit.

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{Failure, retry_after};

/// The longest answer that is taken, in bytes, from `contract.md` §4.
pub const BODY_LIMIT: usize = 256 * 1024;
/// Room for an answer whose length is not told: a token with many groups fits.
const FIRST_ROOM: usize = 16 * 1024;

/// How long to wait for the words that go with 429, or with 503 and a `Retry-After`.
const PATIENCE_WITH_A_REASON: Duration = Duration::from_millis(250);

/// An answer that came whole, or at least its head where that says it all. Redirects are answers too: nobody follows them.
pub struct Answer {
    /// The HTTP status, 100–599 and whatever else three digits can say.
    pub status: u16,
    /// As it came, at most [`BODY_LIMIT`]; it may hold tokens, so it is wiped on drop.
    pub body: Zeroizing<Vec<u8>>,
    /// As the peer wrote it.
    pub content_type: Option<String>,
    /// How long the peer wants to be left alone, if it says so once and readably; see [`Answer::pause`].
    pub retry_after: Option<Duration>,
    /// The peer's wall time.
    pub date: Option<SystemTime>,
}

impl Answer {
    /// How long not to call again: on 429 always some time, on 503 if the peer said so.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        retry_after::pause(self.status, self.retry_after)
    }

    /// Whether asking again at once can help: 502, 503 and 504 that do not say when to come back.
    #[must_use]
    pub fn may_be_retried(&self) -> bool {
        matches!(self.status, 502..=504) && self.retry_after.is_none()
    }

    /// Reads the rest of `response`; `now` stands in for a date it does not bear.
    pub(super) async fn read(response: Response, now: SystemTime) -> Result<Self, Failure> {
        let headers = response.headers();
        let date = only(headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        let retry_after = only(headers, &RETRY_AFTER)
            .and_then(|field| retry_after::read(field.as_bytes(), date.unwrap_or(now)));
        let content_type = only(headers, &CONTENT_TYPE).map(str::to_owned);
        let status = response.status().as_u16();
        let body = if retry_after::pause(status, retry_after).is_some() {
            // Status and header say it all: that must not get lost with a body that breaks off.
            let body = timeout(PATIENCE_WITH_A_REASON, read_body(response)).await;
            body.unwrap_or(Ok(Zeroizing::default())).unwrap_or_default()
        } else {
            read_body(response).await?
        };
        Ok(Self {
            status,
            content_type,
            retry_after,
            date,
            body,
        })
    }
}

/// Status and length; nothing of the body.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .field("length", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A field given exactly once, if it is text.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

async fn read_body(mut response: Response) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let told = response.content_length();
    let told = told.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if told.is_some_and(|length| length > BODY_LIMIT) {
        return Err(Failure::TooLarge);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(told.unwrap_or(FIRST_ROOM)));
    while let Some(chunk) = response.chunk().await.map_err(|error| of_body(&error))? {
        let length = body.len().saturating_add(chunk.len());
        if length > BODY_LIMIT {
            return Err(Failure::TooLarge);
        }
        make_room(&mut body, length);
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn of_body(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::Truncated
    }
}

/// A vector that grows by itself leaves its old bytes behind unwiped.
fn make_room(body: &mut Zeroizing<Vec<u8>>, length: usize) {
    if length <= body.capacity() {
        return;
    }
    let mut larger = Vec::with_capacity(length.saturating_mul(2).min(BODY_LIMIT));
    larger.extend_from_slice(body);
    *body = Zeroizing::new(larger);
}
