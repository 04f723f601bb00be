//! Lists of host names.

use std::net::{IpAddr, Ipv6Addr};

use super::problem::Complaint;
use super::value::entries;

/// A comma list of host names without port, in lower case as URLs have them.
pub(super) fn names(text: &str) -> Result<Vec<String>, Complaint> {
    entries(text).map(name).collect()
}

fn name(entry: &str) -> Result<String, Complaint> {
    let name = entry.to_ascii_lowercase();
    if let Some(address) = bracketed(&name) {
        return Ok(format!("[{address}]"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !name.bytes().all(fits) || name.starts_with(['.', '-']) {
        return Err("is not a comma list of host names without scheme and port".into());
    }
    Ok(name)
}

fn bracketed(name: &str) -> Option<Ipv6Addr> {
    name.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether the host is this machine by its very name: plain `http` may go there.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = bracketed(host).map(IpAddr::V6);
    let address = address.or_else(|| host.parse().ok());
    address.map_or(host == "localhost", |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("A.Test, b_1", &["a.test", "b_1"])]
    #[case("127.0.0.1,[0::1]", &["127.0.0.1", "[::1]"])]
    #[case(",", &[])]
    fn host_names_are_in_lower_case(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(names(text).unwrap(), expected);
    }

    #[rstest]
    #[case("a:80")]
    #[case("http://a")]
    #[case("a b")]
    #[case("*.a")]
    #[case("::1")]
    #[case("ä")]
    fn what_is_no_host_name_is_refused(#[case] text: &str) {
        assert!(names(text).is_err());
    }

    #[rstest]
    #[case("localhost", true)]
    #[case("127.8.9.10", true)]
    #[case("[::1]", true)]
    #[case("localhost.evil.test", false)]
    #[case("127.0.0.1.evil.test", false)]
    #[case("0.0.0.0", false)]
    #[case("[::]", false)]
    fn loopback_is_told_by_name(#[case] host: &str, #[case] loopback: bool) {
        assert_eq!(is_loopback(host), loopback);
    }
}
