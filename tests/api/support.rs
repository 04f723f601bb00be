//! A daemon of its own for each test, and words for what apps do with it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use laredo::app::App;
use laredo::clock::Clock;
use laredo::config::Config;
use laredo::dev::{CLIENT_ID, IdentityProvider, Options, SigningKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A target that the built-in provider issues tokens for.
pub const TARGET: &str = "api://cluster.namespace.app/.default";
/// Nothing in a test takes this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon and its identity provider.
pub struct TestApp {
    pub api: SocketAddr,
    pub operations: SocketAddr,
    pub provider: IdentityProvider,
    pub clock: Clock,
    app: Option<App>,
}

/// An answer as it came over the wire.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl TestApp {
    /// A daemon with nothing set but what it needs.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A daemon with further variables; an empty value takes one away.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let provider = built_in_provider().await;
        let endpoint = provider.token_endpoint().to_owned();
        Self::start_at(provider, &endpoint, variables).await
    }

    /// A daemon that asks for tokens at `endpoint`, such as a scripted peer.
    pub async fn start_at(
        provider: IdentityProvider,
        endpoint: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let secret = provider.client_secret().unwrap();
        let environment = [
            ("BIND_ADDRESS", "127.0.0.1:0"),
            ("AZURE_APP_CLIENT_ID", CLIENT_ID),
            ("AZURE_APP_CLIENT_SECRET", secret.expose()),
            ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", endpoint),
        ];
        Self::run(provider, &environment, variables).await
    }

    /// A daemon with these variables, and further ones that win.
    pub async fn run(
        provider: IdentityProvider,
        environment: &[(&str, &str)],
        further: &[(&str, &str)],
    ) -> Self {
        let again = |name: &str| further.iter().any(|(other, _)| *other == name);
        let kept = environment.iter().filter(|(name, _)| !again(name));
        let environment = kept
            .chain(further)
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let config = Config::read(environment).unwrap_or_else(|problems| panic!("{problems}"));
        let clock = Clock::system();
        let app = App::start(config, clock.clone(), || 0).await.unwrap();
        Self {
            api: app.api[0],
            operations: app.operations.first().copied().unwrap_or(app.api[0]),
            provider,
            clock,
            app: Some(app),
        }
    }

    /// Asks for a token as JSON.
    pub async fn token(&self, target: &str) -> Answer {
        self.post_json(&json!({"identity_provider": "azuread", "target": target}))
            .await
    }

    /// Asks for a token that no cache has seen.
    pub async fn fresh_token(&self, target: &str) -> Answer {
        let body = json!({"identity_provider": "azuread", "target": target, "skip_cache": true});
        self.post_json(&body).await
    }

    pub async fn post_json(&self, body: &Value) -> Answer {
        self.post("application/json", &body.to_string()).await
    }

    pub async fn post_form(&self, body: &str) -> Answer {
        self.post("application/x-www-form-urlencoded", body).await
    }

    pub async fn post(&self, content_type: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(&format!(
            "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Sends bytes to the API on a connection of their own and reads one answer.
    pub async fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        exchange(self.api, request.as_ref()).await
    }

    /// Sends bytes to the API, says that no more will come, and reads one answer.
    pub async fn send_and_end(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = TcpStream::connect(self.api).await.unwrap();
        stream.write_all(request.as_ref()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes))
            .await
            .expect("no answer in time")
            .unwrap();
        parse(&bytes).unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&bytes)))
    }

    /// Sends a request's head, and its body once an answer has begun to come; reads until the connection is closed.
    pub async fn send_head_then_body(&self, head: &[u8], body: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.api).await.unwrap();
        let mut bytes = Vec::new();
        let talk = async {
            stream.write_all(head).await.unwrap();
            stream.read_buf(&mut bytes).await.unwrap();
            stream.write_all(body).await.unwrap();
            stream.read_to_end(&mut bytes).await.unwrap();
        };
        timeout(PATIENCE, talk).await.expect("no answer in time");
        String::from_utf8(bytes).unwrap()
    }

    /// Sends bytes to the API and reads all that comes until the connection is closed.
    pub async fn send_and_read_all(&self, request: impl AsRef<[u8]>) -> String {
        let bytes = talk(self.api, request.as_ref()).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Gets a path of the operations listener.
    pub async fn operations(&self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        exchange(self.operations, request.as_bytes()).await
    }

    /// The value of one series in `/metrics`, written as there; 0 if it is not there.
    pub async fn metric(&self, series: &str) -> f64 {
        let text = self.operations("/metrics").await.text();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Lets the daemon's clocks jump ahead, as after a sleep of the machine.
    pub fn advance_secs(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Waits until `/readyz` says so.
    pub async fn until_ready(&self) {
        self.until(async || self.operations("/readyz").await.status == 200)
            .await;
    }

    /// Waits until something holds that is bound to hold soon.
    pub async fn until(&self, holds: impl AsyncFn() -> bool) {
        let polls = async {
            while !holds().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, polls)
            .await
            .expect("it does not come to hold");
    }

    /// Tells the daemon to look at its credentials' files now.
    pub fn reload_credentials(&self) {
        self.app.as_ref().unwrap().reload_credentials();
    }

    /// The orderly end.
    pub async fn stop(&mut self) {
        timeout(PATIENCE, self.app.take().unwrap().stop())
            .await
            .expect("the daemon does not stop");
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub fn access_token(&self) -> String {
        self.json()["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{self:?}"))
            .to_owned()
    }

    /// Status, `error` and `error_description`.
    pub fn error(&self) -> (u16, String, String) {
        let json = self.json();
        let text = |name: &str| {
            json[name]
                .as_str()
                .unwrap_or_else(|| panic!("{self:?}"))
                .to_owned()
        };
        (self.status, text("error"), text("error_description"))
    }

    /// Every value of a header, by its name in lower case.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(n, _)| n == name);
        named.map(|(_, v)| v.as_str()).collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().copied()
    }
}

/// The built-in provider as it comes.
pub async fn built_in_provider() -> IdentityProvider {
    built_in_provider_with(Options::default()).await
}

/// The built-in provider, with a key that all tests share because making one takes a while.
pub async fn built_in_provider_with(options: Options) -> IdentityProvider {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    let key = KEY.get_or_init(|| SigningKey::generate().unwrap());
    let options = Options {
        signing_key: Some(Arc::clone(key)),
        ..options
    };
    IdentityProvider::start(options).await.unwrap()
}

/// Sends bytes on a connection of their own and reads one answer.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let bytes = talk(address, request).await;
    parse(&bytes).unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&bytes)))
}

/// Sends bytes and reads until the peer closes.
async fn talk(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let (mut reading, mut writing) = stream.split();
    let write = async {
        // The daemon may have answered and closed before it has read everything.
        let _ = writing.write_all(request).await;
    };
    let read = async {
        let _ = reading.read_to_end(&mut answer).await;
    };
    timeout(PATIENCE, async { tokio::join!(write, read) })
        .await
        .expect("no answer in time");
    answer
}

/// The first answer among the bytes.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    });
    Some(Answer {
        status,
        headers: headers.collect(),
        body: bytes[end + 4..].to_vec(),
    })
}
