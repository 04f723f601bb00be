//! Readiness, rotated secrets and the end.

use serde_json::json;

use crate::support::{TARGET, TestApp, exchange};

#[tokio::test]
async fn without_prefetch_the_daemon_is_ready_at_once() {
    let app = TestApp::start().await;

    assert_eq!(app.operations("/readyz").await.status, 200);
    assert_eq!(app.operations("/healthz").await.text(), "ok");
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn readiness_waits_for_the_tokens_of_prefetch() {
    let prefetch = format!("azuread={TARGET}");
    let provider = crate::support::built_in_provider().await;
    provider.calls().close_gate();
    let endpoint = provider.token_endpoint().to_owned();
    let app = TestApp::start_at(provider, &endpoint, &[("LAREDO_PREFETCH", &prefetch)]).await;
    app.provider.calls().wait_for(1).await;

    assert_eq!(app.operations("/readyz").await.status, 503);
    app.provider.calls().open_gate();
    app.until_ready().await;

    app.token(TARGET).await.access_token();
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn readiness_does_not_wait_for_prefetch_beyond_its_deadline() {
    let prefetch = format!("azuread={TARGET}");
    let variables = [
        ("LAREDO_PREFETCH", prefetch.as_str()),
        ("LAREDO_PREFETCH_DEADLINE", "0"),
    ];
    let provider = crate::support::built_in_provider().await;
    provider.calls().close_gate();
    let endpoint = provider.token_endpoint().to_owned();

    let app = TestApp::start_at(provider, &endpoint, &variables).await;

    app.until_ready().await;
}

#[tokio::test]
async fn f69_a_rotated_secret_is_used_after_a_look_at_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let provider = crate::support::built_in_provider().await;
    let old = provider.client_secret().unwrap();
    std::fs::write(&file, old.expose()).unwrap();
    let endpoint = provider.token_endpoint().to_owned();
    let variables = [
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_SECRET_FILE", file.to_str().unwrap()),
    ];
    let app = TestApp::start_at(provider, &endpoint, &variables).await;
    let new = laredo::secret::Secret::from("rotated".to_owned());
    app.provider.accept_secrets(vec![old, new]);

    std::fs::write(&file, "rotated\n").unwrap();
    app.reload_credentials();

    app.until(async || {
        assert_eq!(app.fresh_token(TARGET).await.status, 200);
        app.provider
            .calls()
            .all()
            .last()
            .unwrap()
            .field("client_secret")
            == Some("rotated")
    })
    .await;
}

#[tokio::test]
async fn f20_a_rotated_secret_is_read_when_the_old_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let provider = crate::support::built_in_provider().await;
    std::fs::write(&file, provider.client_secret().unwrap().expose()).unwrap();
    let endpoint = provider.token_endpoint().to_owned();
    let variables = [
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CLIENT_SECRET_FILE", file.to_str().unwrap()),
    ];
    let app = TestApp::start_at(provider, &endpoint, &variables).await;

    app.provider
        .accept_secrets(vec![laredo::secret::Secret::from("rotated".to_owned())]);
    std::fs::write(&file, "rotated").unwrap();

    assert_eq!(app.token(TARGET).await.status, 200);
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f76_a_request_in_flight_is_finished_at_the_stop() {
    let mut app = TestApp::start().await;
    let body = json!({"identity_provider": "azuread", "target": TARGET}).to_string();
    let request = format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    app.provider.calls().close_gate();
    let api = app.api;
    let answer = tokio::spawn(async move { exchange(api, request.as_bytes()).await });
    app.provider.calls().wait_for(1).await;

    app.provider.calls().open_gate();
    app.stop().await;

    let answer = answer.await.unwrap();
    assert_eq!(answer.status, 200);
}
