//! How an attempt ended, in the protocol's terms and in those of the metrics.

use std::borrow::Cow;

use crate::http_client::Failure;
use crate::metrics::Outcome;
use crate::oauth::{Error, Token};

pub(super) fn error(failure: Failure) -> Error {
    match failure {
        Failure::Unreachable(cause) => Error::Unreachable(Cow::Borrowed(cause.text())),
        Failure::TimedOut => Error::TimedOut,
        Failure::Truncated => Error::Nonsense(Cow::Borrowed(
            "the identity provider's answer was cut short",
        )),
        Failure::TooLarge => {
            Error::Nonsense(Cow::Borrowed("the identity provider's answer is too large"))
        }
        Failure::Malformed => {
            Error::Nonsense(Cow::Borrowed("the identity provider's answer is not HTTP"))
        }
    }
}

pub(super) fn outcome(result: &Result<Token, Error>) -> Outcome {
    match result {
        Ok(_) => Outcome::Success,
        Err(Error::Refused(_)) => Outcome::Refused,
        Err(error) if error.retry_after().is_some() => Outcome::Throttled,
        Err(Error::TimedOut) => Outcome::Timeout,
        Err(Error::Unreachable(_)) => Outcome::Unreachable,
        Err(_) => Outcome::Invalid,
    }
}
