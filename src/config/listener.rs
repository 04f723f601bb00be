//! Where to listen, and who may ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::catalogue::Variables;
use super::host;
use super::problem::{Complaint, Noted, Problems};
use super::value::{entries, switch};

/// The API listener.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Where it listens, at least one.
    pub addresses: Vec<ListenAddress>,
    /// Names that `Host` may have besides loopback's, in lower case, an IPv6 address in brackets.
    pub allowed_hosts: Vec<String>,
    /// Whether requests that went through a proxy are refused.
    pub refuse_forwarded: bool,
}

/// The operations listener.
#[derive(Clone, Debug)]
pub struct OperationsConfig {
    /// Where it listens, at least one.
    pub addresses: Vec<ListenAddress>,
}

/// What `localhost` stands for.
const LOOPBACKS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];
/// What `*` stands for.
const ALL: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
];

/// One address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// IP address and port; port 0 is any free one.
    pub address: SocketAddr,
    /// Whether the machine has to have it.
    pub presence: Presence,
}

/// Whether the machine has to have an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It was asked for by number: without it the start fails.
    Required,
    /// One half of `localhost` or of `*`: it may be missing (not: be taken) if the other half is there.
    IfPresent,
}

impl ApiConfig {
    /// Whether only this machine, or this pod, can reach the API.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let mut addresses = self.addresses.iter();
        addresses.all(|listen| listen.address.ip().is_loopback())
    }

    /// Whether `Host` is checked: not beyond loopback unless names were given (contract §1).
    #[must_use]
    pub fn checks_host(&self) -> bool {
        self.is_loopback() || !self.allowed_hosts.is_empty()
    }

    pub(super) fn read(variables: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        let addresses = variables.bind_address.required(problems, addresses);
        let allowed_hosts = variables
            .laredo_allowed_hosts
            .optional(problems, host::names);
        let refuse_forwarded = variables.laredo_refuse_forwarded.required(problems, switch);
        Ok(Self {
            addresses: addresses?,
            allowed_hosts: allowed_hosts?.unwrap_or_default(),
            refuse_forwarded: refuse_forwarded?,
        })
    }
}

impl OperationsConfig {
    /// `None` if it was switched off.
    pub(super) fn read(
        variables: &Variables,
        api: &[ListenAddress],
        problems: &mut Problems,
    ) -> Result<Option<Self>, Noted> {
        let variable = &variables.probe_bind_address;
        if variable.value.as_deref() == Some("off") {
            return Ok(None);
        }
        let given = variable.optional(problems, addresses)?;
        let addresses = match given {
            Some(addresses) => addresses,
            None => beside(api).map_err(|complaint| problems.note(variable.name, complaint))?,
        };
        if addresses
            .iter()
            .any(|one| api.iter().any(|other| clash(one, other)))
        {
            return Err(problems.note(
                variable.name,
                "needs a port that BIND_ADDRESS does not have",
            ));
        }
        Ok(Some(Self { addresses }))
    }
}

/// The default: loopback, at the port after the API's.
fn beside(api: &[ListenAddress]) -> Result<Vec<ListenAddress>, Complaint> {
    let port = api.first().map_or(0, |listen| listen.address.port());
    let next = if port == 0 {
        Some(0)
    } else {
        port.checked_add(1)
    };
    let port = next.ok_or("has to be set, as no port comes after the one in BIND_ADDRESS")?;
    Ok(vec![required((Ipv4Addr::LOCALHOST, port).into())])
}

fn addresses(text: &str) -> Result<Vec<ListenAddress>, Complaint> {
    let mut addresses: Vec<ListenAddress> = Vec::new();
    for entry in entries(text) {
        for listen in address(entry)? {
            if addresses.iter().any(|other| clash(&listen, other)) {
                return Err("names one address twice".into());
            }
            addresses.push(listen);
        }
    }
    if addresses.is_empty() {
        return Err("names no address".into());
    }
    Ok(addresses)
}

fn address(entry: &str) -> Result<Vec<ListenAddress>, Complaint> {
    let wrong = "is not a comma list of IP-ADDRESS:PORT, localhost:PORT or *:PORT";
    let halves = match entry.rsplit_once(':') {
        Some(("localhost", port)) => Some((LOOPBACKS, port)),
        Some(("*", port)) => Some((ALL, port)),
        _ => None,
    };
    match halves {
        Some((halves, port)) => {
            let port = port.parse().map_err(|_| wrong)?;
            Ok(halves.map(|ip| if_present((ip, port).into())).into())
        }
        None => Ok(vec![required(entry.parse().map_err(|_| wrong)?)]),
    }
}

fn required(address: SocketAddr) -> ListenAddress {
    ListenAddress {
        address,
        presence: Presence::Required,
    }
}

fn if_present(address: SocketAddr) -> ListenAddress {
    ListenAddress {
        address,
        presence: Presence::IfPresent,
    }
}

/// Whether both cannot be listened on at once.
fn clash(one: &ListenAddress, other: &ListenAddress) -> bool {
    let (one, other) = (one.address, other.address);
    let same_family = one.is_ipv4() == other.is_ipv4();
    let same_ip = one.ip() == other.ip()
        || (same_family && (one.ip().is_unspecified() || other.ip().is_unspecified()));
    one.port() != 0 && one.port() == other.port() && same_ip
}

#[cfg(test)]
#[path = "listener_tests.rs"]
mod tests;
