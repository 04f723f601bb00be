//! One entry of a key set (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2): the key in it, or why it is left out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Algorithm;
use super::key::{Key, Material};
use super::key_issuer::KeyIssuer;
use super::key_set::KeyIssuers;
use crate::json::Unambiguous;

/// The longest `kid` that is looked at, in bytes.
const LONGEST_KEY_ID: usize = 256;

/// A key and its name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) key: Key,
    /// The entry holds a private key, which nobody should publish.
    pub(super) is_private: bool,
}

/// Whether a token may ask for a key by this name.
pub(super) fn is_key_id(text: &str) -> bool {
    let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    (1..=LONGEST_KEY_ID).contains(&text.len()) && text.bytes().all(is_printable)
}

/// Reads an entry; `None` if it holds no key that can be used here.
pub(super) fn read(json: &str, issuers: KeyIssuers) -> Option<Named> {
    serde_json::from_str::<Unambiguous>(json).ok()?;
    let members = Members(serde_json::from_str(json).ok()?);
    let id = members.text("kid").filter(|id| is_key_id(id))?;
    if !members.is_for_signatures() {
        return None;
    }
    let (algorithm, material) = members.material()?;
    let issuer = match issuers {
        KeyIssuers::Named => members.issuer()?,
        KeyIssuers::Ignored => KeyIssuer::Any,
    };
    Some(Named {
        id: id.to_owned(),
        key: Key::new(algorithm, issuer, material).ok()?,
        is_private: members.0.contains_key("d"),
    })
}

struct Members(Map<String, Value>);

impl Members {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// What is not said allows everything (RFC 7517 §4.2, §4.3).
    fn is_for_signatures(&self) -> bool {
        let uses = self.0.get("use").is_none_or(|value| value == "sig");
        let is_verify = |value: &Value| {
            let operations = value.as_array();
            operations.is_some_and(|all| all.iter().any(|operation| operation == "verify"))
        };
        uses && self.0.get("key_ops").is_none_or(is_verify)
    }

    /// The algorithm is the key's own; where it names none, the one that goes with its type.
    fn material(&self) -> Option<(Algorithm, Material)> {
        let (default, material) = match (self.text("kty")?, self.text("crv")) {
            ("RSA", _) => (Algorithm::Rs256, self.rsa()?),
            ("EC", Some("P-256")) => (Algorithm::Es256, self.point(32)?),
            ("EC", Some("P-384")) => (Algorithm::Es384, self.point(48)?),
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, Material::Edwards(self.bytes("x")?)),
            _ => return None,
        };
        let algorithm = match self.0.get("alg") {
            Some(named) => Algorithm::parse(named.as_str()?)?,
            None => default,
        };
        Some((algorithm, material))
    }

    /// Some publish the modulus with a zero before it, as their big integers print it.
    fn rsa(&self) -> Option<Material> {
        let mut modulus = self.bytes("n")?;
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        modulus.drain(..zeros);
        Some(Material::Rsa {
            modulus,
            exponent: self.bytes("e")?,
        })
    }

    /// Both coordinates have the full length of the curve's field (RFC 7518 §6.2.1.2).
    fn point(&self, length: usize) -> Option<Material> {
        const UNCOMPRESSED: u8 = 4;
        let (x, y) = (self.bytes("x")?, self.bytes("y")?);
        if x.len() != length || y.len() != length {
            return None;
        }
        Some(Material::Point([vec![UNCOMPRESSED], x, y].concat()))
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.text(name)?).ok()
    }

    fn issuer(&self) -> Option<KeyIssuer> {
        match self.0.get("issuer") {
            Some(issuer) => issuer.as_str().map(KeyIssuer::read),
            None => Some(KeyIssuer::Any),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "dev")]
#[path = "jwk_tests.rs"]
mod tests;
