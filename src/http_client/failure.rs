//! Why there is no answer: a closed set with fixed texts, so that nothing a peer sent can get into them.

/// Why a call brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection, or none that may be used; nothing of an answer was seen.
    Unreachable(Cause),
    /// The peer took the connection and then too long.
    TimedOut,
    /// An answer began and did not come whole.
    Truncated,
    /// The answer is longer than [`super::BODY_LIMIT`].
    TooLarge,
    /// What came is not HTTP.
    Malformed,
}

impl Failure {
    /// Whether asking again at once can help: after connection errors, resets and truncated answers.
    #[must_use]
    pub fn may_be_retried(self) -> bool {
        match self {
            Self::Unreachable(cause) => cause.may_pass(),
            Self::Truncated => true,
            Self::TimedOut | Self::TooLarge | Self::Malformed => false,
        }
    }
}

/// What stood in the way of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name has no address.
    NameNotResolved,
    /// The resolver did not answer within the connect time-out.
    ResolverTimedOut,
    /// Nobody listens there.
    Refused,
    /// No TCP connection within the connect time-out.
    ConnectTimedOut,
    /// No way through the network.
    NoRoute,
    /// The connection was reset before an answer began.
    Reset,
    /// The connection was closed before an answer began.
    Closed,
    /// Some other fault of the connection.
    Connection,
    /// The proxy cannot be reached.
    ProxyUnreachable,
    /// The proxy wants other credentials.
    ProxyUnauthorized,
    /// The proxy does not let the call through.
    ProxyRefused,
    /// The certificate is for another name.
    CertificateName,
    /// The certificate is no longer valid.
    CertificateExpired,
    /// The certificate is not yet valid.
    CertificateNotYetValid,
    /// The certificate's issuer is not among the trusted roots.
    UnknownIssuer,
    /// The certificate is wrong in some other way.
    CertificateInvalid,
    /// No TLS version or cipher suite that both sides accept.
    NoSharedProtocol,
    /// The peer does not speak TLS.
    NotTls,
    /// The TLS handshake failed in some other way.
    Tls,
    /// The system has no certificate authorities and none are configured.
    NoRoots,
    /// The configured file of certificate authorities cannot be used.
    CaFile,
    /// Plain http to a host that is neither loopback nor listed.
    PlainHttp,
    /// A URL that cannot be called.
    Unsupported,
    /// The client itself could not be set up.
    Setup,
}

impl Cause {
    /// The cause in words, for answers and logs.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NameNotResolved => "its name cannot be resolved",
            Self::ResolverTimedOut => "resolving its name timed out",
            Self::Refused => "connection refused",
            Self::ConnectTimedOut => "connecting timed out",
            Self::NoRoute => "no route to it",
            Self::Reset => "connection reset before an answer",
            Self::Closed => "connection closed before an answer",
            Self::Connection => "connection failed",
            Self::ProxyUnreachable => "the proxy cannot be reached",
            Self::ProxyUnauthorized => "the proxy asks for credentials",
            Self::ProxyRefused => "the proxy refused the connection",
            Self::CertificateName => "its certificate is for another name",
            Self::CertificateExpired => "its certificate has expired",
            Self::CertificateNotYetValid => "its certificate is not valid yet",
            Self::UnknownIssuer => "its certificate comes from an unknown issuer",
            Self::CertificateInvalid => "its certificate is invalid",
            Self::NoSharedProtocol => "no TLS version or cipher suite in common",
            Self::NotTls => "it does not speak TLS",
            Self::Tls => "TLS handshake failed",
            Self::NoRoots => "no trusted certificate authorities found on this system",
            Self::CaFile => "the file in LAREDO_CA_FILE cannot be read or holds no certificate",
            Self::PlainHttp => {
                "plain http is only allowed to loopback and to the names in LAREDO_PLAIN_HTTP_HOSTS"
            }
            Self::Unsupported => "its URL is neither https nor http",
            Self::Setup => "the HTTP client cannot be set up",
        }
    }

    fn may_pass(self) -> bool {
        matches!(
            self,
            Self::NameNotResolved
                | Self::ResolverTimedOut
                | Self::Refused
                | Self::ConnectTimedOut
                | Self::NoRoute
                | Self::Reset
                | Self::Closed
                | Self::Connection
                | Self::ProxyUnreachable
        )
    }
}
