//! A provider to ask, and a client without opinions: one connection for each request, read to its end.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use laredo::dev::{Fault, IdentityProvider, Options, SigningKey};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const SCOPE: &str = "api://cluster.namespace.app/.default";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Far more than any answer takes on loopback, so that a broken test ends.
pub(crate) const LONG: Duration = Duration::from_secs(30);

pub(crate) fn signing_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    Arc::clone(KEY.get_or_init(|| SigningKey::generate().unwrap()))
}

pub(crate) async fn provider() -> IdentityProvider {
    let options = Options {
        signing_key: Some(signing_key()),
        ..Options::default()
    };
    IdentityProvider::start(options).await.unwrap()
}

/// What came back until the connection ended.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }
}

pub(crate) async fn send(
    method: &str,
    url: &str,
    media_type: &str,
    body: &str,
) -> std::io::Result<Answer> {
    let rest = url.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Type: {media_type}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    let reading = stream.read_to_string(&mut answer);
    tokio::time::timeout(LONG, reading).await.unwrap()?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    Ok(Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

pub(crate) async fn get(url: &str) -> Answer {
    send("GET", url, "text/plain", "").await.unwrap()
}

pub(crate) fn good_form(provider: &IdentityProvider) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", provider.client_id().to_owned()),
        (
            "client_secret",
            provider.client_secret().unwrap().expose().to_owned(),
        ),
        ("scope", SCOPE.to_owned()),
    ]
}

/// The good form, but for one field; empty text leaves it out.
pub(crate) fn form_with(provider: &IdentityProvider, name: &str, value: &str) -> String {
    let mut form = good_form(provider);
    form.retain(|(field, _)| *field != name);
    let changed = (!value.is_empty()).then_some((name, value.to_owned()));
    let fields: Vec<_> = form.into_iter().chain(changed).collect();
    serde_urlencoded::to_string(fields).unwrap()
}

pub(crate) async fn token_call(provider: &IdentityProvider, form: &str) -> std::io::Result<Answer> {
    send("POST", provider.token_endpoint(), FORM, form).await
}

pub(crate) async fn good_call(provider: &IdentityProvider) -> std::io::Result<Answer> {
    let form = serde_urlencoded::to_string(good_form(provider)).unwrap();
    token_call(provider, &form).await
}

/// A good call's answer while the fault is on.
pub(crate) async fn answer_with(fault: Fault) -> Answer {
    let provider = provider().await;
    provider.faults().set([fault]).unwrap();
    good_call(&provider).await.unwrap()
}
