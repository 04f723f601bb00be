//! Reading a token endpoint's answer without one, for the fuzz targets (`fuzz`). No production build has it.

use std::time::Duration;

use super::{answer, token_client};
use crate::clock::Moment;
use crate::oauth::{Error, Token};

/// What becomes of an answer with this status and body, the token having been asked for at `begun`.
///
/// # Errors
/// Whatever was answered in place of a token.
pub fn token(
    status: u16,
    body: &[u8],
    pause: Option<Duration>,
    begun: Moment,
) -> Result<Token, Error> {
    let issued = answer::read(status, body, pause)?;
    token_client::token(&issued, begun, None)
}
