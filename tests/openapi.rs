//! `docs/openapi.json` is a document that generators can use, and its examples are what it says they are.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a document of another shape fails the test"
)]

use jsonschema::Validator;
use rstest::rstest;
use serde_json::{Value, json};

const OPERATIONS: [&str; 3] = [
    "/paths/~1api~1v1~1token/post",
    "/paths/~1api~1v1~1token~1exchange/post",
    "/paths/~1api~1v1~1introspect/post",
];

fn document() -> Value {
    serde_json::from_str(include_str!("../docs/openapi.json")).unwrap()
}

/// A validator for one of the document's named schemas.
fn schema(name: &str) -> Validator {
    let mut root = document();
    root["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::draft202012::new(&root).unwrap()
}

/// Every media type's object below the operations, with the name of the part that it belongs to.
fn contents(document: &Value) -> Vec<(String, Value)> {
    let operations = OPERATIONS.map(|pointer| document.pointer(pointer).unwrap());
    operations.into_iter().flat_map(contents_of).collect()
}

fn contents_of(operation: &Value) -> Vec<(String, Value)> {
    let request = ("request".to_owned(), &operation["requestBody"]);
    let responses = operation["responses"].as_object().unwrap();
    std::iter::once(request)
        .chain(
            responses
                .iter()
                .map(|(status, part)| (status.clone(), part)),
        )
        .flat_map(|(name, part)| media_types(&name, part))
        .collect()
}

fn media_types(name: &str, part: &Value) -> Vec<(String, Value)> {
    let content = part["content"].as_object().unwrap();
    content
        .iter()
        .map(|(media_type, body)| (format!("{name} {media_type}"), body.clone()))
        .collect()
}

fn schema_name(content: &Value) -> &str {
    let reference = content["schema"]["$ref"].as_str().unwrap();
    reference.strip_prefix("#/components/schemas/").unwrap()
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match (name.as_str(), member) {
                ("$ref", Value::String(target)) => vec![target.clone()],
                _ => references(member),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_document_is_openapi_3_1() {
    assert_eq!(document()["openapi"], "3.1.0");
}

#[test]
fn the_version_is_the_crates() {
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();

    let found = references(&document);

    assert!(!found.is_empty());
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn every_schema_is_a_schema() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();

    for (name, schema) in schemas {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
}

#[test]
fn every_example_fits_its_schema() {
    let mut seen = 0;

    for (name, content) in contents(&document()) {
        let schema = schema(schema_name(&content));
        for (title, example) in content["examples"].as_object().into_iter().flatten() {
            let outcome = schema.validate(&example["value"]);
            assert!(outcome.is_ok(), "{name}, {title}: {outcome:?}");
            seen += 1;
        }
    }

    assert!(seen > 10, "only {seen} examples were found");
}

/// Every response of every operation, with its status.
fn responses() -> Vec<(String, Value)> {
    let document = document();
    OPERATIONS
        .iter()
        .flat_map(|pointer| {
            let responses = document.pointer(pointer).unwrap()["responses"].as_object();
            responses.unwrap().clone()
        })
        .collect()
}

#[test]
fn every_answer_may_not_be_stored_or_sniffed() {
    for (status, response) in responses() {
        let headers = response["headers"].as_object().unwrap();
        assert!(headers.contains_key("Cache-Control"), "{status}");
        assert!(headers.contains_key("X-Content-Type-Options"), "{status}");
    }
}

#[test]
fn only_429_and_503_have_a_time_to_try_again() {
    for (status, response) in responses() {
        let expected = matches!(status.as_str(), "429" | "503");
        assert_eq!(
            !response["headers"]["Retry-After"].is_null(),
            expected,
            "{status}"
        );
    }
}

/// What clients of Texas send.
#[rstest]
#[case::plain(json!({"identity_provider": "entra_id", "target": "api://cluster.namespace.application/.default"}))]
#[case::renewed(json!({"identity_provider": "entra_id", "target": "api://a.b.c/.default", "skip_cache": true}))]
#[case::resource(json!({"identity_provider": "maskinporten", "target": "altinn:serviceowner", "resource": "https://r.example"}))]
#[case::details(json!({"identity_provider": "maskinporten", "target": "a:b", "authorization_details": [{"type": "urn:altinn:systemuser", "systemuser_id": ["33a0911a"]}]}))]
#[case::no_details(json!({"identity_provider": "maskinporten", "target": "a:b", "authorization_details": []}))]
#[case::nulls(json!({"identity_provider": "entra_id", "target": "a", "skip_cache": null, "resource": null, "authorization_details": null}))]
#[case::tokenx(json!({"identity_provider": "tokenx", "target": "a"}))]
#[case::idporten(json!({"identity_provider": "idporten", "target": "a"}))]
#[case::an_unknown_field(json!({"identity_provider": "azuread", "target": "a", "added": {"later": 1}}))]
fn a_request_as_texas_knows_it_fits(#[case] request: Value) {
    assert!(schema("TokenRequest").is_valid(&request));
}

#[rstest]
#[case::no_target(json!({"identity_provider": "entra_id"}))]
#[case::null_target(json!({"identity_provider": "entra_id", "target": null}))]
#[case::blank_target(json!({"identity_provider": "entra_id", "target": "  "}))]
#[case::control_character(json!({"identity_provider": "entra_id", "target": "a\nb"}))]
#[case::no_provider(json!({"target": "a"}))]
#[case::other_spelling(json!({"identity_provider": "Entra_ID", "target": "a"}))]
#[case::boolean_as_text(json!({"identity_provider": "entra_id", "target": "a", "skip_cache": "true"}))]
#[case::boolean_as_number(json!({"identity_provider": "entra_id", "target": "a", "skip_cache": 1}))]
#[case::details_of_numbers(json!({"identity_provider": "entra_id", "target": "a", "authorization_details": [1]}))]
#[case::details_as_object(json!({"identity_provider": "entra_id", "target": "a", "authorization_details": {}}))]
#[case::not_an_object(json!([]))]
fn a_request_that_is_refused_does_not_fit(#[case] request: Value) {
    assert!(!schema("TokenRequest").is_valid(&request));
}

/// Answers that clients of Texas know, and our own further ones.
#[rstest]
#[case::token("TokenResponse", json!({"access_token": "a.b.c", "token_type": "Bearer", "expires_in": 3599}))]
#[case::token_at_its_end("TokenResponse", json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 0}))]
#[case::error("ErrorResponse", json!({"error": "invalid_request", "error_description": "identity provider 'idporten' does not support token requests"}))]
#[case::the_providers_own("ErrorResponse", json!({"error": "interaction_required", "error_description": "AADSTS50076: …", "error_codes": [50076], "suberror": "basic_action", "claims": "{\"access_token\":{}}", "error_uri": "https://e.example", "correlation_id": "1", "trace_id": "2"}))]
fn an_answer_fits(#[case] name: &str, #[case] answer: Value) {
    assert!(schema(name).is_valid(&answer));
}

#[rstest]
#[case::entra(json!({"identity_provider": "entra_id", "target": "api://a.b.c/.default", "user_token": "a.b.c"}))]
#[case::renewed(json!({"identity_provider": "entra_id", "target": "a", "user_token": "a.b.c", "skip_cache": true}))]
#[case::tokenx(json!({"identity_provider": "tokenx", "target": "cluster:namespace:app", "user_token": "a.b.c", "skip_cache": null}))]
#[case::generic(json!({"identity_provider": "keycloak", "target": "a", "user_token": "opaque"}))]
fn an_exchange_as_texas_knows_it_fits(#[case] request: Value) {
    assert!(schema("TokenExchangeRequest").is_valid(&request));
}

#[rstest]
#[case::no_user(json!({"identity_provider": "entra_id", "target": "a"}))]
#[case::empty_user(json!({"identity_provider": "entra_id", "target": "a", "user_token": ""}))]
#[case::number(json!({"identity_provider": "entra_id", "target": "a", "user_token": 1}))]
fn an_exchange_that_is_refused_does_not_fit(#[case] request: Value) {
    assert!(!schema("TokenExchangeRequest").is_valid(&request));
}

/// What clients of Texas send and get.
#[rstest]
#[case::named("IntrospectRequest", json!({"identity_provider": "tokenx", "token": "a.b.c"}))]
#[case::stock_client("IntrospectForm", json!({"token": "a.b.c", "token_type_hint": "access_token"}))]
#[case::form_without_a_value("IntrospectForm", json!({"identity_provider": "", "token": "a.b.c"}))]
#[case::valid("IntrospectResponse", json!({"active": true, "aud": "my-target", "exp": 1, "tid": "tokenx"}))]
#[case::invalid("IntrospectResponse", json!({"active": false, "error": "token is expired"}))]
fn an_introspection_fits(#[case] name: &str, #[case] value: Value) {
    assert!(schema(name).is_valid(&value));
}

#[rstest]
#[case::no_token("IntrospectRequest", json!({"identity_provider": "tokenx"}))]
#[case::empty_name("IntrospectRequest", json!({"identity_provider": "", "token": "a.b.c"}))]
#[case::other_name("IntrospectForm", json!({"identity_provider": "Entra_ID", "token": "a.b.c"}))]
#[case::no_verdict("IntrospectResponse", json!({"aud": "a"}))]
#[case::claims_of_an_invalid_token("IntrospectResponse", json!({"active": false, "error": "x", "sub": "a"}))]
#[case::valid_with_an_error("IntrospectResponse", json!({"active": true, "error": "x"}))]
fn an_introspection_out_of_shape_does_not_fit(#[case] name: &str, #[case] value: Value) {
    assert!(!schema(name).is_valid(&value));
}

#[rstest]
#[case::no_expiry("TokenResponse", json!({"access_token": "a", "token_type": "Bearer"}))]
#[case::other_type("TokenResponse", json!({"access_token": "a", "token_type": "bearer", "expires_in": 1}))]
#[case::expiry_as_text("TokenResponse", json!({"access_token": "a", "token_type": "Bearer", "expires_in": "1"}))]
#[case::empty_token("TokenResponse", json!({"access_token": "", "token_type": "Bearer", "expires_in": 1}))]
#[case::line_break_in_token("TokenResponse", json!({"access_token": "a\r\nb", "token_type": "Bearer", "expires_in": 1}))]
#[case::no_description("ErrorResponse", json!({"error": "invalid_request"}))]
#[case::empty_code("ErrorResponse", json!({"error": "", "error_description": "x"}))]
fn an_answer_out_of_shape_does_not_fit(#[case] name: &str, #[case] answer: Value) {
    assert!(!schema(name).is_valid(&answer));
}
