//! A provider that puts the marker, and what it was sent, wherever its answers have room for it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Answers each connection's one request by what its path or form asks for: `fault-N` is the N-th answer.
pub struct Hostile {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Hostile {
    pub async fn start(marker: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(marker.to_owned());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&answers)));
            }
        });
        Self { address, task }
    }
}

/// A metadata document that names this token endpoint, and where it is.
pub async fn serve_metadata(token_endpoint: &str) -> (Hostile, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let issuer = format!("http://{address}");
    let body = format!(r#"{{"issuer":"{issuer}","token_endpoint":"{token_endpoint}"}}"#);
    let answer = with_headers("200 OK", "application/json", "x", &body);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (Hostile { address, task }, issuer)
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, marker: Arc<String>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        match stream.read_buf(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let form = request.split("\r\n\r\n").nth(1).unwrap_or_default();
    let number = request.split("fault-").nth(1).and_then(|rest| {
        rest.split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    });
    let answers = answers(&marker, form);
    let answer = number.and_then(|number: usize| answers.get(number));
    let _ = stream
        .write_all(answer.unwrap_or(&answers[0]).as_bytes())
        .await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    body.len() >= length.map_or(0, |(_, value)| value.parse().unwrap())
}

/// How many answers there are.
pub fn count() -> usize {
    answers("", "").len()
}

/// The first is a token; of the others none is one.
fn answers(marker: &str, form: &str) -> Vec<String> {
    let echo = format!("{form} {marker}");
    let echo = echo.replace(['"', '\\'], "");
    let json = |status: &str, body: String| with_headers(status, "application/json", marker, &body);
    let token = |more: &str| {
        format!(r#"{{"access_token":"{marker}.{marker}","token_type":"Bearer"{more}}}"#)
    };
    vec![
        json("200 OK", token(r#","expires_in":3599"#)),
        json("400 Bad Request", refusal("invalid_grant", &echo)),
        json("400 Bad Request", refusal("invalid_scope", &echo)),
        json("401 Unauthorized", refusal("invalid_client", &echo)),
        json("403 Forbidden", refusal(marker, &echo)),
        json("400 Bad Request", format!(r#"{{"error":"{marker}"}}"#)),
        json("503 Busy", refusal("temporarily_unavailable", &echo)),
        json("500 Broken", refusal(marker, &echo)),
        with_headers(
            "500 Broken",
            "text/html",
            marker,
            &format!("<h1>{echo}</h1>"),
        ),
        with_headers("404 Gone", "text/html", marker, &format!("<h1>{echo}</h1>")),
        with_headers("429 Slow", marker, marker, &echo),
        with_headers("302 Found", marker, marker, &echo),
        json("200 OK", echo.clone()),
        json("200 OK", format!("{{\"{marker}")),
        json("200 OK", format!(r#"{{"{marker}":"{marker}"}}"#)),
        json(
            "200 OK",
            format!(r#"{{"access_token":["{marker}"],"token_type":"Bearer"}}"#),
        ),
        json(
            "200 OK",
            format!(r#"{{"access_token":"{marker}","token_type":"{marker}"}}"#),
        ),
        json("200 OK", token(&format!(r#","access_token":"{marker}""#))),
        json(
            "200 OK",
            format!(r#"{{"access_token":"{marker}\n","token_type":"Bearer"}}"#),
        ),
        json("299 Odd", token("")),
        format!("{marker}/1.1 200 {marker}\r\n\r\n{marker}"),
        format!("HTTP/1.1 {marker}\r\n\r\n{marker}"),
        format!("HTTP/1.1 200 OK\r\n{marker}\r\n\r\n{marker}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{marker}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {marker}\r\n\r\n{marker}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{marker}\r\n{marker}"),
        json("200 OK", marker.repeat(10_000)),
        String::new(),
    ]
}

fn refusal(error: &str, echo: &str) -> String {
    format!(
        r#"{{"error":"{error}","error_description":"{echo}","suberror":"{echo}","trace_id":"{echo}"}}"#
    )
}

fn with_headers(status: &str, content_type: &str, marker: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {marker}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Date: {marker}\r\nSet-Cookie: {marker}\r\nLocation: http://127.0.0.1/{marker}\r\n\
         Retry-After: {marker}\r\nWWW-Authenticate: {marker}\r\nX-{marker}: {marker}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}
