//! What every refusal of the daemon's own must be: fixed words, nothing of the request in them, no call upstream.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// Stands in every bad value; no answer may hold it.
pub const MARKER: &str = "m4rk3r";

/// The longest media type that the one text with a variable part repeats.
const LONGEST_MEDIA_TYPE: usize = 64;

/// Every text of our own for a request that gets no further. `#` is a number.
const TEXTS: [&str; 17] = [
    "Content-Type is given twice",
    "Content-Type: the only charset understood is utf-8",
    "Host is missing or given twice",
    "Host is neither this machine's loopback name nor in LAREDO_ALLOWED_HOSTS",
    "forwarded requests are refused here",
    "identity provider 'entra_id' is not enabled",
    "identity provider 'entra_id' does not support token requests",
    "identity provider 'idporten' is not enabled",
    "identity provider 'maskinporten' is not enabled",
    "identity provider 'tokenx' is not enabled",
    "no web page may use this daemon",
    "only POST is understood here",
    "the body broke off",
    "the body is larger than 64 KiB",
    "the body is not a JSON object",
    "the body is not valid JSON at line # column #",
    "there is nothing at this path; tokens are at /api/v1/token",
];

/// What can be wrong with a field, by its name.
const FIELD_TEXTS: [(&str, &[&str]); 6] = [
    (
        "identity_provider",
        &[
            "is missing",
            "is not a string",
            "is not one of entra_id (or azuread), maskinporten, tokenx, idporten, or of LAREDO_PROVIDERS",
        ],
    ),
    (
        "target",
        &[
            "is missing",
            "is not a string",
            "is blank",
            "is longer than # KiB",
            "has a control character",
        ],
    ),
    ("resource", &["is not a string"]),
    ("token", &["is missing", "is not a string"]),
    (
        "authorization_details",
        &["is not an array of objects", "is deeper than # levels"],
    ),
    ("skip_cache", &["is neither true nor false"]),
];

/// What can be wrong with any field.
const ANY_FIELD_TEXTS: [&str; 3] = [
    "is given twice",
    "is given twice at line # column #",
    "is not UTF-#",
];

/// A request for a token with these header lines besides `Host`, after which the connection ends.
pub fn request_with(headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = format!("Content-Length: {}", body.len());
    let headers = [&["Host: localhost", &length], headers].concat();
    raw_request("POST /api/v1/token HTTP/1.1", &headers, body)
}

/// A request of these lines and nothing else but `Connection: close`.
pub fn raw_request(line: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let head = format!("{line}\r\n{lines}Connection: close\r\n\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

/// A request that would get a token.
pub fn good_body() -> String {
    json!({"identity_provider": "azuread", "target": crate::support::TARGET}).to_string()
}

/// Sends what must be refused with `status` in fixed words, and without a call upstream.
pub async fn refused(app: &TestApp, request: impl AsRef<[u8]>, status: u16) -> Answer {
    let answer = app.send(request).await;
    assert_refusal(&answer, status);
    assert_eq!(app.provider.calls().count(), 0, "a call went upstream");
    answer
}

/// A body as JSON that must be refused.
pub async fn refused_json(app: &TestApp, body: impl AsRef<[u8]>) -> Answer {
    refused(
        app,
        request_with(&["Content-Type: application/json"], body),
        400,
    )
    .await
}

/// A body as a form that must be refused.
pub async fn refused_form(app: &TestApp, body: &str) -> Answer {
    let media_type = "Content-Type: application/x-www-form-urlencoded";
    refused(app, request_with(&[media_type], body), 400).await
}

/// An error of our own: RFC 6749 §5.2, one of the fixed texts, nothing of the request.
pub fn assert_refusal(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_headers(answer);
    let Value::Object(members) = answer.json() else {
        panic!("{answer:?}");
    };
    assert_eq!(members.len(), 2, "{answer:?}");
    assert_eq!(members["error"], "invalid_request");
    let description = members["error_description"].as_str().unwrap();
    assert!(is_fixed(description), "{description}");
    let quotes_media_type = media_type(description).is_some();
    let all = format!("{answer:?} {}", answer.text());
    assert!(quotes_media_type || !all.contains(MARKER), "{all}");
}

/// The headers that every answer has, once each, and those that none has (contract §1).
pub fn assert_headers(answer: &Answer) {
    assert_eq!(answer.headers("content-type"), ["application/json"]);
    assert_eq!(answer.headers("cache-control"), ["no-store"]);
    assert_eq!(answer.headers("x-content-type-options"), ["nosniff"]);
    let forbidden = |name: &str| {
        matches!(name, "server" | "set-cookie" | "x-powered-by" | "upgrade")
            || name.starts_with("access-control-")
    };
    for (name, _) in &answer.headers {
        assert!(!forbidden(name), "{name}");
    }
}

fn is_fixed(description: &str) -> bool {
    let text = with_numbers_replaced(description);
    TEXTS
        .iter()
        .any(|fixed| with_numbers_replaced(fixed) == text)
        || FIELD_TEXTS.iter().any(|(field, texts)| {
            let rest = text.strip_prefix(&format!("field `{field}` "));
            rest.is_some_and(|rest| texts.contains(&rest) || ANY_FIELD_TEXTS.contains(&rest))
        })
        || media_type(description).is_some_and(|shown| shown.len() <= LONGEST_MEDIA_TYPE)
}

/// What the text with the media type repeats of it.
fn media_type(description: &str) -> Option<&str> {
    description
        .strip_prefix("unsupported media type: ")?
        .strip_suffix(": expected one of `application/json`, `application/x-www-form-urlencoded`")
}

fn with_numbers_replaced(text: &str) -> String {
    let mut replaced = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' if replaced.ends_with('#') => {}
            '0'..='9' => replaced.push('#'),
            other => replaced.push(other),
        }
    }
    replaced
}
