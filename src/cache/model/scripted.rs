//! The model's tokens and errors as the cache knows them.

use std::time::Duration;

use super::Result as Scripted;
use super::expected::Token as ExpectedToken;
use crate::clock::Moment;
use crate::oauth::{Error, Lifetime, Refusal, Token};
use crate::secret::Secret;

pub(super) fn real_token(token: ExpectedToken) -> Token {
    let lifetime = Lifetime {
        begun: Moment::at(Duration::from_millis(token.begun)),
        stated: Duration::from_millis(token.stated),
        refresh_in: None,
        cap: None,
    };
    Token::new(&Secret::from(format!("token-{}", token.text)), lifetime).unwrap()
}

pub(super) fn real_error(error: Scripted) -> Error {
    match error {
        Scripted::Refused => Error::Refused(Box::new(Refusal {
            status: 400,
            error: "invalid_scope".into(),
            description: None,
            further: serde_json::Map::new(),
        })),
        Scripted::Unreachable => Error::Unreachable("scripted".into()),
        Scripted::Nonsense => Error::Nonsense("scripted".into()),
        Scripted::TimedOut => Error::TimedOut,
        Scripted::Throttled { retry_after } => Error::Throttled {
            retry_after: Duration::from_secs(retry_after),
        },
        Scripted::Unavailable { retry_after } => Error::Unavailable {
            retry_after: retry_after.map(Duration::from_secs),
            description: "scripted".into(),
        },
        Scripted::Overloaded => Error::Overloaded,
        other => {
            assert_eq!(other, Scripted::Internal);
            Error::Internal
        }
    }
}
