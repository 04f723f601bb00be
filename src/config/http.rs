//! How providers are called.

use std::path::PathBuf;
use std::time::Duration;

use super::catalogue::Variables;
use super::endpoint;
use super::host;
use super::problem::{Complaint, Noted, Problems};
use super::value::{printable, timeout_millis};
use crate::secret::Secret;

/// Outgoing HTTP.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// How long connecting may take, 1 ms to 5 min.
    pub connect_timeout: Duration,
    /// How long a whole attempt may take, 1 ms to 5 min.
    pub timeout: Duration,
    /// Certificate authorities to trust besides the system's (PEM).
    pub ca_file: Option<PathBuf>,
    /// Which proxy stands between.
    pub proxies: ProxyConfig,
    /// Hosts to which plain `http` is let through besides loopback, as [`url::Url::host_str`] has them.
    pub plain_http_hosts: Vec<String>,
}

/// Which proxy stands between. Loopback is never proxied.
#[derive(Clone, Debug, Default)]
pub struct ProxyConfig {
    /// URL of the proxy for `https`; secret because it may name a password.
    pub https: Option<Secret>,
    /// URL of the proxy for plain `http`; secret because it may name a password.
    pub http: Option<Secret>,
    /// What is not proxied, a comma list as other programs take it.
    pub no_proxy: Option<String>,
}

impl HttpConfig {
    pub(super) fn read(variables: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        let v = variables;
        let connect_timeout = v
            .laredo_http_connect_timeout_millis
            .or(&v.texas_http_connect_timeout_millis)
            .required(problems, timeout_millis);
        let timeout = v
            .laredo_http_timeout_millis
            .or(&v.texas_http_overall_timeout_millis)
            .required(problems, timeout_millis);
        let ca_file = v.laredo_ca_file.optional(problems, printable);
        let plain_http_hosts = v.laredo_plain_http_hosts.optional(problems, host::names);
        let proxies = ProxyConfig::read(v, problems);
        Ok(Self {
            connect_timeout: connect_timeout?,
            timeout: timeout?,
            ca_file: ca_file?.map(PathBuf::from),
            proxies: proxies?,
            plain_http_hosts: plain_http_hosts?.unwrap_or_default(),
        })
    }
}

impl ProxyConfig {
    fn read(variables: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        let https = variables.https_proxy.optional(problems, proxy);
        let http = variables.http_proxy.optional(problems, proxy);
        let no_proxy = variables.no_proxy.optional(problems, printable);
        Ok(Self {
            https: https?,
            http: http?,
            no_proxy: no_proxy?,
        })
    }
}

/// A proxy's URL; `http://` may be left out, as other programs allow it.
fn proxy(text: &str) -> Result<Secret, Complaint> {
    let url = if text.contains("://") {
        endpoint::url(text)
    } else {
        endpoint::url(&format!("http://{text}"))
    };
    url.map(|url| Secret::from(String::from(url)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::tests::{entra, problems, read};

    #[rstest]
    #[case(&[], 1000, 3000)]
    #[case(&[("TEXAS_HTTP_CONNECT_TIMEOUT_MILLIS", "5"), ("TEXAS_HTTP_OVERALL_TIMEOUT_MILLIS", "6")], 5, 6)]
    #[case(&[("TEXAS_HTTP_OVERALL_TIMEOUT_MILLIS", "6"), ("LAREDO_HTTP_TIMEOUT_MILLIS", "7")], 1000, 7)]
    fn the_own_names_of_timeouts_win(
        #[case] variables: &[(&str, &str)],
        #[case] connect: u64,
        #[case] overall: u64,
    ) {
        let http = read(entra(variables.iter().copied())).unwrap().http;

        assert_eq!(http.connect_timeout, Duration::from_millis(connect));
        assert_eq!(http.timeout, Duration::from_millis(overall));
    }

    #[rstest]
    #[case("LAREDO_HTTP_TIMEOUT_MILLIS", "0")]
    #[case("TEXAS_HTTP_CONNECT_TIMEOUT_MILLIS", "1s")]
    #[case("HTTPS_PROXY", "socks5://proxy.test")]
    #[case("HTTP_PROXY", "http://")]
    #[case("NO_PROXY", "a\nb")]
    #[case("LAREDO_PLAIN_HTTP_HOSTS", "http://mock.test")]
    fn f72_a_bad_value_is_reported(#[case] name: &str, #[case] text: &str) {
        assert!(problems(entra([(name, text)])).starts_with(&format!("{name} ")));
    }

    #[rstest]
    #[case("proxy.test:3128", "http://proxy.test:3128/")]
    #[case("https://proxy.test", "https://proxy.test/")]
    #[case("http://user:hunter2@proxy.test", "http://user:hunter2@proxy.test/")]
    fn proxies_are_urls(#[case] text: &str, #[case] expected: &str) {
        let config = read(entra([("HTTPS_PROXY", text)])).unwrap();

        assert_eq!(config.http.proxies.https.unwrap().expose(), expected);
    }
}
