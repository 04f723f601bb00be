//! Bytes to a daemon and back.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing in a test takes this long unless it is broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An answer as it came over the wire.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
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
        self.headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
            .collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().copied()
    }
}

/// Sends bytes on a connection of their own and reads one answer.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let bytes = talk(address, request).await;
    parse(&bytes).unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&bytes)))
}

/// Sends bytes and reads until the peer closes.
pub async fn talk(address: SocketAddr, request: &[u8]) -> Vec<u8> {
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
pub fn parse(bytes: &[u8]) -> Option<Answer> {
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
