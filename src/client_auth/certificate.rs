//! Certificates with their private keys, in PEM.

use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use serde::Serialize;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use zeroize::Zeroizing;

use super::defect::Defect;
use super::jwt::{KeyName, SigningFailed, signed};
use super::private_key::{PrivateKey, RsaAlgorithm};
use crate::secret::Secret;

/// `rsaEncryption` (RFC 3279 §2.3.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-ecPublicKey` (RFC 5480 §2.1.1).
const ELLIPTIC_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// A certificate and the key that belongs to it. It signs with PS256, as Entra wants it.
#[derive(Debug)]
pub struct CertifiedKey {
    key: PrivateKey,
    thumbprint: String,
    expiry: SystemTime,
}

/// What a certificate says of its key.
#[derive(Debug)]
pub struct X509 {
    /// The SHA-256 of the whole certificate, in base64url (RFC 7515 §4.1.8).
    pub thumbprint: String,
    /// The public key as `subjectPublicKey` has it; for RSA that is PKCS #1.
    pub public_key: Vec<u8>,
    /// The last moment at which it is valid.
    pub expiry: SystemTime,
    algorithm: ObjectIdentifier,
}

impl CertifiedKey {
    /// The certificate among those in `chain` that belongs to the private key in `key`; both may be in one text.
    ///
    /// # Errors
    /// Something is missing, cannot be read, is not RSA, or does not belong together.
    pub fn parse(chain: &Secret, key: &Secret) -> Result<Self, Defect> {
        let certificates = X509::all_in(chain)?;
        let leaf = certificates.first().ok_or(Defect::NoCertificate)?;
        if leaf.algorithm == ELLIPTIC_CURVE {
            return Err(Defect::EllipticCurve);
        }
        let pair = private_key(key)?;
        let belongs = |certificate: &X509| {
            certificate.algorithm == RSA && certificate.public_key == pair.public_key().as_ref()
        };
        let mut certificates = certificates.into_iter();
        let leaf = certificates.find(belongs).ok_or(Defect::Mismatch)?;
        Ok(Self {
            key: PrivateKey::Rsa(pair, RsaAlgorithm::Ps256),
            thumbprint: leaf.thumbprint,
            expiry: leaf.expiry,
        })
    }

    /// The SHA-256 of the certificate, in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The last moment at which the certificate is valid.
    #[must_use]
    pub fn expiry(&self) -> SystemTime {
        self.expiry
    }

    /// The claims as a JWT that this key has signed.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn signed(&self, claims: &impl Serialize) -> Result<Secret, SigningFailed> {
        signed(&self.key, KeyName::Thumbprint(&self.thumbprint), claims)
    }
}

impl X509 {
    /// Every certificate in a PEM text, in its order.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn all_in(pem: &Secret) -> Result<Vec<Self>, Defect> {
        let mut certificates = Vec::new();
        for section in sections(pem) {
            let (kind, der) = section?;
            if kind == SectionKind::Certificate {
                certificates.push(Self::of(&der)?);
            }
        }
        Ok(certificates)
    }

    fn of(der: &[u8]) -> Result<Self, Defect> {
        let certificate = Certificate::from_der(der).map_err(|_| Defect::MalformedCertificate)?;
        let body = certificate.tbs_certificate();
        let key = body.subject_public_key_info();
        let lasts = body.validity().not_after.to_unix_duration();
        Ok(Self {
            thumbprint: sha256(der),
            public_key: key.subject_public_key.raw_bytes().to_vec(),
            expiry: since_1970(lasts),
            algorithm: key.algorithm.oid,
        })
    }
}

/// Dates have four digits for the year, so that the sum always exists.
fn since_1970(duration: Duration) -> SystemTime {
    let epoch = SystemTime::UNIX_EPOCH;
    epoch.checked_add(duration).unwrap_or(epoch)
}

type Section = (SectionKind, Zeroizing<Vec<u8>>);

/// What is in a PEM text, private keys among it. Sections of kinds that nobody knows are passed over.
fn sections(pem: &Secret) -> impl Iterator<Item = Result<Section, Defect>> {
    let sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem.expose().as_bytes());
    sections.map(|section| {
        let (kind, der) = section.map_err(|_| Defect::NotPem)?;
        Ok((kind, Zeroizing::new(der)))
    })
}

fn private_key(pem: &Secret) -> Result<RsaKeyPair, Defect> {
    for section in sections(pem) {
        let (kind, der) = section.map_err(|_| Defect::MalformedKey)?;
        let pair = match kind {
            SectionKind::PrivateKey => RsaKeyPair::from_pkcs8(&der),
            SectionKind::RsaPrivateKey => RsaKeyPair::from_der(&der),
            SectionKind::EcPrivateKey => return Err(Defect::EllipticCurve),
            _ => continue,
        };
        return pair.map_err(|_| Defect::MalformedKey);
    }
    Err(Defect::NoPrivateKey)
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
