//! What a fault does to a call. It is read from a [`Fault`] when that is turned on, so that it cannot fail later.

use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use super::answer::{Answer, Members};
use super::entra_error::EntraError;
use super::server::HangUp;
use super::shared::Words;
use super::truncated_body::TruncatedBody;
use super::{Fault, InvalidFault};

#[derive(Debug)]
pub(super) struct Effect {
    delay: Duration,
    hang: bool,
    hang_up: bool,
    members: Vec<(&'static str, String)>,
    aadsts: Option<u32>,
    status: Option<StatusCode>,
    headers: Headers,
    body: Option<Bytes>,
    truncate: bool,
}

/// Every name in `added` is in `dropped` too.
#[derive(Debug, Default)]
struct Headers {
    dropped: Vec<HeaderName>,
    added: Vec<(HeaderName, HeaderValue)>,
}

impl Effect {
    pub(super) fn of(fault: &Fault) -> Result<Self, InvalidFault> {
        Ok(Self {
            delay: Duration::from_millis(fault.delay.unwrap_or(0)),
            hang: fault.hang,
            hang_up: fault.outage,
            members: members(fault),
            aadsts: aadsts(fault)?,
            status: status(fault)?,
            headers: Headers::of(fault)?,
            body: fault.body.clone().map(Bytes::from),
            truncate: fault.truncate,
        })
    }

    /// Whatever happens before the call is looked at; some calls end here.
    pub(super) async fn before_answer(&self) -> Option<Response> {
        tokio::time::sleep(self.delay).await;
        if self.hang {
            std::future::pending::<()>().await;
        }
        self.hang_up.then(|| {
            let mut response = Response::default();
            response.extensions_mut().insert(HangUp);
            response
        })
    }

    pub(super) fn change_members(&self, members: &mut Members) {
        for (name, text) in &self.members {
            members.replace(name, text);
        }
    }

    pub(super) fn change_answer(&self, answer: Answer, words: Words, now: SystemTime) -> Response {
        let mut answer = self.with_status(answer, words, now);
        self.headers.change(answer.headers_mut());
        if let Some(body) = &self.body {
            *answer.body_mut() = body.clone();
        }
        if self.truncate {
            return truncated(answer);
        }
        answer.map(Body::from)
    }

    fn with_status(&self, mut answer: Answer, words: Words, now: SystemTime) -> Answer {
        if let Some(refusal) = self.aadsts.and_then(EntraError::on_order) {
            return refusal.into_answer(now);
        }
        let Some(status) = self.status else {
            return answer;
        };
        if status.as_u16() >= 400 {
            return words(status, now);
        }
        *answer.status_mut() = status;
        if status.is_redirection() {
            *answer.body_mut() = Bytes::new();
        }
        answer
    }
}

fn members(fault: &Fault) -> Vec<(&'static str, String)> {
    [
        ("access_token", &fault.access_token),
        ("token_type", &fault.token_type),
        ("expires_in", &fault.expires_in),
        ("refresh_in", &fault.refresh_in),
        ("scope", &fault.scope),
        ("issued_token_type", &fault.issued_token_type),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name, text.clone()?)))
    .collect()
}

fn aadsts(fault: &Fault) -> Result<Option<u32>, InvalidFault> {
    match fault.aadsts {
        Some(code) if EntraError::on_order(code).is_none() => {
            Err(InvalidFault("`aadsts` is 65001 or 50076".to_owned()))
        }
        code => Ok(code),
    }
}

fn status(fault: &Fault) -> Result<Option<StatusCode>, InvalidFault> {
    match fault.status {
        Some(code @ 200..=599) => Ok(StatusCode::from_u16(code).ok()),
        Some(_) => Err(InvalidFault("`status` is 200 to 599".to_owned())),
        None if fault.throttle.is_some() => Ok(Some(StatusCode::TOO_MANY_REQUESTS)),
        None if fault.redirect.is_some() => Ok(Some(StatusCode::FOUND)),
        None => Ok(None),
    }
}

fn truncated(answer: Answer) -> Response {
    let length = answer.body().len();
    let mut response = answer.map(|body| Body::new(TruncatedBody::half_of(&body)));
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

impl Headers {
    fn of(fault: &Fault) -> Result<Self, InvalidFault> {
        let mut headers = Self::default();
        for (name, value) in [
            (RETRY_AFTER, &fault.throttle),
            (LOCATION, &fault.redirect),
            (CONTENT_TYPE, &fault.content_type),
        ] {
            if let Some(value) = value {
                headers.add(name, value)?;
            }
        }
        if fault.content_type.as_deref() == Some("") {
            headers.added.retain(|(name, _)| name != CONTENT_TYPE);
        }
        for line in fault.headers.iter().flat_map(|lines| lines.lines()) {
            headers.add_line(line)?;
        }
        Ok(headers)
    }

    fn add_line(&mut self, line: &str) -> Result<(), InvalidFault> {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match HeaderName::from_bytes(name.as_bytes()) {
            // hyper counts for itself and would not survive another's count.
            Ok(CONTENT_LENGTH | TRANSFER_ENCODING) => Err(InvalidFault(
                "the body's length cannot be set; see `truncate`".to_owned(),
            )),
            Ok(name) if line.contains(':') => self.add(name, value.trim()),
            _ => Err(InvalidFault("a header is `Name: value`".to_owned())),
        }
    }

    fn add(&mut self, name: HeaderName, value: &str) -> Result<(), InvalidFault> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| InvalidFault(format!("no value for a header `{name}`")))?;
        self.dropped.push(name.clone());
        self.added.push((name, value));
        Ok(())
    }

    fn change(&self, headers: &mut HeaderMap) {
        for name in &self.dropped {
            headers.remove(name);
        }
        for (name, value) in &self.added {
            headers.append(name, value.clone());
        }
    }
}
