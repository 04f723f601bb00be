//! TLS as Laredo speaks it: 1.2 or later, names and chains always verified, against the system's roots and a file.

use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::Cause;
use super::handshake::Sessions;

/// TLS tickets kept: eight for each of eight providers.
const TICKETS: usize = 64;

/// Reads the trusted certificate authorities. Only names and keys of them are kept, not the certificates.
pub(super) fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, Cause> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = ca_file {
        add_file(&mut roots, path).ok_or(Cause::CaFile)?;
    }
    if roots.is_empty() {
        return Err(Cause::NoRoots);
    }
    Ok(roots)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Option<()> {
    let certificates = CertificateDer::pem_file_iter(path).ok()?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().ok()?;
    let (added, _) = roots.add_parsable_certificates(certificates);
    (added > 0).then_some(())
}

/// The settings of every connection that trusts `roots`.
pub(super) fn config(roots: RootCertStore) -> Result<ClientConfig, Cause> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Cause::Setup)?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::store(Arc::new(Sessions::remembering(TICKETS)));
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(file: &Path) -> Option<Cause> {
        roots(Some(file)).err()
    }

    #[test]
    fn f84_a_missing_ca_file_is_named_as_the_cause() {
        assert_eq!(cause(Path::new("no/such/file.pem")), Some(Cause::CaFile));
    }

    #[test]
    fn f84_a_ca_file_without_a_certificate_is_named_as_the_cause() {
        let file = tempfile::NamedTempFile::new().expect("file");

        assert_eq!(cause(file.path()), Some(Cause::CaFile));
    }

    #[test]
    fn s9_tls_before_1_2_is_not_offered() {
        let config = config(RootCertStore::empty()).expect("config");

        let versions = config.crypto_provider().cipher_suites.iter();
        let mut versions = versions.map(|suite| suite.version().version);
        assert!(versions.all(|version| matches!(
            version,
            rustls::ProtocolVersion::TLSv1_2 | rustls::ProtocolVersion::TLSv1_3
        )));
    }
}
