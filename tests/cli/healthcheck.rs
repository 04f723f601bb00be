//! `laredo healthcheck`, for images without a shell.

use crate::client::provider;
use crate::program::{Daemon, run};

#[tokio::test]
async fn a_daemon_that_serves_is_healthy() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let (api, operations) = (daemon.api.to_string(), daemon.operations.to_string());
    let variables = [("BIND_ADDRESS", &*api), ("PROBE_BIND_ADDRESS", &operations)];

    let outcome = run(&["healthcheck"], &variables).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[tokio::test]
async fn with_operations_off_any_answer_of_the_api_is_health() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[("PROBE_BIND_ADDRESS", "off")]).await;
    let api = daemon.api.to_string();

    let outcome = run(
        &["healthcheck"],
        &[("BIND_ADDRESS", &api), ("PROBE_BIND_ADDRESS", "off")],
    )
    .await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[tokio::test]
async fn where_nothing_answers_nothing_is_healthy() {
    // A port that is taken, and never answered at.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    for variables in [
        [
            ("BIND_ADDRESS", "127.0.0.1:1"),
            ("PROBE_BIND_ADDRESS", "off"),
        ],
        [("BIND_ADDRESS", &address), ("PROBE_BIND_ADDRESS", "off")],
        [
            ("BIND_ADDRESS", "127.0.0.1:1"),
            ("PROBE_BIND_ADDRESS", &address),
        ],
    ] {
        let outcome = run(&["healthcheck"], &variables).await;

        assert_eq!(outcome.code, Some(1), "{variables:?}: {outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
}
