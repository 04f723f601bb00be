//! One public key of a provider, bound to one algorithm.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};

use super::Algorithm;
use super::edwards;
use super::key_issuer::KeyIssuer;

/// A key that verifies signatures of one algorithm. It was parsed and checked when it was made.
#[derive(Debug)]
pub(super) struct Key {
    algorithm: Algorithm,
    issuer: KeyIssuer,
    material: Material,
    public: ParsedPublicKey,
}

/// A public key's numbers, big-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    /// RSA (RFC 7518 §6.3.1).
    Rsa {
        /// Without leading zeros.
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point on P-256 or P-384 (SEC 1 §2.3.3).
    Point(Vec<u8>),
    /// An Ed25519 key (RFC 8032 §5.1.5).
    Edwards(Vec<u8>),
}

impl Key {
    /// A key, unless its numbers make none that may be trusted.
    pub(super) fn new(
        algorithm: Algorithm,
        issuer: KeyIssuer,
        material: Material,
    ) -> Result<Self, Unfit> {
        let public = material.parse(algorithm).ok_or(Unfit)?;
        Ok(Self {
            algorithm,
            issuer,
            material,
            public,
        })
    }

    /// The one algorithm that the key is for.
    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whose tokens the key is for.
    pub(super) fn issuer(&self) -> &KeyIssuer {
        &self.issuer
    }

    /// Whether both are the same key for the same use.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm
            && self.issuer == other.issuer
            && self.material == other.material
    }

    /// Whether this key signed `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

/// The numbers make no key that may be trusted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit;

/// The bounds of aws-lc-rs' own algorithms, which it checks for each signature only.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

impl Material {
    /// Points that are not on the curve, and numbers that are no RSA key, are refused here by aws-lc-rs; what it
    /// would let pass is refused by us.
    fn parse(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match (self, algorithm) {
            (Self::Rsa { modulus, exponent }, Algorithm::Rs256 | Algorithm::Ps256) => {
                if !is_sound_modulus(modulus) || !is_sound_exponent(exponent) {
                    return None;
                }
                let parameters = if algorithm == Algorithm::Rs256 {
                    &RSA_PKCS1_2048_8192_SHA256
                } else {
                    &RSA_PSS_2048_8192_SHA256
                };
                let (n, e) = (modulus.as_slice(), exponent.as_slice());
                RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .ok()
            }
            (Self::Point(point), Algorithm::Es256) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
            }
            (Self::Point(point), Algorithm::Es384) => {
                ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).ok()
            }
            (Self::Edwards(key), Algorithm::EdDsa) if edwards::is_sound(key) => {
                ParsedPublicKey::new(&ED25519, key).ok()
            }
            _ => None,
        }
    }
}

fn is_sound_modulus(modulus: &[u8]) -> bool {
    let Some((first, last)) = modulus.first().zip(modulus.last()) else {
        return false;
    };
    let unused = usize::try_from(first.leading_zeros()).unwrap_or(0);
    let bits = modulus.len().saturating_mul(8).saturating_sub(unused);
    MODULUS_BITS.contains(&bits) && is_odd(*last)
}

/// Odd, from 3 to 2^32, without leading zeros.
fn is_sound_exponent(exponent: &[u8]) -> bool {
    const WIDEST: usize = 4;
    match exponent {
        [0, ..] | [1] | [] => false,
        [.., last] => exponent.len() <= WIDEST && is_odd(*last),
    }
}

fn is_odd(byte: u8) -> bool {
    byte & 1 == 1
}
