//! How providers are called.

use std::path::PathBuf;

use url::Url;

use super::catalogue::Variables;
use super::endpoint;
use super::host;
use super::problem::{Complaint, Noted, Problems};
use super::value::{printable, timeout_millis};
use crate::http_client::{HttpSettings, Proxies};

pub(super) fn settings(
    variables: &Variables,
    problems: &mut Problems,
) -> Result<HttpSettings, Noted> {
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
    let proxies = proxies(v, problems);
    Ok(HttpSettings {
        connect_timeout: connect_timeout?,
        timeout: timeout?,
        ca_file: ca_file?.map(PathBuf::from),
        proxies: proxies?,
        plain_http_hosts: plain_http_hosts?.unwrap_or_default(),
    })
}

fn proxies(variables: &Variables, problems: &mut Problems) -> Result<Proxies, Noted> {
    let https = variables.https_proxy.optional(problems, proxy);
    let http = variables.http_proxy.optional(problems, proxy);
    let no_proxy = variables.no_proxy.optional(problems, printable);
    Ok(Proxies {
        https: https?,
        http: http?,
        no_proxy: no_proxy?,
    })
}

/// A proxy's URL; `http://` may be left out, as other programs allow it.
fn proxy(text: &str) -> Result<Url, Complaint> {
    if text.contains("://") {
        endpoint::url(text)
    } else {
        endpoint::url(&format!("http://{text}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

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

        assert_eq!(config.http.proxies.https.unwrap().as_str(), expected);
    }
}
