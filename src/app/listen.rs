//! Binding the addresses that were asked for.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use rustix::net::sockopt::set_ipv6_v6only;
use tokio::net::{TcpListener, TcpSocket};

use crate::config::{ListenAddress, Presence};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Why the daemon did not start.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be bound; the variable names it.
    Bind(&'static str, io::Error),
    /// The metrics contradict each other.
    Metrics(prometheus::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(variable, error) if error.kind() == io::ErrorKind::AddrInUse => write!(
                formatter,
                "{variable}: the port is taken by another program; choose another one"
            ),
            Self::Bind(variable, error) => {
                write!(
                    formatter,
                    "{variable}: the address cannot be listened on: {}",
                    error.kind()
                )
            }
            Self::Metrics(error) => write!(formatter, "metrics: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Listeners, and where they are.
#[derive(Debug, Default)]
pub(super) struct Bound {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) addresses: Vec<SocketAddr>,
}

/// Binds all addresses. One half of `localhost` or of `*` may be missing on this machine, not both.
pub(super) fn bind(
    variable: &'static str,
    addresses: &[ListenAddress],
) -> Result<Bound, StartError> {
    let mut bound = Bound::default();
    let mut missing = None;
    for wanted in addresses {
        match listen(wanted.address, beside_ipv4(wanted.address, addresses)) {
            Ok((listener, address)) => {
                bound.listeners.push(listener);
                bound.addresses.push(address);
            }
            Err(error) if wanted.presence == Presence::IfPresent && is_absent(&error) => {
                missing = Some(error);
            }
            Err(error) => return Err(StartError::Bind(variable, error)),
        }
    }
    match missing {
        Some(error) if bound.listeners.is_empty() => Err(StartError::Bind(variable, error)),
        _ => Ok(bound),
    }
}

/// Whether an IPv4 address is to be listened on at the same port: then `[::]` means IPv6 alone, for else it would take
/// the port in both families.
fn beside_ipv4(address: SocketAddr, addresses: &[ListenAddress]) -> bool {
    let mut others = addresses.iter().map(|other| other.address);
    others.any(|other| other.is_ipv4() && other.port() == address.port())
}

fn listen(address: SocketAddr, beside_ipv4: bool) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_reuseaddr(true)?;
    if address.is_ipv6() && beside_ipv4 {
        set_ipv6_v6only(&socket, true)?;
    }
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The machine has no such address, as IPv6 may be switched off.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported
    ) || error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}
