//! Outgoing HTTP: one attempt within a time limit, a size cap, no redirects, proxies as set, and failures in fixed
//! texts. It knows nothing of what is asked for; what it sends and gets is not logged here.

mod answer;
mod connections;
mod diagnosis;
mod failure;
mod get;
mod handshake;
mod proxies;
mod resolver;
mod retry;
mod retry_after;
mod retry_budget;
mod route;
mod tls;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder};
use url::Url;

pub use answer::{Answer, BODY_LIMIT};
pub use failure::{Cause, Failure};
pub use get::{Get, Getting};
pub use proxies::Proxies;
pub use retry::{Attempt, with_retries};
pub use retry_budget::RetryBudget;

use crate::clock::Clock;
use crate::secret::Secret;
use connections::Connections;
use resolver::Resolver;
use route::Route;

/// How calls are made.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The time for name, connection and TLS handshake (`LAREDO_HTTP_CONNECT_TIMEOUT_MILLIS`, 1 s).
    pub connect_timeout: Duration,
    /// The time for one whole attempt (`LAREDO_HTTP_TIMEOUT_MILLIS`, 3 s).
    pub timeout: Duration,
    /// Certificate authorities trusted besides the system's, as PEM (`LAREDO_CA_FILE`).
    pub ca_file: Option<PathBuf>,
    /// Proxies, and what goes without them.
    pub proxies: Proxies,
    /// Hosts that may be called over plain http, by their exact names (`LAREDO_PLAIN_HTTP_HOSTS`).
    pub plain_http_hosts: Vec<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(3),
            ca_file: None,
            proxies: Proxies::default(),
            plain_http_hosts: Vec::new(),
        }
    }
}

/// What a POST carries.
#[derive(Debug)]
pub struct Form {
    /// The fields, as `application/x-www-form-urlencoded`.
    pub fields: Secret,
    /// The `Authorization` header, for clients that say there who they are (RFC 6749 §2.3.1).
    pub authorization: Option<Secret>,
}

impl From<Secret> for Form {
    fn from(fields: Secret) -> Self {
        Self {
            fields,
            authorization: None,
        }
    }
}

/// Makes calls. What it needs for that is loaded at the first one.
pub struct HttpClient {
    connections: Connections,
    clock: Clock,
}

impl HttpClient {
    /// Does no I/O.
    #[must_use]
    pub fn new(settings: HttpSettings, clock: Clock) -> Self {
        let resolver = Resolver::system(settings.connect_timeout);
        Self {
            connections: Connections::new(settings, resolver),
            clock,
        }
    }

    /// Posts `form`, once, within `limit` and the set time-out, whichever is shorter.
    ///
    /// # Errors
    /// If no whole answer came; any status is an answer.
    pub async fn post_form(
        &self,
        endpoint: &Url,
        form: Form,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        let request = |client: &Client| with_form(client.post(endpoint.clone()), form);
        self.attempt(endpoint, request, limit).await
    }

    /// Gets a document, once, within `limit` and the set time-out, whichever is shorter.
    ///
    /// # Errors
    /// If no whole answer came; any status is an answer.
    pub async fn get(&self, endpoint: &Url, limit: Duration) -> Result<Answer, Failure> {
        let request = |client: &Client| Some(client.get(endpoint.clone()));
        self.attempt(endpoint, request, limit).await
    }

    async fn attempt(
        &self,
        endpoint: &Url,
        request: impl FnOnce(&Client) -> Option<RequestBuilder>,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        let limit = limit.min(self.connections.settings().timeout);
        let exchange = self.exchange(endpoint, request);
        let answer = tokio::time::timeout(limit, exchange).await;
        answer.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(
        &self,
        endpoint: &Url,
        request: impl FnOnce(&Client) -> Option<RequestBuilder>,
    ) -> Result<Answer, Failure> {
        let plain_http_hosts = &self.connections.settings().plain_http_hosts;
        let route = Route::to(endpoint, plain_http_hosts).map_err(Failure::Unreachable)?;
        let client = self.connections.client(route).await;
        let client = client.map_err(Failure::Unreachable)?;
        let request = request(&client).ok_or(Failure::Unreachable(Cause::Setup))?;
        let call = request.header(ACCEPT, "application/json").send();
        let (response, handshake_begun) = handshake::noted(call).await;
        let response = response.map_err(|error| diagnosis::of_call(&error, handshake_begun))?;
        Answer::read(response, self.clock.now().wall()).await
    }
}

fn with_form(request: RequestBuilder, form: Form) -> Option<RequestBuilder> {
    let mut request = request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from_owner(SecretBytes(form.fields)));
    if let Some(authorization) = form.authorization {
        let mut value = HeaderValue::from_str(authorization.expose()).ok()?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    Some(request)
}

/// A body that is sent from where it lies, so that no copy of ours outlives it.
struct SecretBytes(Secret);

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    /// A client for which every name has the first address at first and then the second.
    fn client_resolving_to(first: Ipv4Addr, then: Ipv4Addr) -> HttpClient {
        let calls = AtomicUsize::new(0);
        let look_up = move |_: &str| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(vec![IpAddr::V4(first)]),
            _ => Ok(vec![IpAddr::V4(then)]),
        };
        let resolver = Resolver::new(Arc::new(look_up), LONG);
        HttpClient {
            connections: Connections::new(HttpSettings::default(), resolver),
            clock: Clock::system(),
        }
    }

    #[tokio::test]
    async fn s10_a_name_is_called_while_it_is_loopback_and_refused_once_it_is_public() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let port = listener.local_addr().expect("address").port();
        let endpoint = format!("http://provider.example:{port}/token");
        let endpoint = endpoint.parse().expect("URL");
        let client = client_resolving_to(Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 0, 2, 7));
        let peer = async {
            let (mut stream, _) = listener.accept().await.expect("connection");
            let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.read(&mut [0; 4096]).await;
            stream.write_all(answer).await.expect("sent");
        };

        let (before, ()) = tokio::join!(client.get(&endpoint, LONG), peer);
        let after = client.get(&endpoint, LONG).await;

        assert_eq!(before.expect("answer").status, 200);
        let refused = Failure::Unreachable(Cause::PlainHttp);
        assert_eq!(after.expect_err("failure"), refused);
    }
}
