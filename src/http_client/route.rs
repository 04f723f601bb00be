//! Which way a call goes: TLS, or plain http where that is allowed.

use std::net::IpAddr;

use url::{Host, Url};

use super::Cause;

/// How an endpoint is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Over TLS, through a proxy if there is one.
    Tls,
    /// Plain, to a host that is listed for it, through a proxy if there is one.
    PlainListed,
    /// Plain and direct, and only if all its addresses are loopback.
    PlainLoopback,
}

impl Route {
    /// The way to `endpoint`, if there is one.
    pub(super) fn to(endpoint: &Url, plain_http_hosts: &[String]) -> Result<Self, Cause> {
        let host = endpoint.host().ok_or(Cause::Unsupported)?;
        match endpoint.scheme() {
            "https" => Ok(Self::Tls),
            "http" if is_listed(&host, plain_http_hosts) => Ok(Self::PlainListed),
            "http" => match address(&host) {
                Some(address) if !is_loopback(address) => Err(Cause::PlainHttp),
                _ => Ok(Self::PlainLoopback),
            },
            _ => Err(Cause::Unsupported),
        }
    }
}

/// Whether packets to `address` never leave the machine.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn is_listed(host: &Host<&str>, plain_http_hosts: &[String]) -> bool {
    let host = host.to_string();
    plain_http_hosts
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(&host))
}

fn address(host: &Host<&str>) -> Option<IpAddr> {
    match *host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://provider.example/token", Ok(Route::Tls))]
    #[case("https://127.0.0.1/token", Ok(Route::Tls))]
    #[case("http://mock.test/token", Ok(Route::PlainListed))]
    #[case("http://MOCK.test:8080/token", Ok(Route::PlainListed))]
    #[case("http://192.0.2.7/token", Ok(Route::PlainListed))]
    #[case("http://[2001:db8::7]/token", Ok(Route::PlainListed))]
    #[case("http://127.0.0.1/token", Ok(Route::PlainLoopback))]
    #[case("http://127.8.9.1/token", Ok(Route::PlainLoopback))]
    #[case("http://[::1]/token", Ok(Route::PlainLoopback))]
    #[case("http://[::ffff:127.0.0.1]/token", Ok(Route::PlainLoopback))]
    #[case("http://localhost/token", Ok(Route::PlainLoopback))]
    #[case("http://sub.mock.test/token", Ok(Route::PlainLoopback))]
    #[case("http://192.0.2.8/token", Err(Cause::PlainHttp))]
    #[case("http://0.0.0.0/token", Err(Cause::PlainHttp))]
    #[case("http://[2001:db8::8]/token", Err(Cause::PlainHttp))]
    #[case("file:///etc/passwd", Err(Cause::Unsupported))]
    #[case("ftp://provider.example/", Err(Cause::Unsupported))]
    fn s10_plain_http_goes_only_to_loopback_and_listed_hosts(
        #[case] endpoint: Url,
        #[case] expected: Result<Route, Cause>,
    ) {
        let listed = ["Mock.test", "192.0.2.7", "[2001:db8::7]"].map(str::to_owned);

        assert_eq!(Route::to(&endpoint, &listed), expected);
    }
}
