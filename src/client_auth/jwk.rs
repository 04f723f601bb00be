//! Private keys as JSON Web Keys (RFC 7517, RFC 7518 §6), read strictly.

use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::defect::Defect;
use super::jwt::{KeyName, SigningFailed, signed};
use super::private_key::{PrivateKey, RsaAlgorithm};
use crate::secret::Secret;

/// The longest `kid`, in bytes: it goes into every assertion and into the log.
const LONGEST_KEY_ID: usize = 256;
/// The length of each number of a P-256 key, in bytes (RFC 7518 §6.2.1.2).
const P256_NUMBER: usize = 32;

/// A private key with the name that the provider knows it by.
#[derive(Debug)]
pub struct SigningJwk {
    key: PrivateKey,
    id: String,
    thumbprint: String,
}

/// Two are one key if they sign in the same way under the same name.
impl PartialEq for SigningJwk {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            key,
            id,
            thumbprint,
        } = self;
        key.algorithm() == other.key.algorithm()
            && *id == other.id
            && *thumbprint == other.thumbprint
    }
}

#[derive(Deserialize)]
struct Members {
    kty: String,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<Secret>,
    p: Option<Secret>,
    q: Option<Secret>,
    dp: Option<Secret>,
    dq: Option<Secret>,
    qi: Option<Secret>,
}

impl SigningJwk {
    /// Reads a key. One without `kid` is called by its thumbprint (RFC 7638).
    ///
    /// # Errors
    /// It is no private key for signatures that Laredo can make.
    pub fn parse(text: &Secret) -> Result<Self, Defect> {
        let members: Members = serde_json::from_str(text.expose()).map_err(|_| Defect::NotAJwk)?;
        members.check_usage()?;
        let (key, thumbprint) = match members.kty.as_str() {
            "RSA" => (members.rsa_key()?, members.rsa_thumbprint()),
            "EC" => (members.p256_key()?, members.p256_thumbprint()),
            _ => return Err(Defect::KeyType),
        };
        let id = match members.kid {
            Some(id) => checked_id(id)?,
            None => thumbprint.clone(),
        };
        Ok(Self {
            key,
            id,
            thumbprint,
        })
    }

    /// Its `kid`, or its thumbprint.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The claims as a JWT that this key has signed.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn signed(&self, claims: &impl Serialize) -> Result<Secret, SigningFailed> {
        signed(&self.key, KeyName::Id(&self.id), claims)
    }
}

fn checked_id(id: String) -> Result<String, Defect> {
    let fits = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if id.is_empty() || id.len() > LONGEST_KEY_ID || !id.bytes().all(fits) {
        return Err(Defect::KeyId);
    }
    Ok(id)
}

impl Members {
    fn check_usage(&self) -> Result<(), Defect> {
        let signs = self.r#use.as_deref().is_none_or(|usage| usage == "sig");
        let mut operations = self.key_ops.iter().flatten();
        if signs && (self.key_ops.is_none() || operations.any(|operation| operation == "sign")) {
            return Ok(());
        }
        Err(Defect::Usage)
    }

    fn rsa_key(&self) -> Result<PrivateKey, Defect> {
        let algorithm = match self.alg.as_deref() {
            None | Some("RS256") => RsaAlgorithm::Rs256,
            Some("PS256") => RsaAlgorithm::Ps256,
            Some(_) => return Err(Defect::Algorithm),
        };
        let pair = RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: decoded(self.n.as_deref())?,
                e: decoded(self.e.as_deref())?,
            },
            d: secret(self.d.as_ref())?,
            p: secret(self.p.as_ref())?,
            q: secret(self.q.as_ref())?,
            dP: secret(self.dp.as_ref())?,
            dQ: secret(self.dq.as_ref())?,
            qInv: secret(self.qi.as_ref())?,
        });
        let pair = pair.map_err(|_| Defect::Inconsistent)?;
        Ok(PrivateKey::Rsa(pair, algorithm))
    }

    fn p256_key(&self) -> Result<PrivateKey, Defect> {
        if self.crv.as_deref() != Some("P-256") {
            return Err(Defect::KeyType);
        }
        if self.alg.as_deref().is_some_and(|alg| alg != "ES256") {
            return Err(Defect::Algorithm);
        }
        let (x, y) = (decoded(self.x.as_deref())?, decoded(self.y.as_deref())?);
        let private = secret(self.d.as_ref())?;
        if [x.len(), y.len(), private.len()] != [P256_NUMBER; 3] {
            return Err(Defect::Inconsistent);
        }
        // An uncompressed point (SEC 1 §2.3.3).
        let point = [&[4], &**x, &**y].concat();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &point)
            .map(PrivateKey::P256)
            .map_err(|_| Defect::Inconsistent)
    }

    fn rsa_thumbprint(&self) -> String {
        let [e, n] = [&self.e, &self.n].map(|member| member.as_deref().unwrap_or_default());
        thumbprint(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#))
    }

    fn p256_thumbprint(&self) -> String {
        let [x, y] = [&self.x, &self.y].map(|member| member.as_deref().unwrap_or_default());
        thumbprint(&format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#
        ))
    }
}

type Bytes = Zeroizing<Vec<u8>>;

fn secret(member: Option<&Secret>) -> Result<Bytes, Defect> {
    decoded(member.map(Secret::expose))
}

fn decoded(member: Option<&str>) -> Result<Bytes, Defect> {
    let text = member.ok_or(Defect::NotPrivate)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
    bytes.map(Zeroizing::new).map_err(|_| Defect::Encoding)
}

/// RFC 7638 §3, of the canonical JSON.
fn thumbprint(canonical: &str) -> String {
    super::certificate::sha256(canonical.as_bytes())
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
