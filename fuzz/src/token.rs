//! The reader of tokens.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use laredo::verifier::Compact;
use serde_json::Value;

use super::members::Members;

/// What no header of a token that was read may hold.
const REFUSED: [&str; 5] = ["crit", "b64", "zip", "enc", "cty"];
/// The longest token that may be read, in bytes.
const LONGEST: usize = 32 * 1024;

/// The bytes are a token as it comes, or a header and claims, with a line break between, for which the token is
/// made here: so mutations reach the JSON, too.
pub fn check(data: &[u8]) -> bool {
    let as_it_comes = std::str::from_utf8(data).is_ok_and(is_read);
    as_it_comes || is_read(&made_of(data))
}

fn made_of(data: &[u8]) -> String {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let [header, claims] = [(); 2].map(|()| parts.next().unwrap_or_default());
    let encoded = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    format!("{}.{}.c2ln", encoded(header), encoded(claims))
}

fn is_read(text: &str) -> bool {
    let Some(token) = Compact::read(text) else {
        return false;
    };
    assert!(text.len() <= LONGEST);
    let parts: Vec<_> = text.split('.').map(bytes_of).collect();
    assert_eq!(parts.len(), 3);
    let encoded: Vec<_> = parts
        .iter()
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .collect();
    assert_eq!(encoded.join("."), text, "a second spelling was read");
    check_header(&token, &parts[0]);
    check_issuer(&token, &parts[1]);
    true
}

/// The bytes of a part in whatever spelling, so that one which is read although it is not canonical shows.
fn bytes_of(part: &str) -> Vec<u8> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decoded = GeneralPurpose::new(&URL_SAFE, lenient).decode(part);
    decoded.expect("a part that is not base64url was read")
}

fn check_header(token: &Compact, header: &[u8]) {
    let header = Members::read(header).expect("a header that is no object was read");
    for (name, _) in &header.0 {
        assert_eq!(
            header.named(name).len(),
            1,
            "a name that comes twice was read"
        );
        assert!(!REFUSED.contains(&name.as_str()), "{name} was read");
    }
    assert!(header.named("typ").iter().all(|typ| typ.is_string()));
    let has_key_id = header.named("kid").iter().any(|kid| kid.is_string());
    assert_eq!(token.names_key(), has_key_id);
}

fn check_issuer(token: &Compact, claims: &[u8]) {
    let issuer = token.untrusted_issuer();
    assert_eq!(issuer, token.untrusted_issuer());
    if let Some(issuer) = issuer {
        let claims = Members::read(claims).expect("claims that are no object have an issuer");
        assert_eq!(claims.named("iss"), [&Value::from(issuer)]);
    }
}
