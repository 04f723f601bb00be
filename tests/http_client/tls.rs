//! TLS peers with the wrong certificate, the wrong version, or no TLS at all.

use std::sync::Arc;

use laredo::http_client::{Answer, Cause, Failure, HttpSettings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rstest::rstest;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::support::*;

/// Issues certificates; its own lies in a file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) file: NamedTempFile,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("Test Authority")
    }

    fn named(name: &str) -> Self {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("certificate");
        let file = NamedTempFile::new().expect("file");
        std::fs::write(file.path(), certificate.pem()).expect("written");
        let issuer = Issuer::new(params, key);
        Self { issuer, file }
    }

    /// A peer with a certificate for `name` of this authority, changed by `change`.
    pub(crate) async fn peer(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Peer {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("parameters");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .expect("configuration");
        tls_peer(config).await
    }
}

async fn tls_peer(config: ServerConfig) -> Peer {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let mut peer = Peer::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut request = [0; 4096];
            while stream
                .read(&mut request)
                .await
                .is_ok_and(|length| length > 0)
            {
                let _ = stream
                    .write_all(answer("200 OK", "", "{}").as_bytes())
                    .await;
                let _ = stream.flush().await;
            }
        }
    })
    .await;
    peer.url = https(&peer.url);
    peer
}

pub(crate) fn https(url: &Url) -> Url {
    url.as_str()
        .replace("http:", "https:")
        .parse()
        .expect("URL")
}

/// A file that makes the roots not empty, on machines without any.
pub(crate) fn some_ca_file() -> NamedTempFile {
    Authority::new().file
}

async fn get_trusting(authority: &Authority, url: &Url) -> Result<Answer, Failure> {
    let settings = HttpSettings {
        ca_file: Some(authority.file.path().to_owned()),
        ..settings()
    };
    get_with(settings, url).await
}

async fn cause(authority: &Authority, url: &Url) -> Cause {
    match get_trusting(authority, url).await {
        Err(Failure::Unreachable(cause)) => {
            assert!(!Failure::Unreachable(cause).may_be_retried());
            cause
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f84_a_certificate_of_an_authority_in_the_ca_file_is_trusted() {
    let authority = Authority::new();
    let peer = authority.peer("127.0.0.1", |_| {}).await;

    let answer = get_trusting(&authority, &peer.url).await;

    assert_eq!(answer.expect("answer").status, 200);
}

#[rstest]
#[case("Another Authority")]
#[case::same_name_with_another_key("Test Authority")]
#[tokio::test]
async fn f84_an_unknown_issuer_is_named_as_the_cause(#[case] trusted: &str) {
    let peer = Authority::new().peer("127.0.0.1", |_| {}).await;

    let cause = cause(&Authority::named(trusted), &peer.url).await;

    assert_eq!(cause, Cause::UnknownIssuer);
}

#[tokio::test]
async fn f84_a_certificate_for_another_name_is_named_as_the_cause() {
    let authority = Authority::new();
    let peer = authority.peer("other.example", |_| {}).await;

    assert_eq!(cause(&authority, &peer.url).await, Cause::CertificateName);
}

#[tokio::test]
async fn f84_an_expired_certificate_is_named_as_the_cause() {
    let authority = Authority::new();
    let expire = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let peer = authority.peer("127.0.0.1", expire).await;

    assert_eq!(
        cause(&authority, &peer.url).await,
        Cause::CertificateExpired
    );
}

#[tokio::test]
async fn f84_a_certificate_not_yet_valid_is_named_as_the_cause() {
    let authority = Authority::new();
    let delay = |params: &mut CertificateParams| params.not_before = date_time_ymd(4000, 1, 1);
    let peer = authority.peer("127.0.0.1", delay).await;

    assert_eq!(
        cause(&authority, &peer.url).await,
        Cause::CertificateNotYetValid
    );
}

/// A `ServerHello` that picks TLS 1.1 and a cipher suite of that time.
fn server_hello_of_tls_1_1() -> Vec<u8> {
    let random = [7; 32];
    let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend(random);
    hello.extend([0, 0xc0, 0x13, 0]);
    hello
}

#[rstest]
#[case::alert_protocol_version(vec![0x15, 3, 2, 0, 2, 2, 70], Cause::NoSharedProtocol)]
#[case::alert_handshake_failure(vec![0x15, 3, 3, 0, 2, 2, 40], Cause::NoSharedProtocol)]
#[case::tls_1_1(server_hello_of_tls_1_1(), Cause::NoSharedProtocol)]
#[case::plain_http(b"HTTP/1.1 400 Plain\r\n\r\n".to_vec(), Cause::NotTls)]
#[tokio::test]
async fn f84_s9_no_common_protocol_is_named_and_never_falls_back_to_plain(
    #[case] greeting: Vec<u8>,
    #[case] expected: Cause,
) {
    let peer = Peer::start(move |mut stream| {
        let greeting = greeting.clone();
        async move {
            let _ = stream.write_all(&greeting).await;
            until_closed(&mut stream).await;
        }
    })
    .await;

    let cause = cause(&Authority::new(), &https(&peer.url)).await;

    assert_eq!(cause, expected);
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn f84_a_connection_reset_in_the_handshake_may_be_retried() {
    let peer = Peer::start(|mut stream| async move {
        let _ = stream.read_u8().await;
        reset(stream);
    })
    .await;

    let failure = get_trusting(&Authority::new(), &https(&peer.url)).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::Reset));
    assert!(failure.may_be_retried());
}

#[tokio::test]
async fn f84_an_unusable_ca_file_is_named_and_plain_loopback_still_works() {
    let client = client(HttpSettings {
        ca_file: Some("no/such/file.pem".into()),
        ..settings()
    });
    let peer = Peer::answering(answer("200 OK", "", "{}")).await;

    let failure = client.get(&https(&peer.url), LONG).await;
    let plain = client.get(&peer.url, LONG).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::CaFile));
    assert_eq!(plain.expect("answer").status, 200);
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn f84_a_ca_file_mounted_late_is_found_within_10_seconds() {
    let authority = Authority::new();
    let peer = authority.peer("127.0.0.1", |_| {}).await;
    let folder = tempfile::tempdir().expect("folder");
    let late = folder.path().join("ca.pem");
    let client = client(HttpSettings {
        ca_file: Some(late.clone()),
        ..settings()
    });

    let before = client.get(&peer.url, LONG).await;
    std::fs::copy(authority.file.path(), &late).expect("copied");
    let soon = client.get(&peer.url, LONG).await;
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(10)).await;
    tokio::time::resume();
    let later = client.get(&peer.url, LONG).await;

    let not_found = Failure::Unreachable(Cause::CaFile);
    assert_eq!(before.expect_err("failure"), not_found);
    assert_eq!(soon.expect_err("failure"), not_found);
    assert_eq!(later.expect("answer").status, 200);
}
