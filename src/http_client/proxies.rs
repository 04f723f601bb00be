//! Which calls go through a proxy: as the settings say, never as the environment says, and never to loopback.

use reqwest::{NoProxy, Proxy};
use url::Url;

/// Never proxied, whatever the settings say; names match their subdomains too.
const LOOPBACK: &str = "localhost,localhost.,127.0.0.0/8,::1,::ffff:127.0.0.0/104";

/// Proxies for outgoing calls. Their URLs may hold credentials, so there is no `Debug`.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For `https` endpoints (`HTTPS_PROXY`).
    pub https: Option<Url>,
    /// For `http` endpoints (`HTTP_PROXY`).
    pub http: Option<Url>,
    /// Hosts called directly (`NO_PROXY`): names with their subdomains, addresses, networks, or `*`.
    pub no_proxy: Option<String>,
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
