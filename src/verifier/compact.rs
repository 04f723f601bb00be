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
    use rstest::rstest;

    use super::*;

    /// `{}` in base64url.
    const OBJECT: &str = "e30";

    #[test]
    fn a_token_is_read_into_its_parts() {
        let token = Compact::read("e30.YWI.Y2Rl").unwrap();

        assert_eq!(token.payload, b"ab");
        assert_eq!(token.signature, b"cde");
        assert_eq!(&*token.signing_input, "e30.YWI");
    }

    #[rstest]
    #[case::nothing("")]
    #[case::a_dot(".")]
    #[case::two_dots("..")]
    #[case::many_dots(&".".repeat(32 * 1024))]
    #[case::one_part("e30")]
    #[case::two_parts("e30.e30")]
    #[case::four_parts("e30.e30.e30.e30")]
    #[case::five_parts("e30.e30.e30.e30.e30")]
    #[case::no_header(".e30.e30")]
    #[case::no_payload("e30..e30")]
    #[case::no_signature("e30.e30.")]
    #[case::dot_before(".e30.e30.e30")]
    #[case::dot_behind("e30.e30.e30.")]
    #[case::json(r#"{"payload":"e30","signatures":[]}"#)]
    #[case::sd_jwt("e30.e30.e30~")]
    fn j3_j18_j19_another_form_is_refused(#[case] token: &str) {
        assert!(Compact::read(token).is_none());
    }

    /// What `part` becomes by one of the liberties that readers of base64 take (RFC 4648 §3).
    #[rstest]
    fn j24_base64url_has_one_spelling(
        #[values(
            "e30=", "e30==", " e30", "e30 ", "e3\n0", "e30\r", "e30\0", "e31", "e3", "e", "e30+",
            "e3/0", "\u{e9}30"
        )]
        odd: &str,
        #[values(0, 1, 2)] part: usize,
    ) {
        let mut parts = [OBJECT; 3];
        parts[part] = odd;

        assert!(Compact::read(&parts.join(".")).is_none());
    }

    #[test]
    fn j36_a_token_of_32_kib_is_read_and_no_longer_one() {
        let of_length = |length: usize| {
            let signature = "A".repeat(length - "e30.e30.".len());
            format!("e30.e30.{signature}")
        };

        assert!(Compact::read(&of_length(LONGEST_TOKEN)).is_some());
        // Four more characters are three more bytes, so that nothing but the length is wrong.
        assert!(Compact::read(&of_length(LONGEST_TOKEN + 4)).is_none());
    }
}
