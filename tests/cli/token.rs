//! `laredo token`: a token from a running daemon.

use crate::client::{SCOPE, provider};
use crate::program::{Daemon, Finished, run};

async fn token(daemon: &Daemon, arguments: &[&str]) -> Finished {
    let api = daemon.api.to_string();
    let arguments: Vec<_> = ["token", SCOPE].iter().chain(arguments).copied().collect();
    run(&arguments, &[("BIND_ADDRESS", &api)]).await
}

#[tokio::test]
async fn the_token_that_the_app_gets_is_printed() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let held = daemon.token().await;

    let outcome = token(&daemon, &[]).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, format!("{held}\n"));
}

#[tokio::test]
async fn the_endpoint_of_apps_is_taken_first() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let endpoint = format!("http://{}/api/v1/token", daemon.api);
    let variables = [
        ("NAIS_TOKEN_ENDPOINT", &*endpoint),
        ("BIND_ADDRESS", "127.0.0.1:1"),
    ];

    let outcome = run(&["token", SCOPE], &variables).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[tokio::test]
async fn skip_cache_prints_a_new_token() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    let held = daemon.token().await;

    let outcome = token(&daemon, &["--skip-cache"]).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_ne!(outcome.stdout.trim(), held);
}

#[tokio::test]
async fn quiet_says_by_the_exit_code_alone_that_there_is_a_token() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;

    let there = token(&daemon, &["--quiet"]).await;
    let refused = token(&daemon, &["--quiet", "--provider", "maskinporten"]).await;

    assert_eq!((there.code, &*there.stdout), (Some(0), ""), "{there:?}");
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("is not enabled"), "{refused:?}");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_reason() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;

    let outcome = token(&daemon, &["--provider", "maskinporten"]).await;

    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("'maskinporten' is not enabled"));
}

#[tokio::test]
async fn without_a_daemon_the_text_says_what_to_look_at() {
    let outcome = run(&["token", SCOPE], &[("BIND_ADDRESS", "127.0.0.1:1")]).await;

    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("NAIS_TOKEN_ENDPOINT"),
        "{outcome:?}"
    );
}
