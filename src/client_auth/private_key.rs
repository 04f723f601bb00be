//! Private keys, and how they sign (RFC 7518 §3).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};

use super::jwt::SigningFailed;

/// A private key. AWS-LC wipes its memory when it is dropped.
pub(super) enum PrivateKey {
    /// RSA, which can sign in two ways.
    Rsa(RsaKeyPair, RsaAlgorithm),
    /// ECDSA with P-256, which signs as ES256.
    P256(EcdsaKeyPair),
}

/// How an RSA key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RsaAlgorithm {
    /// PKCS #1 version 1.5.
    Rs256,
    /// PSS with a salt as long as the hash.
    Ps256,
}

impl PrivateKey {
    /// The `alg` of what it signs.
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_, RsaAlgorithm::Rs256) => "RS256",
            Self::Rsa(_, RsaAlgorithm::Ps256) => "PS256",
            Self::P256(_) => "ES256",
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        match self {
            Self::Rsa(pair, RsaAlgorithm::Rs256) => sign_rsa(pair, &RSA_PKCS1_SHA256, message),
            Self::Rsa(pair, RsaAlgorithm::Ps256) => sign_rsa(pair, &RSA_PSS_SHA256, message),
            Self::P256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                let signature = signature.map_err(|_| SigningFailed)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

fn sign_rsa(
    pair: &RsaKeyPair,
    encoding: &'static dyn RsaEncoding,
    message: &[u8],
) -> Result<Vec<u8>, SigningFailed> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
        .map_err(|_| SigningFailed)?;
    Ok(signature)
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[private key for {}]", self.algorithm())
    }
}
