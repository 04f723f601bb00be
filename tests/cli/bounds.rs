//! Limits on what one request, or one outage, may cost (S23; the rest is held by the tests named in `docs/limits.md`).

use serde_json::{Value, json};

use crate::client::provider;
use crate::program::Daemon;

fn details(levels: usize) -> Value {
    let mut details = json!(7);
    for _ in 0..levels.saturating_sub(1) {
        details = json!({ "a": details });
    }
    json!([details])
}

#[tokio::test]
async fn s23_a_body_over_64_kib_gets_413() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let with = |length: usize| {
        let body = json!({"identity_provider": "azuread", "target": "a/.default", "x": ""});
        let room = length - body.to_string().len();
        let mut body = body;
        body["x"] = "x".repeat(room).into();
        body
    };

    let fits = daemon.post(&with(64 * 1024)).await.unwrap();
    let too_large = daemon.post(&with(64 * 1024 + 1)).await.unwrap();

    assert_eq!((fits.status, too_large.status), (200, 413));
}

#[tokio::test]
async fn s23_a_target_over_4_kib_is_refused() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let target = |length: usize| format!("{}/.default", "a".repeat(length - "/.default".len()));

    let fits = daemon.ask(&target(4096)).await.unwrap();
    let too_long = daemon.ask(&target(4097)).await.unwrap();

    assert_eq!(provider.calls().count(), 1);
    assert_ne!(fits.status, 502, "{}", fits.body);
    assert_eq!(too_long.status, 400);
    assert!(too_long.body.contains("4 KiB"), "{}", too_long.body);
}

#[tokio::test]
async fn s23_details_deeper_than_16_levels_are_refused() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let ask = async |levels: usize| {
        let details = details(levels);
        let body = json!({
            "identity_provider": "azuread",
            "target": "a/.default",
            "authorization_details": details,
        });
        daemon.post(&body).await.unwrap().status
    };

    assert_eq!((ask(16).await, ask(17).await), (200, 400));
}

#[tokio::test]
async fn s23_an_outage_is_one_line_in_the_log_and_its_end_another() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    provider.stop().await;
    for number in 0..50 {
        let answer = daemon.ask(&format!("api://{number}/.default")).await;
        assert_eq!(answer.unwrap().status, 503);
    }

    provider.restart().await.unwrap();
    let answer = daemon.ask("api://fresh/.default").await.unwrap();
    daemon.log().line_with("answers again").await;

    assert_eq!(answer.status, 200);
    let log = daemon.log().text();
    assert_eq!(log.matches("\"WARN\"").count(), 1, "{log}");
    assert_eq!(log.matches("answers again").count(), 1, "{log}");
}
