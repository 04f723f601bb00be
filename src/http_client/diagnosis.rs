//! From the client's errors to [`Failure`]: only kinds are looked at, never texts that a peer may have written.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::resolver::Refused;
use super::{Cause, Failure};

/// Why no answer began. `handshake_begun`: the peer took the connection and TLS was under way.
pub(super) fn of_call(error: &reqwest::Error, handshake_begun: bool) -> Failure {
    match (error.is_timeout(), error.is_connect()) {
        (true, true) if !handshake_begun => Failure::Unreachable(Cause::ConnectTimedOut),
        (true, _) => Failure::TimedOut,
        (false, _) => chain(error)
            .find_map(of_link)
            .unwrap_or(Failure::Unreachable(Cause::Connection)),
    }
}

/// The error and what lies behind it, also inside I/O errors, which hide what they were made of.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}

fn of_link(error: &(dyn Error + 'static)) -> Option<Failure> {
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return of_http(error);
    }
    let refused = error.downcast_ref::<Refused>().map(|refused| refused.0);
    let cause = refused
        .or_else(|| error.downcast_ref().map(of_tls))
        .or_else(|| error.downcast_ref().and_then(of_io))
        .or_else(|| of_proxy(error))?;
    Some(Failure::Unreachable(cause))
}

fn of_http(error: &hyper::Error) -> Option<Failure> {
    if error.is_parse() {
        Some(Failure::Malformed)
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        Some(Failure::Unreachable(Cause::Closed))
    } else {
        None
    }
}

/// The tunnel's error type cannot be named, its texts are fixed ones of hyper-util.
fn of_proxy(error: &(dyn Error + 'static)) -> Option<Cause> {
    let text = error.to_string();
    let text = text.strip_prefix("tunnel error: ")?;
    Some(match text {
        "failed to create underlying connection" => Cause::ProxyUnreachable,
        "proxy authorization required" => Cause::ProxyUnauthorized,
        _ => Cause::ProxyRefused,
    })
}

fn of_io(error: &io::Error) -> Option<Cause> {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(Cause::Refused),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Some(Cause::Reset),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionAborted => Some(Cause::Closed),
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable => Some(Cause::NoRoute),
        _ => None,
    }
}

fn of_tls(error: &rustls::Error) -> Cause {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(error) => of_certificate(error),
        Tls::NoCertificatesPresented => Cause::CertificateInvalid,
        Tls::PeerIncompatible(_)
        | Tls::NoApplicationProtocol
        | Tls::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity
            | AlertDescription::NoApplicationProtocol,
        ) => Cause::NoSharedProtocol,
        Tls::InvalidMessage(_) => Cause::NotTls,
        _ => Cause::Tls,
    }
}

fn of_certificate(error: &CertificateError) -> Cause {
    use CertificateError as Certificate;
    match error {
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            Cause::CertificateName
        }
        Certificate::Expired | Certificate::ExpiredContext { .. } => Cause::CertificateExpired,
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            Cause::CertificateNotYetValid
        }
        // A bad signature: the issuer has a trusted one's name, but not its key.
        Certificate::UnknownIssuer | Certificate::BadSignature => Cause::UnknownIssuer,
        _ => Cause::CertificateInvalid,
    }
}
