//! Keys of every kind that is understood, and tokens that they sign, whatever stands in them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part of the support code"
)]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test's helper may fail where it stands"
)]

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// An algorithm's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rs256,
    Ps256,
    Es256,
    Es384,
    EdDsa,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Rs256,
        Self::Ps256,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The name in `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A private key with a name.
pub struct Signer {
    pub kind: Kind,
    /// Its `kid`.
    pub id: String,
    pair: Pair,
}

enum Pair {
    Rsa(Arc<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
}

impl Signer {
    /// A new key. RSA keys are all the same pair, for making one takes a good part of a second.
    pub fn new(kind: Kind, id: &str) -> Self {
        let pair = match kind {
            Kind::Rs256 => Pair::Rsa(shared_rsa_pair(), &RSA_PKCS1_SHA256),
            Kind::Ps256 => Pair::Rsa(shared_rsa_pair(), &RSA_PSS_SHA256),
            Kind::Es256 => {
                Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
            Kind::Es384 => {
                Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap())
            }
            Kind::EdDsa => Pair::Edwards(Ed25519KeyPair::generate().unwrap()),
        };
        let id = id.to_owned();
        Self { kind, id, pair }
    }

    /// An RSA key of its own size.
    pub fn rsa(kind: Kind, id: &str, size: KeySize) -> Self {
        let encoding: &'static dyn RsaEncoding = match kind {
            Kind::Ps256 => &RSA_PSS_SHA256,
            _ => &RSA_PKCS1_SHA256,
        };
        let pair = Arc::new(RsaKeyPair::generate(size).unwrap());
        let id = id.to_owned();
        let pair = Pair::Rsa(pair, encoding);
        Self { kind, id, pair }
    }

    /// The public key as an entry of a key set (RFC 7517).
    pub fn public_key(&self) -> Value {
        let mut key = match &self.pair {
            Pair::Rsa(pair, _) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": encoded(public.n), "e": encoded(public.e)})
            }
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = match self.kind {
                    Kind::Es256 => "P-256",
                    _ => "P-384",
                };
                json!({"kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y)})
            }
            Pair::Edwards(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(pair.public_key())})
            }
        };
        key["kid"] = json!(self.id);
        key["use"] = json!("sig");
        key["alg"] = json!(self.kind.name());
        key
    }

    /// The public key as a SubjectPublicKeyInfo (RFC 5280 §4.1).
    pub fn public_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match &self.pair {
            Pair::Rsa(pair, _) => pair.public_key().as_der().unwrap(),
            Pair::Ec(pair) => pair.public_key().as_der().unwrap(),
            Pair::Edwards(pair) => pair.public_key().as_der().unwrap(),
        };
        der.as_ref().to_vec()
    }

    /// The header of its good tokens.
    pub fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": self.kind.name(), "kid": self.id})
    }

    /// A token with its usual header.
    pub fn token(&self, payload: impl AsRef<[u8]>) -> String {
        self.token_with(self.header().to_string(), payload)
    }

    /// A token with this header to the byte.
    pub fn token_with(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        self.signed(&format!("{}.{}", encoded(header), encoded(payload)))
    }

    /// Whatever it is, with a signature behind it.
    pub fn signed(&self, signing_input: &str) -> String {
        let signature = self.signature(signing_input.as_bytes());
        format!("{signing_input}.{}", encoded(signature))
    }

    pub fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// Base64url without padding (RFC 7515 §2).
pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The way back.
pub fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn shared_rsa_pair() -> Arc<RsaKeyPair> {
    static PAIR: OnceLock<Arc<RsaKeyPair>> = OnceLock::new();
    Arc::clone(PAIR.get_or_init(|| Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())))
}
