//! What goes wrong at the identity provider, and what is common to all answers about it.

use std::net::SocketAddr;
use std::time::Duration;

use laredo::dev::Fault;
use serde_json::json;
use tokio::time::timeout;

use crate::scripted::{ScriptedPeer, Step};
use crate::support::{Answer, TARGET, TestApp, built_in_provider, exchange};

/// A token answer as a provider may write it.
pub const TOKEN: &str = r#"{"access_token":"issued","token_type":"Bearer","expires_in":3599}"#;

/// Nothing in a test takes this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

impl TestApp {
    /// A daemon whose token endpoint plays a script on every connection.
    pub async fn facing(script: Vec<Step>, variables: &[(&str, &str)]) -> (Self, ScriptedPeer) {
        let peer = ScriptedPeer::start(script).await;
        let app = Self::asking(&peer, variables).await;
        (app, peer)
    }

    /// A daemon that asks this peer for tokens.
    pub async fn asking(peer: &ScriptedPeer, variables: &[(&str, &str)]) -> Self {
        let endpoint = format!("{}/token", peer.base_url());
        Self::start_at(built_in_provider().await, &endpoint, variables).await
    }

    /// A daemon whose provider has a fault from the start.
    pub async fn with_fault(fault: Fault) -> Self {
        let app = Self::start().await;
        app.break_provider(fault);
        app
    }

    /// From now on the provider has this fault and no other.
    pub fn break_provider(&self, fault: Fault) {
        self.provider.faults().set([fault]).unwrap();
    }

    /// From now on the provider has no fault; what it has done so far has been forgiven.
    pub fn mend_provider(&self) {
        self.provider.faults().clear();
        self.advance_secs(5);
    }

    /// Returns when that many calls upstream have come to their end in the daemon.
    pub async fn calls_ended(&self, calls: u64) {
        let all_ended = async { while self.ended_calls().await < calls {} };
        timeout(PATIENCE, all_ended)
            .await
            .expect("too few calls upstream");
    }

    /// The calls upstream that have come to their end, retries counted.
    pub async fn ended_calls(&self) -> u64 {
        let metrics = self.operations("/metrics").await.text();
        let counts = metrics
            .lines()
            .filter(|line| line.starts_with("laredo_upstream_requests_total{"))
            .filter(|line| line.contains(r#"operation="token""#))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        counts.sum()
    }
}

impl Answer {
    /// Checks status and code of an error, and what every error has.
    #[track_caller]
    pub fn assert_failed(&self, status: u16, code: &str) {
        let (got, error, description) = self.error();
        assert_eq!((got, error.as_str()), (status, code), "{description}");
        assert!(!description.is_empty());
        assert_eq!(self.headers("content-type"), ["application/json"]);
        assert_eq!(self.headers("cache-control"), ["no-store"]);
        assert_eq!(self.headers("x-content-type-options"), ["nosniff"]);
        let says_when = matches!(status, 429 | 503);
        assert_eq!(self.header("retry-after").is_some(), says_when);
    }

    /// `Retry-After` in seconds.
    #[track_caller]
    pub fn retry_after(&self) -> u64 {
        let values = self.headers("retry-after");
        assert_eq!(values.len(), 1, "{self:?}");
        values[0].parse().unwrap()
    }

    /// The seconds that the token has left.
    #[track_caller]
    pub fn expires_in(&self) -> u64 {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["expires_in"].as_u64().unwrap()
    }
}

/// An answer that keeps its connection.
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Step {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
    Step::Write([head.as_bytes(), body].concat())
}

/// A token answer that keeps its connection.
pub fn token_answer() -> Step {
    answer("200 OK", "Content-Type: application/json\r\n", TOKEN)
}

/// Asks for a token on a task of its own.
pub async fn ask(api: SocketAddr, target: &'static str) -> Answer {
    exchange(api, question(target).as_bytes()).await
}

/// A request for a token as it is on the wire.
pub fn question(target: &str) -> String {
    let body = json!({"identity_provider": "azuread", "target": target}).to_string();
    let length = body.len();
    format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// A provider that hangs up on every call.
pub fn outage() -> Fault {
    Fault {
        outage: true,
        ..Fault::default()
    }
}

/// A provider that answers this status, these headers and this body.
pub fn status(status: u16, headers: &str, body: Option<&str>) -> Fault {
    Fault {
        status: Some(status),
        headers: Some(headers.to_owned()),
        body: body.map(str::to_owned),
        ..Fault::default()
    }
}

/// One target beside [`TARGET`].
pub const OTHER: &str = "api://cluster.namespace.other/.default";

/// The fault, but only for [`TARGET`].
pub fn only_for_target(fault: Fault) -> Fault {
    Fault {
        only_scope: Some(TARGET.to_owned()),
        ..fault
    }
}
