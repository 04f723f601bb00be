//! A token's header (RFC 7515 §4): what it may say, and what makes it refused.

use serde_json::{Map, Value};

use super::Algorithm;
use crate::json::Unambiguous;

/// Parameters that change what the token means. None is understood here, so none may be there (RFC 7515 §4.1.11,
/// RFC 7797, RFC 7516 §4.1).
const REFUSED: [&str; 5] = ["crit", "b64", "zip", "enc", "cty"];
/// What `typ` may say, in any case: a JWT (RFC 7519 §5.1) or an access token (RFC 9068 §2.1). Other kinds of JWT
/// are made for other purposes and must not pass for an access token (RFC 8725 §3.11).
const TYPES: [&str; 4] = ["JWT", "application/jwt", "at+jwt", "application/at+jwt"];

/// What is used of a header. Where it points to keys of its own (`jwk`, `jku`, `x5u`, `x5c`) is not even read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// `alg`, if it is one that is understood.
    pub(super) algorithm: Option<Algorithm>,
    /// `kid`, if it is a string.
    pub(super) key_id: Option<String>,
}

impl Header {
    /// Reads a header; `None` if it is not one JSON object without ambiguity, or says what is not understood.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Unambiguous>(json).ok()?;
        let parameters: Map<String, Value> = serde_json::from_slice(json).ok()?;
        if REFUSED.iter().any(|name| parameters.contains_key(*name)) {
            return None;
        }
        if !parameters.get("typ").is_none_or(is_access_token) {
            return None;
        }
        let text = |name| parameters.get(name).and_then(Value::as_str);
        Some(Self {
            algorithm: text("alg").and_then(Algorithm::parse),
            key_id: text("kid").map(str::to_owned),
        })
    }
}

fn is_access_token(typ: &Value) -> bool {
    let text = typ.as_str().unwrap_or_default();
    TYPES.iter().any(|known| known.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(members: &str) -> Option<Header> {
        Header::read(format!(r#"{{"alg":"RS256","kid":"k"{members}}}"#).as_bytes())
    }

    fn good() -> Option<Header> {
        Some(Header {
            algorithm: Some(Algorithm::Rs256),
            key_id: Some("k".to_owned()),
        })
    }

    #[rstest]
    #[case::none("")]
    #[case::jwt(r#","typ":"JWT""#)]
    #[case::jwt_in_another_case(r#","typ":"jWt""#)]
    #[case::jwt_in_full(r#","typ":"application/JWT""#)]
    #[case::access_token(r#","typ":"at+jwt""#)]
    #[case::access_token_in_full(r#","typ":"APPLICATION/AT+JWT""#)]
    fn j20_a_type_of_access_tokens_is_read(#[case] members: &str) {
        assert_eq!(read(members), good());
    }

    #[rstest]
    fn j22_what_is_not_known_is_passed_over(
        #[values(r#""a""#, "1", "1.5", "null", "true", "[1]", r#"{"b":{}}"#)] value: &str,
        #[values("x", "x5t", "jwk", "jku", "nonce", "CRIT", "Alg", "")] name: &str,
    ) {
        assert_eq!(read(&format!(r#","{name}":{value}"#)), good());
    }

    #[rstest]
    fn j15_j16_j17_j18_what_changes_the_meaning_is_refused(
        #[values("crit", "b64", "zip", "enc", "cty", "c\\u0072it")] name: &str,
        #[values("null", "true", "[]", r#"["exp"]"#, r#""JWT""#, r#""""#)] value: &str,
    ) {
        assert_eq!(read(&format!(r#","{name}":{value}"#)), None);
    }

    #[rstest]
    fn j21_another_type_is_refused(
        #[values(
            "null",
            "1",
            "[\"JWT\"]",
            "\"\"",
            "\"JWS\"",
            "\"JOSE\"",
            "\"JWE\"",
            "\"dpop+jwt\"",
            "\"logout+jwt\"",
            "\" JWT\"",
            "\"JWT \"",
            "\"at+jwt;x\"",
            "\"application/dpop+jwt\"",
            "\"application/application/jwt\""
        )]
        value: &str,
    ) {
        assert_eq!(read(&format!(r#","typ":{value}"#)), None);
    }

    #[rstest]
    #[case::alg(r#","alg":"RS256""#)]
    #[case::kid_by_an_escape(r#","\u006bid":"k""#)]
    #[case::unknown(r#","x":1,"x":1"#)]
    #[case::below(r#","x":[{"y":1,"y":1}]"#)]
    fn j23_a_name_given_twice_is_refused(#[case] members: &str) {
        assert_eq!(read(members), None);
    }

    #[rstest]
    #[case::array(b"[]")]
    #[case::text(b"\"a\"")]
    #[case::null(b"null")]
    #[case::nothing(b"")]
    #[case::cut_short(b"{\"alg\":\"RS256\"")]
    #[case::text_behind(b"{} x")]
    #[case::two(b"{}{}")]
    #[case::byte_order_mark(b"\xef\xbb\xbf{}")]
    #[case::not_utf_8(b"{\"x\":\"\xff\"}")]
    #[case::not_utf_8_in_a_name(b"{\"\xff\":1}")]
    #[case::lone_surrogate(br#"{"x":"\ud800"}"#)]
    #[case::no_number(br#"{"x":NaN}"#)]
    #[case::number_out_of_range(br#"{"x":1e400}"#)]
    #[case::comment(b"{/**/}")]
    #[case::trailing_comma(b"{\"x\":1,}")]
    fn what_is_not_one_json_object_is_no_header(#[case] json: &[u8]) {
        assert_eq!(Header::read(json), None);
    }

    #[test]
    fn a_deep_header_is_refused() {
        let nested = |depth: usize| format!(r#","x":{}{}"#, "[".repeat(depth), "]".repeat(depth));

        assert_eq!(read(&nested(100)), good());
        assert_eq!(read(&nested(128)), None);
        assert_eq!(read(&nested(10_000)), None);
    }

    #[rstest]
    fn j2_j5_an_algorithm_is_named_to_the_letter(
        #[values(
            r#""none""#,
            r#""rs256""#,
            r#""RS256 ""#,
            r#"" RS256""#,
            r#""RS256\u0000""#,
            r#""RS1""#,
            r#""HS256""#,
            r#""RS384""#,
            r#""ES512""#,
            r#""Ed25519""#,
            r#""eddsa""#,
            r#""""#,
            "null",
            "256",
            r#"["RS256"]"#
        )]
        value: &str,
    ) {
        let header = Header::read(format!(r#"{{"alg":{value}}}"#).as_bytes());

        assert_eq!(header.map(|header| header.algorithm), Some(None));
    }

    #[rstest]
    fn j12_a_key_id_is_a_string(#[values("1", "null", "true", "[\"k\"]", "{}")] value: &str) {
        let header = Header::read(format!(r#"{{"kid":{value}}}"#).as_bytes());

        assert_eq!(header.map(|header| header.key_id), Some(None));
    }
}
