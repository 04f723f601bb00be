//! A signed JWT in compact form (RFC 7515 §3.1): three parts of base64url, read before anything is trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::header::Header;

/// The longest token that is looked at, in bytes.
const LONGEST_TOKEN: usize = 32 * 1024;

/// A token's parts, decoded; nothing in it is verified.
#[derive(Debug)]
pub struct Compact {
    /// What its header says.
    pub(super) header: Header,
    /// The JWS payload, which is the claims if all is well.
    pub(super) payload: Vec<u8>,
    /// The JWS signature.
    pub(super) signature: Vec<u8>,
    /// The JWS signing input: the first two parts as they came.
    pub(super) signing_input: Box<str>,
}

impl Compact {
    /// Reads a token; `None` if it is no signed JWT in compact form, or its header is not understood.
    ///
    /// The base64url reader takes one spelling only: no padding, no white space, no stray bits (RFC 4648 §3.5).
    #[must_use]
    pub fn read(token: &str) -> Option<Self> {
        if token.len() > LONGEST_TOKEN || !token.is_ascii() {
            return None;
        }
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        if payload.contains('.') {
            return None;
        }
        Some(Self {
            header: Header::read(&decoded(header)?)?,
            payload: decoded(payload)?,
            signature: decoded(signature)?,
            signing_input: signing_input.into(),
        })
    }
}

/// The bytes of a part that is there.
fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(part)
        .ok()
        .filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s23_a_token_over_32_kib_is_not_read() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        let of_length = |length: usize| {
            let payload = "A".repeat(length - header.len() - ".".len() - ".AAAA".len());
            format!("{header}.{payload}.AAAA")
        };
        let is_read = |length| Compact::read(&of_length(length)).is_some();

        // A payload of base64url has no length of 4n + 1.
        assert!((32 * 1024 - 3..=32 * 1024).any(is_read));
        assert!(!(32 * 1024 + 1..32 * 1024 + 5).any(is_read));
    }
}
