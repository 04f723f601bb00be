//! The few answers that the server gives itself, in the API's form (RFC 6749 §5.2).

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};

/// Too many connections are open: whole, for hyper has no part in it.
pub(super) const CROWDED: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/json\r\n\
    cache-control: no-store\r\n\
    x-content-type-options: nosniff\r\n\
    retry-after: 1\r\n\
    connection: close\r\n\
    content-length: 96\r\n\
    \r\n\
    {\"error\":\"temporarily_unavailable\",\"error_description\":\"more connections are open than may be\"}\n";

/// A request that another reader might take for two, or for another one.
pub(super) fn ambiguous() -> Response<Full<Bytes>> {
    let mut answer = json(
        StatusCode::BAD_REQUEST,
        r#"{"error":"invalid_request","error_description":"the request does not say beyond doubt where it ends"}"#,
    );
    close(&mut answer);
    answer
}

/// A handler panicked.
pub(super) fn failed() -> Response<Full<Bytes>> {
    json(
        StatusCode::INTERNAL_SERVER_ERROR,
        r#"{"error":"server_error","error_description":"the request met a fault in the daemon"}"#,
    )
}

/// Lets the connection end with this answer.
pub(super) fn close<B>(answer: &mut Response<B>) {
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
}

fn json(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_raw_answer_states_its_length() {
        let text = std::str::from_utf8(CROWDED).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();

        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
