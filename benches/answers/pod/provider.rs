//! A provider behind TLS, whose certificate the daemon trusts by `LAREDO_CA_FILE`.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::bare::PORT;

/// The argument that makes this binary the provider.
pub(crate) const MODE: &str = "--serve-tls-provider";
/// The variable that carries the file in which the certificate is to be put.
pub(crate) const CA_FILE: &str = "BENCH_CA_FILE";
/// A target that begins so is answered but for the last byte, which comes after the time that the bench needs.
pub(crate) const HELD: &str = "held";

pub(crate) const HELD_FOR: Duration = Duration::from_secs(8);
/// The most that the daemon reads of an answer.
const LONGEST_ANSWER: usize = 256 * 1024;
/// What a token of Entra ID with some roles comes to.
const TOKEN: usize = 1_400;

pub(crate) fn serve() {
    let port: u16 = std::env::var(PORT)
        .expect("the bench gives a port")
        .parse()
        .expect("a number");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let acceptor = acceptor(&std::env::var(CA_FILE).expect("the bench gives a file"));
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.expect("the port is free");
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_all(acceptor.clone(), stream));
            }
        }
    });
}

fn acceptor(file: &str) -> TlsAcceptor {
    let names = ["127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    std::fs::write(file, made.cert.pem()).expect("a file for the certificate");
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("a pair")))
}

/// Answers each request of a connection until it ends.
async fn answer_all(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(acceptor.accept(stream).await?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim().to_lowercase();
            if let Some(number) = line.strip_prefix("content-length:") {
                length = number.trim().parse().unwrap_or_default();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut form = vec![0; length];
        stream.read_exact(&mut form).await?;
        let is_held = String::from_utf8_lossy(&form).contains(&format!("scope={HELD}"));
        let answer = answer(if is_held { LONGEST_ANSWER } else { 0 });
        let (begin, end) = answer.split_at(answer.len() - 1);
        if is_held {
            stream.write_all(begin).await?;
            stream.flush().await?;
            tokio::time::sleep(HELD_FOR).await;
            stream.write_all(end).await?;
        } else {
            stream.write_all(&answer).await?;
        }
        stream.flush().await?;
    }
}

/// A token answer of at least so many bytes, head included or not: that matters to nobody.
fn answer(least: usize) -> Vec<u8> {
    let body = format!(
        r#"{{"access_token":"{}","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3600,"p":"{}"}}"#,
        "e".repeat(TOKEN),
        "p".repeat(least.saturating_sub(TOKEN + 200))
    );
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
