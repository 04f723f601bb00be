//! The reader of requests, JSON and form.

use laredo::frontends::fuzzing::{introspection, token_request};
use laredo::oauth::TokenRequest;
use serde_json::Value;
use url::form_urlencoded;

use super::members::Members;

/// The longest `target` that may be read, in bytes.
const LONGEST_TARGET: usize = 4 * 1024;
/// Room for every description that there is.
const LONGEST_DESCRIPTION: usize = 256;

const TOKEN_FIELDS: [&str; 5] = [
    "identity_provider",
    "target",
    "resource",
    "authorization_details",
    "skip_cache",
];
const INTROSPECTION_FIELDS: [&str; 2] = ["identity_provider", "token"];

/// The bytes are the `Content-Type`, a line break, and a body, of which every route makes what it can.
pub fn check(data: &[u8]) -> bool {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let content_type = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let asks_token = match token_request(content_type, body) {
        Ok((request, _)) => {
            check_fields(content_type, body, &TOKEN_FIELDS);
            check_token_request(&request);
            true
        }
        Err(description) => is_refused(&description),
    };
    let asks_introspection = match introspection(content_type, body) {
        Ok((_, token)) => {
            check_fields(content_type, body, &INTROSPECTION_FIELDS);
            assert_eq!(token.trim(), token);
            true
        }
        Err(description) => is_refused(&description),
    };
    asks_token || asks_introspection
}

/// Always false; a description is short and can be printed.
fn is_refused(description: &str) -> bool {
    assert!(!description.is_empty() && description.len() <= LONGEST_DESCRIPTION);
    assert!(
        !description.chars().any(char::is_control),
        "{description:?}"
    );
    false
}

fn check_fields(content_type: &[u8], body: &[u8], known: &[&str]) {
    let names = names(content_type, body);
    for field in known {
        let times = names.iter().filter(|name| name == field).count();
        assert!(times <= 1, "{field} was read although it comes twice");
    }
}

fn names(content_type: &[u8], body: &[u8]) -> Vec<String> {
    let media_type = content_type.split(|byte| *byte == b';').next();
    let media_type = media_type.unwrap_or_default().trim_ascii();
    if media_type.eq_ignore_ascii_case(b"application/json") {
        let members = Members::read(body).expect("a body that is no object was read");
        members.0.into_iter().map(|(name, _)| name).collect()
    } else {
        let pairs = form_urlencoded::parse(body);
        pairs.map(|(name, _)| name.into_owned()).collect()
    }
}

fn check_token_request(request: &TokenRequest) {
    let target = &request.target;
    assert!(!target.trim().is_empty() && !target.contains(char::is_control));
    // The short form grows when it is written out.
    assert!(target.len() <= LONGEST_TARGET || target.starts_with("api://"));
    if let Some(text) = &request.authorization_details {
        let details: Value =
            serde_json::from_str(text).expect("details that are no JSON were read");
        let items = details
            .as_array()
            .expect("details that are no array were read");
        assert!(items.iter().all(Value::is_object));
        // A number stays as it was written, and all but integers can be written in several ways.
        if !has_floats(&details) {
            assert_eq!(&details.to_string(), text, "details are not canonical");
        }
        let body = format!(
            r#"{{"identity_provider":"maskinporten","target":"a","authorization_details":{text}}}"#
        );
        let (again, _) = token_request(b"application/json", body.as_bytes())
            .expect("details that were read are not read again");
        assert_eq!(again.authorization_details.as_ref(), Some(text));
    }
}

fn has_floats(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_floats),
        Value::Object(members) => members.values().any(has_floats),
        _ => false,
    }
}
