//! From start to end: without a provider, through kills, and at the orderly stop.

use std::time::Duration;

use laredo::dev::Fault;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::{SCOPE, provider};
use crate::program::{Daemon, access_token, eventually};

#[tokio::test]
async fn f1_f80_without_any_provider_it_starts_and_its_probes_are_well() {
    let provider = provider().await;
    provider.stop().await;
    let daemon = Daemon::start(&provider, &[]).await;

    let answer = daemon.ask(SCOPE).await.unwrap();

    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(daemon.probe("/healthz").await, 200);
    assert_eq!(daemon.probe("/readyz").await, 200);
}

#[tokio::test]
async fn f80_an_outage_does_not_show_in_the_probes() {
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &[]).await;
    daemon.token().await;

    provider.stop().await;
    let answer = daemon.ask_anew(SCOPE).await.unwrap();

    assert_eq!(answer.status, 503);
    assert_eq!(daemon.probe("/healthz").await, 200);
    assert_eq!(daemon.probe("/readyz").await, 200);
    assert_eq!(daemon.probe("/metrics").await, 200);
}

#[tokio::test]
async fn f78_after_a_kill_it_serves_again_at_the_same_address() {
    let provider = provider().await;
    let mut killed = Daemon::start(&provider, &[]).await;
    killed.token().await;
    let (api, operations) = (killed.api.to_string(), killed.operations.to_string());

    killed.signal(Signal::KILL);
    killed.end().await;
    let again = [("BIND_ADDRESS", &*api), ("PROBE_BIND_ADDRESS", &operations)];
    let daemon = Daemon::start(&provider, &again).await;

    assert_eq!(daemon.api, killed.api);
    daemon.token().await;
}

#[tokio::test]
async fn f74_service_goes_on_for_the_whole_shutdown_delay() {
    let delay = [("LAREDO_SHUTDOWN_DELAY", "3600")];
    let provider = provider().await;
    let daemon = Daemon::start(&provider, &delay).await;
    let held = daemon.token().await;

    daemon.signal(Signal::TERM);
    eventually("unready", async || {
        (daemon.probe("/readyz").await == 503).then_some(())
    })
    .await;

    for _ in 0..50 {
        let answer = daemon.ask(SCOPE).await.unwrap();
        assert_eq!(answer.headers("connection"), ["close"]);
        assert_eq!(access_token(&answer), held);
    }
    access_token(&daemon.ask_anew(SCOPE).await.unwrap());
    assert_eq!(daemon.probe("/healthz").await, 200);
}

#[tokio::test]
async fn f74_after_the_shutdown_delay_it_ends_with_0() {
    let delay = [("LAREDO_SHUTDOWN_DELAY", "1")];
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &delay).await;

    let told = Instant::now();
    daemon.signal(Signal::TERM);
    let status = daemon.end().await;

    assert_eq!(status.code(), Some(0));
    assert!(told.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn f74_of_the_requests_while_it_stops_each_is_answered_or_not_taken() {
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &[]).await;
    let held = daemon.token().await;

    daemon.signal(Signal::TERM);
    // A connection that is no longer taken is an error without a byte; a part of an answer would not parse.
    while let Ok(answer) = daemon.ask(SCOPE).await {
        assert_eq!(access_token(&answer), held);
    }

    assert_eq!(daemon.end().await.code(), Some(0));
}

#[tokio::test]
async fn f74_a_request_in_flight_is_answered_before_the_end() {
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &[]).await;
    provider.calls().close_gate();
    let (asking, stopping) = (daemon.ask(SCOPE), async {
        provider.calls().wait_for(1).await;
        daemon.signal(Signal::TERM);
        daemon.log().line_with("Laredo stops").await;
        provider.calls().open_gate();
    });

    let (answer, ()) = tokio::join!(asking, stopping);

    access_token(&answer.unwrap());
    assert_eq!(daemon.end().await.code(), Some(0));
}

#[tokio::test]
async fn f75_an_idle_connection_does_not_hold_up_the_end() {
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &[]).await;
    let mut idle = TcpStream::connect(daemon.api).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    idle.write_all(request).await.unwrap();
    assert_ne!(idle.read(&mut [0; 1024]).await.unwrap(), 0);

    let told = Instant::now();
    daemon.signal(Signal::TERM);
    let status = daemon.end().await;

    assert_eq!(status.code(), Some(0));
    // Far more than it takes, and less than the limit of what it need not wait for.
    assert!(told.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn f76_a_provider_that_hangs_does_not_hold_up_the_end() {
    let provider = provider().await;
    let hang = Fault {
        hang: true,
        ..Fault::default()
    };
    provider.faults().set([hang]).unwrap();
    let mut daemon = Daemon::start(&provider, &[("LAREDO_HTTP_TIMEOUT_MILLIS", "500")]).await;
    let (asking, stopping) = (daemon.ask(SCOPE), async {
        provider.calls().wait_for(1).await;
        daemon.signal(Signal::TERM);
    });

    let (answer, ()) = tokio::join!(asking, stopping);

    assert_eq!(answer.unwrap().status, 504);
    assert_eq!(daemon.end().await.code(), Some(0));
}

#[tokio::test]
async fn f76_a_client_that_is_stuck_does_not_hold_up_the_end_for_good() {
    let provider = provider().await;
    let mut daemon = Daemon::start(&provider, &[]).await;
    let mut stuck = TcpStream::connect(daemon.api).await.unwrap();
    let half =
        b"POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Content-Length: 100\r\n\r\n{";
    stuck.write_all(half).await.unwrap();

    daemon.signal(Signal::TERM);
    let status = daemon.end().await;

    assert_eq!(status.code(), Some(0));
}
