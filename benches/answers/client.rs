//! The one request of the bench, sent over a single connection.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::bare::ANSWER_BYTES;

/// The body of each request.
pub(crate) const REQUEST: &str =
    r#"{"identity_provider":"entra_id","target":"api://cluster.namespace.app/.default"}"#;

/// Sends the request `count` times over one connection, each after the answer before it.
pub(crate) fn ask(port: u16, count: u32) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    let request = format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{REQUEST}",
        REQUEST.len()
    );
    for _ in 0..count {
        exchange(&mut stream, &request);
    }
}

/// Sends a request and reads its answer, which has status 200.
pub(crate) fn exchange(stream: &mut TcpStream, request: &str) {
    let answer = exchange_whatever(stream, request);
    assert!(
        answer.starts_with(b"HTTP/1.1 200 "),
        "refused: {}",
        String::from_utf8_lossy(&answer)
    );
}

/// Sends a request and reads its answer, whatever it is.
pub(crate) fn exchange_whatever(stream: &mut TcpStream, request: &str) -> Vec<u8> {
    stream.write_all(request.as_bytes()).expect("sending");
    read_answer(stream)
}

fn read_answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&answer) {
        let read = stream.read(&mut buffer).expect("receiving");
        assert!(read > 0, "the server hung up");
        answer.extend(buffer.iter().take(read));
    }
    answer
}

/// Whether the head and a body of the length that it states are there.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let stated = head.split("content-length: ").nth(1);
    let length = stated.and_then(|rest| rest.lines().next()?.parse().ok());
    body.len() >= length.unwrap_or(ANSWER_BYTES)
}
