//! Limits on what one request, many targets or one outage may cost (F50, F60, S23; the rest is held by the tests named in `docs/limits.md`).

use laredo::dev::Fault;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::{provider, send};
use crate::program::{Daemon, command_of, entra, has, skip};

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

/// Asks for as many targets at once as the provider may be asked for.
async fn ask_for_64(daemon: &Daemon, kind: &str) -> Vec<u16> {
    let url = format!("http://{}/api/v1/token", daemon.api);
    let asked: JoinSet<u16> = (0..64)
        .map(|number| {
            let url = url.clone();
            let target = format!("api://{kind}-{number}/.default");
            let body = json!({"identity_provider": "azuread", "target": target}).to_string();
            async move {
                let answer = send("POST", &url, "application/json", &body).await;
                answer.unwrap().status
            }
        })
        .collect();
    asked.join_all().await
}

/// The limit is on what the process asks of the system, which is more than what it keeps: an allocation beyond it
/// ends the program.
#[tokio::test]
async fn f60_within_48_mib_it_survives_huge_answers_and_more_tokens_than_fit() {
    if !has("prlimit") {
        return skip("f60_within_48_mib", "there is no prlimit");
    }
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    let limited = ["--data=50331648", env!("CARGO_BIN_EXE_laredo")];
    let variables = entra(&provider, secret.expose());
    let daemon = Daemon::of(command_of("prlimit".as_ref(), &limited, &variables)).await;
    let huge = Fault {
        body: Some("x".repeat(4 * 1024 * 1024)),
        ..Fault::default()
    };
    let long = Fault {
        access_token: Some(format!("\"{}\"", "x".repeat(60 * 1024))),
        ..Fault::default()
    };

    provider.faults().set([huge]).unwrap();
    let failed = ask_for_64(&daemon, "huge").await;
    provider.faults().clear();
    provider.faults().set([long]).unwrap();
    for round in 0..16 {
        assert_eq!(
            ask_for_64(&daemon, &format!("long-{round}")).await,
            [200; 64]
        );
    }

    assert!(failed.iter().all(|status| *status >= 500), "{failed:?}");
    let held = daemon.metric("laredo_cache_bytes{cache=\"token\"}").await;
    assert!(held > 0.0 && held <= 4.0 * 1024.0 * 1024.0, "{held}");
}

#[tokio::test]
async fn f50_with_64_descriptors_it_serves_through_a_crowd_and_after_it() {
    if !has("prlimit") {
        return skip("f50_with_64_descriptors", "there is no prlimit");
    }
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    let limited = ["--nofile=64", env!("CARGO_BIN_EXE_laredo")];
    let variables = entra(&provider, secret.expose());
    let daemon = Daemon::of(command_of("prlimit".as_ref(), &limited, &variables)).await;

    let mut crowd = Vec::new();
    for number in 0..200 {
        crowd.push(TcpStream::connect(daemon.api).await.unwrap());
        if number % 50 == 0 {
            // A fetch needs descriptors, too: some are kept for it.
            let answer = daemon.ask(&format!("api://crowd-{number}/.default")).await;
            assert_eq!(answer.unwrap().status, 200);
        }
    }
    drop(crowd);

    assert_eq!(
        daemon.ask("api://after/.default").await.unwrap().status,
        200
    );
}
