//! The provider says no, or sends the daemon elsewhere (F19, F20, F37).

use laredo::dev::Fault;
use laredo::secret::Secret;
use rstest::rstest;
use serde_json::json;

use crate::log::Log;
use crate::scripted::ScriptedPeer;
use crate::support::{TARGET, TestApp};
use crate::upstream::{OTHER, answer, only_for_target, status, token_answer};

/// A refusal as Entra writes it.
fn refusal(error: &str) -> String {
    json!({
        "error": error,
        "error_description": "AADSTS70011: The provided value is not valid.\r\nTrace ID: 7",
        "error_codes": [70011],
        "error_uri": "https://login.example.test/error?code=70011",
        "suberror": "basic_action",
        "claims": "{\"access_token\":{}}",
        "correlation_id": "c",
        "trace_id": "t",
        "timestamp": "2026-01-01 00:00:00Z",
    })
    .to_string()
}

#[rstest]
#[tokio::test]
async fn f19_a_refusal_is_passed_on_whole(
    #[values((400, "invalid_scope"), (400, "invalid_grant"), (401, "unauthorized_client"), (403, "access_denied"))]
    refused: (u16, &str),
) {
    let (code, error) = refused;
    let app = TestApp::with_fault(status(code, "", Some(&refusal(error)))).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(code, error);
    assert_eq!(
        answer.json(),
        json!({
            "error": error,
            "error_description": "AADSTS70011: The provided value is not valid.  Trace ID: 7",
            "error_codes": [70011],
            "error_uri": "https://login.example.test/error?code=70011",
            "suberror": "basic_action",
            "claims": "{\"access_token\":{}}",
            "correlation_id": "c",
            "trace_id": "t",
        })
    );
    assert_eq!(app.provider.calls().count(), 1, "it is not tried again");
}

#[tokio::test]
async fn f19_a_refusal_without_description_says_so() {
    let body = r#"{"error":"invalid_grant"}"#;
    let app = TestApp::with_fault(status(400, "", Some(body))).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(400, "invalid_grant");
    assert!(answer.error().2.contains("no error_description"));
}

#[tokio::test]
async fn f19_the_same_request_is_answered_from_memory() {
    let app = TestApp::with_fault(status(400, "", Some(&refusal("invalid_scope")))).await;
    let first = app.token(TARGET).await;

    let (second, forced) = tokio::join!(app.token(TARGET), app.fresh_token(TARGET));

    assert_eq!((second.status, second.json()), (400, first.json()));
    assert_eq!((forced.status, forced.json()), (400, first.json()));
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f19_two_seconds_later_the_provider_is_asked_again() {
    let app = TestApp::with_fault(status(400, "", Some(&refusal("invalid_scope")))).await;
    app.token(TARGET).await;
    app.provider.faults().clear();

    app.advance_secs(2);
    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn f19_another_target_is_not_refused_from_memory() {
    let refused = status(400, "", Some(&refusal("invalid_scope")));
    let app = TestApp::with_fault(only_for_target(refused)).await;
    app.token(TARGET).await;

    let other = app.token(OTHER).await;

    assert_eq!(other.status, 200);
}

const WRONG: &str = "wrong-secret-canary";

#[tokio::test]
async fn f20_a_lone_wrong_secret_is_the_providers_own_401() {
    let log = Log::begin();
    let app = TestApp::start_with(&[("AZURE_APP_CLIENT_SECRET", WRONG)]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(401, "invalid_client");
    assert!(answer.error().2.starts_with("AADSTS7000215: "));
    assert!(!answer.text().contains(WRONG));
    assert_eq!(app.provider.calls().count(), 1);
    assert_eq!(log.count("refused a token request"), 1);
    assert_eq!(log.count("canary"), 0);
}

#[tokio::test]
async fn f20_invalid_client_may_come_with_400_too() {
    let refused = status(400, "", Some(&refusal("invalid_client")));
    let app = TestApp::with_fault(refused).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(400, "invalid_client");
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f20_the_next_secret_serves_the_request_that_found_the_first_one_refused() {
    let log = Log::begin();
    let next = "next-secret-canary";
    let app = TestApp::start_with(&[
        ("AZURE_APP_CLIENT_SECRET", WRONG),
        ("AZURE_APP_NEXT_CLIENT_SECRET", next),
    ])
    .await;
    app.provider
        .accept_secrets(vec![Secret::from(next.to_owned())]);

    let first = app.token(TARGET).await;
    let other = app.token(OTHER).await;

    assert_eq!((first.status, other.status), (200, 200));
    assert_eq!(app.provider.calls().count(), 3, "the first one is given up");
    assert_eq!(log.count("AZURE_APP_NEXT_CLIENT_SECRET"), 1);
    assert_eq!(log.count("canary"), 0);
}

#[tokio::test]
async fn f20_with_both_secrets_refused_there_is_one_more_try_and_the_refusal() {
    let app = TestApp::start_with(&[
        ("AZURE_APP_CLIENT_SECRET", WRONG),
        ("AZURE_APP_NEXT_CLIENT_SECRET", "wrong, too"),
    ])
    .await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(401, "invalid_client");
    assert_eq!(app.provider.calls().count(), 2);
}

#[rstest]
#[tokio::test]
async fn f37_a_redirect_is_a_502_and_nobody_else_sees_the_secret(
    #[values(301, 302, 303, 307, 308)] code: u16,
) {
    let other = ScriptedPeer::start(vec![token_answer()]).await;
    let app = TestApp::with_fault(Fault {
        status: Some(code),
        redirect: Some(format!("{}/token", other.base_url())),
        ..Fault::default()
    })
    .await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    assert!(!answer.text().contains(&other.address().to_string()));
    assert_eq!(app.provider.calls().count(), 1);
    assert_eq!(other.seen().connections, 0);
}

#[rstest]
#[case::same_host("/token")]
#[case::file("file:///etc/passwd")]
#[case::nowhere("")]
#[tokio::test]
async fn f37_no_kind_of_location_is_followed(
    #[case] location: &str,
    #[values("302 Found", "307 Temporary Redirect")] code: &str,
) {
    let headers = format!("Location: {location}\r\n");
    let peer = ScriptedPeer::start(vec![answer(code, &headers, "")]).await;
    let app = TestApp::asking(&peer, &[]).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
    assert_eq!(peer.seen().requests.len(), 1);
}

#[tokio::test]
async fn a_refusal_is_logged_once_until_a_token_comes() {
    let log = Log::begin();
    let app = TestApp::with_fault(status(400, "", Some(&refusal("invalid_scope")))).await;
    let refused = "the identity provider refused a token request";

    app.token(TARGET).await.assert_failed(400, "invalid_scope");
    app.token(OTHER).await.assert_failed(400, "invalid_scope");
    assert_eq!(log.count(refused), 1);
    assert_eq!(log.count("error=\"invalid_scope\" aadsts=70011"), 1);

    app.provider.faults().clear();
    app.fresh_token("api://a.b.third/.default")
        .await
        .access_token();
    app.break_provider(status(400, "", Some(&refusal("invalid_scope"))));
    app.token("api://a.b.fourth/.default")
        .await
        .assert_failed(400, "invalid_scope");
    assert_eq!(log.count(refused), 2);
}
