//! Everything that the daemon says about a request that gets no further, in one list.

use std::collections::BTreeSet;

use crate::bad_input::{MARKER, good_body, raw_request, request_with};
use crate::log::Log;
use crate::support::TestApp;

const JSON: &str = "Content-Type: application/json";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// Requests with something wrong, each with the marker wherever it can stand.
fn corpus() -> Vec<Vec<u8>> {
    let heads = [
        raw_request("GET /api/v1/token HTTP/1.1", &["Host: localhost"], ""),
        raw_request("POST /m4rk3r HTTP/1.1", &["Host: localhost"], ""),
        raw_request("POST /api/v1/token HTTP/1.1", &["Host: m4rk3r"], ""),
        raw_request("POST /api/v1/token HTTP/1.1", &["X: m4rk3r"], ""),
        raw_request(
            "POST / HTTP/1.1",
            &["Host: localhost", "Origin: m4rk3r"],
            "",
        ),
        raw_request("POST / HTTP/1.1", &["Host: localhost", "Via: m4rk3r"], ""),
        raw_request("POST / HTTP/1.1", &["Host: localhost\nX: m4rk3r"], ""),
        request_with(&[], good_body()),
        request_with(&["Content-Type: text/plain; a=m4rk3r"], good_body()),
        request_with(&[JSON, FORM], good_body()),
        request_with(
            &["Content-Type: application/json; charset=m4rk3r"],
            good_body(),
        ),
        request_with(&[JSON], MARKER.repeat(20_000)),
    ];
    let json = [
        "",
        "m4rk3r",
        "{m4rk3r}",
        r#"{"target":"m4rk3r","target":"m4rk3r"}"#,
        r#"{"identity_provider":"m4rk3r"}"#,
        r#"{"identity_provider":["m4rk3r"]}"#,
        r#"{"target":"m4rk3r"}"#,
        r#"{"identity_provider":"tokenx","target":"m4rk3r"}"#,
        r#"{"identity_provider":"azuread"}"#,
        r#"{"identity_provider":"azuread","target":" "}"#,
        r#"{"identity_provider":"azuread","target":"m4rk3r\n"}"#,
        r#"{"identity_provider":"azuread","target":{"m4rk3r":1}}"#,
        r#"{"identity_provider":"azuread","target":"a","resource":["m4rk3r"]}"#,
        r#"{"identity_provider":"azuread","target":"a","skip_cache":"m4rk3r"}"#,
        r#"{"identity_provider":"azuread","target":"a","authorization_details":"m4rk3r"}"#,
    ];
    let long = format!(
        r#"{{"identity_provider":"azuread","target":"{}"}}"#,
        MARKER.repeat(1000)
    );
    let deep = format!(
        r#"{{"identity_provider":"azuread","target":"a","authorization_details":[{{"m4rk3r":{}{}}}]}}"#,
        "[".repeat(20),
        "]".repeat(20)
    );
    let json = json.into_iter().map(str::to_owned).chain([long, deep]);
    let forms = ["target=m4rk3r&target=m4rk3r", "target=m4rk3r%ff"];
    heads
        .into_iter()
        .chain(json.map(|body| request_with(&[JSON], body)))
        .chain(forms.map(|body| request_with(&[FORM], body)))
        .collect()
}

#[tokio::test]
async fn s15_what_is_said_about_bad_requests_is_a_closed_list() {
    let app = TestApp::start_with(&[("LAREDO_REFUSE_FORWARDED", "true")]).await;
    let mut said = BTreeSet::new();

    for request in corpus() {
        let answer = app.send(&request).await;
        assert!(!format!("{answer:?} {}", answer.text()).contains(MARKER));
        let (status, error, description) = answer.error();
        assert_eq!(error, "invalid_request");
        said.insert(format!("{status} {description}"));
    }

    let said: Vec<_> = said.into_iter().collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    400 Content-Type is given twice
    400 Content-Type: the only charset understood is utf-8
    400 Host is missing or given twice
    400 field `authorization_details` is deeper than 16 levels
    400 field `authorization_details` is not an array of objects
    400 field `identity_provider` is missing
    400 field `identity_provider` is not a string
    400 field `identity_provider` is not one of entra_id (or azuread), maskinporten, tokenx, idporten, or of LAREDO_PROVIDERS
    400 field `resource` is not a string
    400 field `skip_cache` is neither true nor false
    400 field `target` has a control character
    400 field `target` is blank
    400 field `target` is given twice
    400 field `target` is given twice at line 1 column 27
    400 field `target` is longer than 4 KiB
    400 field `target` is missing
    400 field `target` is not UTF-8
    400 field `target` is not a string
    400 identity provider 'tokenx' is not enabled
    400 the body is not a JSON object
    400 the body is not valid JSON at line 1 column 2
    400 the request does not say beyond doubt where it ends
    400 unsupported media type: : expected one of `application/json`, `application/x-www-form-urlencoded`
    400 unsupported media type: text/plain: expected one of `application/json`, `application/x-www-form-urlencoded`
    403 forwarded requests are refused here
    403 no web page may use this daemon
    404 there is nothing at this path; tokens are at /api/v1/token
    405 only POST is understood here
    413 the body is larger than 64 KiB
    421 Host is neither this machine's loopback name nor in LAREDO_ALLOWED_HOSTS
    ");
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn s1_nothing_of_a_bad_request_is_logged_at_any_level() {
    let log = Log::begin();
    let app = TestApp::start_with(&[("LAREDO_REFUSE_FORWARDED", "true")]).await;

    for request in corpus() {
        app.send(&request).await;
    }

    assert!(!log.text().is_empty());
    assert!(!log.text().contains(MARKER), "{}", log.text());
}
