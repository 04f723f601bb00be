//! Calls that get no token.

use laredo::secret::Secret;
use serde_json::json;

use crate::client::{FORM, form_with, good_form, provider, send, token_call};

#[tokio::test]
async fn a_refusal_has_every_member_of_entras() {
    let provider = provider().await;
    let form = form_with(&provider, "client_secret", "wrong");

    let answer = token_call(&provider, &form).await.unwrap();

    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let description = text("error_description");
    assert_eq!(answer.status, 401);
    assert_eq!(body["error_codes"], json!([7_000_215]));
    assert_eq!(
        body["error_uri"],
        "https://login.microsoftonline.com/error?code=7000215"
    );
    assert!(description.starts_with("AADSTS7000215: Invalid client secret provided. "));
    assert!(description.ends_with(&format!(
        " Trace ID: {} Correlation ID: {} Timestamp: {}",
        text("trace_id"),
        text("correlation_id"),
        text("timestamp")
    )));
}

#[tokio::test]
async fn a_bad_call_is_refused_with_entras_code() {
    let provider = provider().await;
    let cases = [
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("client_secret", "", 401, "invalid_client", 7_000_216),
        ("client_id", "other", 400, "unauthorized_client", 700_016),
        ("client_id", "", 400, "invalid_request", 90014),
        ("scope", "api://a/read", 400, "invalid_scope", 1_002_012),
        (
            "scope",
            "a/.default b/.default",
            400,
            "invalid_scope",
            1_002_012,
        ),
        ("scope", "", 400, "invalid_request", 90014),
        ("grant_type", "", 400, "invalid_request", 90014),
        (
            "grant_type",
            "password",
            400,
            "unsupported_grant_type",
            70003,
        ),
    ];

    for (field, value, status, error, code) in cases {
        let form = form_with(&provider, field, value);
        let answer = token_call(&provider, &form).await.unwrap();

        let case = format!("{field}={value}");
        assert_eq!(answer.status, status, "{case}");
        assert_eq!(answer.json()["error"], error, "{case}");
        assert_eq!(answer.json()["error_codes"], json!([code]), "{case}");
    }
}

#[tokio::test]
async fn another_tenant_is_unknown() {
    let provider = provider().await;
    let form = serde_urlencoded::to_string(good_form(&provider)).unwrap();
    let url = format!("{}/other/oauth2/v2.0/token", provider.base_url());

    let answer = send("POST", &url, FORM, &form).await.unwrap();

    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"], "invalid_request");
    assert_eq!(answer.json()["error_codes"], json!([90002]));
}

#[tokio::test]
async fn what_is_not_called_a_form_is_not_read() {
    let provider = provider().await;
    let form = serde_urlencoded::to_string(good_form(&provider)).unwrap();

    let answer = send("POST", provider.token_endpoint(), "application/json", &form)
        .await
        .unwrap();

    assert_eq!(answer.json()["error_codes"], json!([90014]));
}

#[tokio::test]
async fn a_rotated_secret_is_taken_and_the_old_one_refused() {
    let provider = provider().await;
    let old = form_with(&provider, "", "");

    provider.accept_secrets(vec![Secret::from("new".to_owned())]);

    let new = form_with(&provider, "client_secret", "new");
    assert_eq!(token_call(&provider, &new).await.unwrap().status, 200);
    assert_eq!(token_call(&provider, &old).await.unwrap().status, 401);
}

#[tokio::test]
async fn the_secret_is_made_at_random() {
    let (one, other) = (provider().await, provider().await);

    assert_ne!(one.client_secret(), other.client_secret());
}
