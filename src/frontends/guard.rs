//! Who may talk to the API at all: the app beside us, no browser page, no stranger's `Host`.

use std::net::SocketAddr;

use axum::http::header::{FORWARDED, HOST, ORIGIN, VIA};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::native::problem::Problem;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The names by which an app may call its own machine.
const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What decides whether a request is let in.
#[derive(Clone, Debug)]
pub struct Guard {
    /// `None`: every `Host` will do.
    hosts: Option<Vec<String>>,
    /// Names that somebody allowed outright, with any port.
    allowed_names: Vec<String>,
    refuse_forwarded: bool,
}

impl Guard {
    /// A guard for a listener on `addresses`. Where one of them is not loopback, `Host` is checked only
    /// if `allowed_names` (lower case) are given.
    #[must_use]
    pub fn new(addresses: &[SocketAddr], allowed_names: &[String], refuse_forwarded: bool) -> Self {
        let is_local = addresses.iter().all(|address| address.ip().is_loopback());
        let hosts = (is_local || !allowed_names.is_empty()).then(|| {
            let with_port = |address: &SocketAddr| {
                LOOPBACK_NAMES.map(|name| format!("{name}:{}", address.port()))
            };
            let plain = LOOPBACK_NAMES.map(str::to_owned);
            plain
                .into_iter()
                .chain(addresses.iter().flat_map(with_port))
                .collect()
        });
        Self {
            hosts,
            allowed_names: allowed_names.to_vec(),
            refuse_forwarded,
        }
    }

    /// Lets a request in or says why not.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Problem::request("Host is missing or given twice"));
        };
        let named_in_target = uri
            .authority()
            .is_none_or(|authority| self.allows(authority.as_str()));
        if !named_in_target || !host.to_str().is_ok_and(|host| self.allows(host)) {
            return Err(Problem::Misdirected);
        }
        self.check_origin(headers)
    }

    fn allows(&self, host: &str) -> bool {
        let Some(hosts) = &self.hosts else {
            return true;
        };
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
            || self.allowed_names.iter().any(|allowed| {
                allowed.eq_ignore_ascii_case(host) || allowed.eq_ignore_ascii_case(name)
            })
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let is_cross_site =
            |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"cross-site");
        if headers.contains_key(ORIGIN) || headers.get_all(SEC_FETCH_SITE).iter().any(is_cross_site)
        {
            return Err(Problem::Forbidden("no web page may use this daemon"));
        }
        let is_forwarded = || {
            [FORWARDED, X_FORWARDED_FOR, VIA]
                .iter()
                .any(|name| headers.contains_key(name))
        };
        if self.refuse_forwarded && is_forwarded() {
            return Err(Problem::Forbidden("forwarded requests are refused here"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn check(guard: &Guard, uri: &str, headers: &[(&str, &str)]) -> Result<(), Problem> {
        let headers = headers.iter().map(|(name, value)| {
            (
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        guard.check(&uri.parse().unwrap(), &headers.collect())
    }

    fn local_guard() -> Guard {
        Guard::new(&["127.0.0.1:3000".parse().unwrap()], &[], false)
    }

    #[rstest]
    fn h4_loopback_names_are_let_in(
        #[values(
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "[::1]",
            "localhost:3000",
            "127.0.0.1:3000",
            "[::1]:3000"
        )]
        host: &str,
    ) {
        assert_eq!(check(&local_guard(), "/", &[("host", host)]), Ok(()));
    }

    #[rstest]
    fn h4_other_hosts_are_misdirected(
        #[values(
            "",
            "example.com",
            "127.0.0.1.evil.test",
            "localhost.evil",
            "localhost:3001",
            "localhost:",
            "u@localhost",
            "127.1",
            "0.0.0.0",
            "::1",
            "[::1",
            "localhost:3000:3000",
            "localhost ,x"
        )]
        host: &str,
    ) {
        assert_eq!(
            check(&local_guard(), "/", &[("host", host)]),
            Err(Problem::Misdirected)
        );
    }

    #[rstest]
    #[case(&[])]
    #[case(&[("host", "localhost"), ("host", "localhost")])]
    fn h4_a_host_that_is_missing_or_given_twice_is_a_bad_request(#[case] headers: &[(&str, &str)]) {
        assert!(matches!(
            check(&local_guard(), "/", headers),
            Err(Problem::Request(_))
        ));
    }

    #[test]
    fn h4_a_foreign_host_in_the_request_target_is_misdirected() {
        let headers = [("host", "localhost")];

        assert_eq!(
            check(&local_guard(), "http://evil.test/", &headers),
            Err(Problem::Misdirected)
        );
        assert_eq!(
            check(&local_guard(), "http://localhost:3000/", &headers),
            Ok(())
        );
    }

    #[test]
    fn named_hosts_are_let_in_with_any_port() {
        let guard = Guard::new(
            &["127.0.0.1:3000".parse().unwrap()],
            &["laredo".to_owned()],
            false,
        );

        assert_eq!(check(&guard, "/", &[("host", "Laredo:8080")]), Ok(()));
        assert_eq!(
            check(&guard, "/", &[("host", "laredo.evil")]),
            Err(Problem::Misdirected)
        );
    }

    #[test]
    fn beyond_loopback_hosts_are_checked_only_where_names_are_given() {
        let open = Guard::new(&["0.0.0.0:3000".parse().unwrap()], &[], false);
        let named = Guard::new(
            &["0.0.0.0:3000".parse().unwrap()],
            &["laredo".to_owned()],
            false,
        );

        assert_eq!(check(&open, "/", &[("host", "anything")]), Ok(()));
        assert_eq!(
            check(&named, "/", &[("host", "anything")]),
            Err(Problem::Misdirected)
        );
    }

    #[rstest]
    #[case("origin", "null")]
    #[case("origin", "http://localhost:3000")]
    #[case("sec-fetch-site", "cross-site")]
    #[case("sec-fetch-site", "Cross-Site")]
    fn h5_web_pages_are_refused(#[case] name: &str, #[case] value: &str) {
        let result = check(&local_guard(), "/", &[("host", "localhost"), (name, value)]);

        assert!(matches!(result, Err(Problem::Forbidden(_))));
    }

    #[rstest]
    fn h6_forwarded_requests_are_refused_on_demand(
        #[values("forwarded", "x-forwarded-for", "via")] name: &str,
    ) {
        let strict = Guard::new(&["127.0.0.1:3000".parse().unwrap()], &[], true);
        let headers = [("host", "localhost"), (name, "x")];

        assert_eq!(check(&local_guard(), "/", &headers), Ok(()));
        assert!(matches!(
            check(&strict, "/", &headers),
            Err(Problem::Forbidden(_))
        ));
    }
}
