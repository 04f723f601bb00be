//! Which calls go through a proxy: as the settings say, never as the environment says, and never to loopback.

use std::fmt;

use reqwest::{NoProxy, Proxy};
use url::Url;

/// Never proxied, whatever the settings say; names match their subdomains too.
const LOOPBACK: &str = "localhost,localhost.,127.0.0.0/8,::1,::ffff:127.0.0.0/104";

/// Proxies for outgoing calls. Their URLs may hold passwords, so `Debug` shows none of them.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For `https` endpoints (`HTTPS_PROXY`).
    pub https: Option<Url>,
    /// For `http` endpoints (`HTTP_PROXY`).
    pub http: Option<Url>,
    /// Hosts called directly (`NO_PROXY`): names with their subdomains, addresses, networks, or `*`.
    pub no_proxy: Option<String>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxies")
            .field("https", &self.https.as_ref().map(|_| "…"))
            .field("http", &self.http.as_ref().map(|_| "…"))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl Proxies {
    /// In the form in which the client takes them.
    pub(super) fn for_client(&self) -> reqwest::Result<Vec<Proxy>> {
        let https = self.https.iter().cloned().map(Proxy::https);
        let http = self.http.iter().cloned().map(Proxy::http);
        https
            .chain(http)
            .map(|proxy| Ok(proxy?.no_proxy(self.exceptions())))
            .collect()
    }

    fn exceptions(&self) -> Option<NoProxy> {
        let named = self.no_proxy.as_deref().unwrap_or_default();
        NoProxy::from_string(&format!("{LOOPBACK},{named}"))
    }
}
