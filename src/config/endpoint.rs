//! URLs that Laredo calls: https, or plain http where that is allowed.

use url::Url;

use super::host;
use super::problem::Complaint;

/// A URL as the rules of contract §4 allow it; `plain_http_hosts` are those named in `LAREDO_PLAIN_HTTP_HOSTS`.
pub(super) fn endpoint(text: &str, plain_http_hosts: &[String]) -> Result<Url, Complaint> {
    let url = http_url(text)?;
    let host = url.host_str().unwrap_or_default();
    let plain_allowed = host::is_loopback(host) || plain_http_hosts.iter().any(|name| name == host);
    if url.scheme() == "https" || plain_allowed {
        return Ok(url);
    }
    Err(
        "is plain http to a host that is neither loopback nor named in LAREDO_PLAIN_HTTP_HOSTS"
            .into(),
    )
}

/// An endpoint that others are derived from: without query, and without slash at its end.
pub(super) fn base(text: &str, plain_http_hosts: &[String]) -> Result<String, Complaint> {
    let url = endpoint(text, plain_http_hosts)?;
    if url.query().is_some() {
        return Err("has a query in it".into());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// An issuer: checked as an endpoint, and kept to the letter, for it is compared so.
pub(super) fn issuer(text: &str, plain_http_hosts: &[String]) -> Result<String, Complaint> {
    endpoint(text, plain_http_hosts).map(|_| text.to_owned())
}

/// An absolute `http` or `https` URL without user and fragment.
pub(super) fn http_url(text: &str) -> Result<Url, Complaint> {
    let url = url(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or password in it".into());
    }
    Ok(url)
}

/// The URL parser forgives white space, backslashes and missing slashes; a configuration had better be right.
pub(super) fn url(text: &str) -> Result<Url, Complaint> {
    let lower = text.to_ascii_lowercase();
    let absolute = lower.starts_with("https://") || lower.starts_with("http://");
    let odd =
        |character: char| character.is_whitespace() || character.is_control() || character == '\\';
    if !absolute || text.contains(odd) {
        return Err("is not an http or https URL".into());
    }
    let url = Url::parse(text).map_err(|_| "is not an http or https URL")?;
    if url.fragment().is_some() {
        return Err("has a fragment in it".into());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn plain_http_hosts() -> Vec<String> {
        vec!["mock.test".to_owned()]
    }

    #[rstest]
    #[case("https://login.test/a/token?x=1")]
    #[case("HTTPS://login.test")]
    #[case("http://127.0.0.1:8080/token")]
    #[case("http://127.9.9.9/token")]
    #[case("http://[::1]:8080/token")]
    #[case("http://localhost/token")]
    #[case("http://MOCK.test:8080/token")]
    fn endpoints_are_https_or_plain_http_where_allowed(#[case] text: &str) {
        assert!(endpoint(text, &plain_http_hosts()).is_ok());
    }

    #[rstest]
    #[case("http://login.test/token")]
    #[case("http://mock.test.evil/token")]
    #[case("http://127.0.0.1.evil.test/token")]
    #[case("http://169.254.169.254/token")]
    #[case("ftp://login.test/token")]
    #[case("https:login.test/token")]
    #[case("https://")]
    #[case("/token")]
    #[case("login.test")]
    #[case(" https://login.test")]
    #[case("https://login.test\n")]
    #[case("https:\\\\login.test")]
    #[case("https://user@login.test")]
    #[case("https://:word@login.test")]
    #[case("https://login.test/#fragment")]
    #[case("https://login.test:99999")]
    fn f72_other_urls_are_refused(#[case] text: &str) {
        assert!(endpoint(text, &plain_http_hosts()).is_err());
    }

    #[test]
    fn a_base_loses_its_trailing_slash() {
        assert_eq!(
            base("https://login.test/", &[]).unwrap(),
            "https://login.test"
        );
        assert_eq!(
            base("https://login.test/a", &[]).unwrap(),
            "https://login.test/a"
        );
    }
}
