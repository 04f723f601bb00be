//! `docs/openapi.json` against the daemon: real answers fit it, and it takes the requests that the daemon takes.

use jsonschema::Validator;
use laredo::dev::Fault;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bad_input::{good_body, raw_request, refused_json, request_with};
use crate::support::{Answer, TARGET, TestApp};

const JSON: &str = "Content-Type: application/json";
const OPERATION: &str = "/paths/~1api~1v1~1token/post";

fn document() -> Value {
    serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap()
}

/// A validator for the schema at a place in the document.
fn schema(reference: &Value) -> Validator {
    let mut root = document();
    root["$ref"] = reference.clone();
    jsonschema::draft202012::new(&root).unwrap()
}

fn request_schema() -> Validator {
    schema(&json!("#/components/schemas/TokenRequest"))
}

/// What the document says about answers with that very status.
fn described(status: u16) -> Value {
    let described = document().pointer(OPERATION).unwrap()["responses"][status.to_string()].clone();
    assert!(described.is_object(), "{status} is not described");
    described
}

fn assert_described(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let described = described(status);
    assert_body_fits(answer, &described["content"]);
    for (name, header) in described["headers"].as_object().unwrap() {
        assert_header_fits(answer, name, &header["$ref"]);
    }
    let is_described = |name: &str| !described["headers"][name].is_null();
    assert_eq!(answer.header("allow").is_some(), is_described("Allow"));
    assert_eq!(
        answer.header("retry-after").is_some(),
        is_described("Retry-After")
    );
}

fn assert_body_fits(answer: &Answer, content: &Value) {
    let described = &content[answer.header("content-type").unwrap()];
    let outcome = schema(&described["schema"]["$ref"])
        .validate(&answer.json())
        .map_err(|error| error.to_string());
    assert_eq!(outcome, Ok(()), "{}", answer.text());
}

fn assert_header_fits(answer: &Answer, name: &str, reference: &Value) {
    let document = document();
    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
    let schema = &document.pointer(pointer).unwrap()["schema"];
    let text = answer.header(&name.to_ascii_lowercase()).unwrap();
    let value = text
        .parse::<u64>()
        .map_or(json!(text), |number| json!(number));
    assert!(jsonschema::is_valid(schema, &value), "{name}: {text}");
}

#[rstest]
#[case::token(request_with(&[JSON], good_body()), 200)]
#[case::bad_request(request_with(&[JSON], "{"), 400)]
#[case::from_a_page(request_with(&[JSON, "Origin: null"], good_body()), 403)]
#[case::another_path(raw_request("POST / HTTP/1.1", &["Host: localhost"], ""), 404)]
#[case::another_method(raw_request("GET /api/v1/token HTTP/1.1", &["Host: localhost"], ""), 405)]
#[case::too_large(request_with(&[JSON], " ".repeat(65_537)), 413)]
#[case::another_host(raw_request("POST / HTTP/1.1", &["Host: a"], ""), 421)]
#[tokio::test]
async fn an_answer_is_as_described(#[case] request: Vec<u8>, #[case] status: u16) {
    let app = TestApp::start().await;

    let answer = app.send(request).await;

    assert_described(&answer, status);
}

fn status(status: u16) -> Fault {
    Fault {
        status: Some(status),
        ..Fault::default()
    }
}

fn member(name: &str, text: &str) -> Fault {
    let text = Some(text.to_owned());
    match name {
        "expires_in" => Fault {
            expires_in: text,
            ..Fault::default()
        },
        _ => Fault {
            token_type: text,
            ..Fault::default()
        },
    }
}

#[rstest]
#[case::ended_token(member("expires_in", "-1"), 200)]
#[case::lower_case_type(member("token_type", "\"bearer\""), 200)]
#[case::refused(status(400), 400)]
#[case::wrong_secret(status(401), 401)]
#[case::forbidden(status(403), 403)]
#[case::not_found(status(404), 404)]
#[case::throttled(Fault { throttle: Some("7".to_owned()), ..Fault::default() }, 429)]
#[case::odd_type(member("token_type", "\"mac\""), 502)]
#[case::html(Fault { body: Some("<html>".to_owned()), ..status(500) }, 502)]
#[case::redirect(Fault { redirect: Some("http://localhost/".to_owned()), ..Fault::default() }, 502)]
#[case::unavailable(Fault { headers: Some("Retry-After: 3".to_owned()), ..status(503) }, 503)]
#[case::hung_up(Fault { outage: true, ..Fault::default() }, 503)]
#[case::silent(Fault { hang: true, ..Fault::default() }, 504)]
#[tokio::test]
async fn an_answer_about_the_provider_is_as_described(#[case] fault: Fault, #[case] status: u16) {
    let timeout = [("LAREDO_HTTP_TIMEOUT_MILLIS", "500")];
    let timeout = if fault.hang { &timeout[..] } else { &[] };
    let app = TestApp::start_with(timeout).await;
    app.provider.faults().set([fault]).unwrap();

    let answer = app.token(TARGET).await;

    assert_described(&answer, status);
}

#[tokio::test]
async fn every_described_field_is_known_to_the_daemon() {
    let app = TestApp::start().await;
    let document = document();
    let fields = document["components"]["schemas"]["TokenRequest"]["properties"].as_object();

    for field in fields.unwrap().keys() {
        let answer = refused_json(&app, format!(r#"{{"{field}":null,"{field}":null}}"#)).await;

        let text = format!("field `{field}` is given twice");
        assert!(answer.error().2.starts_with(&text), "{}", answer.text());
    }
}

#[rstest]
#[case::plain(json!({"identity_provider": "azuread", "target": TARGET}))]
#[case::all(json!({"identity_provider": "entra_id", "target": TARGET, "resource": "r", "authorization_details": [{}], "skip_cache": true}))]
#[case::nulls(json!({"identity_provider": "azuread", "target": TARGET, "resource": null, "authorization_details": null, "skip_cache": null}))]
#[case::details_as_text(json!({"identity_provider": "azuread", "target": TARGET, "authorization_details": "[]"}))]
#[case::unknown_field(json!({"identity_provider": "azuread", "target": TARGET, "x": {}}))]
#[tokio::test]
async fn the_daemon_takes_what_fits_the_description(#[case] body: Value) {
    let app = TestApp::start().await;

    let answer = app.post_json(&body).await;

    assert!(request_schema().is_valid(&body));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[rstest]
#[case::no_provider(json!({"target": "a"}))]
#[case::null_provider(json!({"identity_provider": null, "target": "a"}))]
#[case::unknown_provider(json!({"identity_provider": "Azuread", "target": "a"}))]
#[case::no_target(json!({"identity_provider": "azuread"}))]
#[case::null_target(json!({"identity_provider": "azuread", "target": null}))]
#[case::blank_target(json!({"identity_provider": "azuread", "target": " \u{3000}"}))]
#[case::empty_target(json!({"identity_provider": "azuread", "target": ""}))]
#[case::control_character(json!({"identity_provider": "azuread", "target": "a\u{85}"}))]
#[case::long_target(json!({"identity_provider": "azuread", "target": "a".repeat(4097)}))]
#[case::number_as_target(json!({"identity_provider": "azuread", "target": 1}))]
#[case::number_as_resource(json!({"identity_provider": "azuread", "target": "a", "resource": 1}))]
#[case::text_as_boolean(json!({"identity_provider": "azuread", "target": "a", "skip_cache": "true"}))]
#[case::details_as_object(json!({"identity_provider": "azuread", "target": "a", "authorization_details": {}}))]
#[case::details_of_text(json!({"identity_provider": "azuread", "target": "a", "authorization_details": ["a"]}))]
#[case::a_list(json!([]))]
#[tokio::test]
async fn the_daemon_refuses_what_does_not_fit_the_description(#[case] body: Value) {
    let app = TestApp::start().await;

    assert!(!request_schema().is_valid(&body));
    refused_json(&app, body.to_string()).await;
}
