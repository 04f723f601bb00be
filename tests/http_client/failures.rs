//! No answer, or not a whole one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use laredo::clock::Clock;
use laredo::http_client::{
    Answer, Attempt, Cause, Failure, HttpClient, HttpSettings, RetryBudget, with_retries,
};
use rstest::rstest;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::support::*;
use crate::tls::{https, some_ca_file};

#[tokio::test]
async fn f1_a_refused_connection_is_unreachable_and_may_be_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
    let address = listener.local_addr().expect("address");
    drop(listener);

    let failure = get(&format!("http://{address}/").parse().expect("URL")).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::Unreachable(Cause::Refused));
    assert!(failure.may_be_retried());
}

#[tokio::test]
async fn f2_a_name_that_does_not_resolve_is_unreachable() {
    let url = format!("http://{}/token", unresolvable("invalid"));

    let failure = get(&url.parse().expect("URL")).await.expect_err("failure");

    assert_eq!(failure, Failure::Unreachable(Cause::NameNotResolved));
}

#[tokio::test]
async fn f8_a_peer_that_never_answers_is_a_time_out() {
    let peer = Peer::start(|mut stream| async move { until_closed(&mut stream).await }).await;

    let failure = client(settings()).get(&peer.url, SHORT).await;

    let failure = failure.expect_err("failure");
    assert_eq!(failure, Failure::TimedOut);
    assert!(!failure.may_be_retried());
}

#[tokio::test]
async fn f8_a_peer_silent_in_the_tls_handshake_is_a_time_out() {
    let peer = Peer::start(|mut stream| async move { until_closed(&mut stream).await }).await;
    let ca_file = some_ca_file();
    let settings = HttpSettings {
        connect_timeout: SHORT,
        ca_file: Some(ca_file.path().to_owned()),
        ..settings()
    };

    let failure = get_with(settings, &https(&peer.url)).await;

    assert_eq!(failure.expect_err("failure"), Failure::TimedOut);
}

#[tokio::test]
async fn f8_the_set_time_out_holds_when_the_caller_would_wait_longer() {
    let peer = Peer::start(|mut stream| async move { until_closed(&mut stream).await }).await;
    let client = client(HttpSettings {
        timeout: SHORT,
        ..settings()
    });

    let failure = client.get(&peer.url, LONG).await;

    assert_eq!(failure.expect_err("failure"), Failure::TimedOut);
}

#[tokio::test]
async fn f9_the_connect_time_out_does_not_bound_the_answer() {
    let peer = Peer::start(|mut stream| async move {
        read_request(&mut stream).await;
        tokio::time::sleep(SHORT.saturating_mul(2)).await;
        let _ = stream
            .write_all(answer("200 OK", "", "{}").as_bytes())
            .await;
    })
    .await;
    let settings = HttpSettings {
        connect_timeout: SHORT,
        ..settings()
    };

    let answer = get_with(settings, &peer.url).await;

    assert_eq!(answer.expect("answer").status, 200);
}

#[tokio::test]
async fn f10_a_dribbling_body_is_cut_and_its_connection_not_used_again() {
    let (closed, seen_closed) = oneshot::channel();
    let closed = Arc::new(Mutex::new(Some(closed)));
    let peer = Peer::start(move |mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
            let _ = stream.write_all(head).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let closed = closed.lock().expect("lock").take();
            closed.map(|closed| closed.send(()));
        }
    })
    .await;
    let client = client(settings());

    let first = client.get(&peer.url, SHORT).await;
    let second = client.get(&peer.url, SHORT).await;

    assert_eq!(first.expect_err("failure"), Failure::TimedOut);
    assert_eq!(second.expect_err("failure"), Failure::TimedOut);
    assert_eq!(peer.connections(), 2);
    seen_closed.await.expect("closed by the client");
}

#[rstest]
#[case::reset_before_headers("")]
#[case::reset_within_headers("HTTP/1.1 200 OK\r\nConte")]
#[tokio::test]
async fn f11_a_reset_before_an_answer_is_unreachable_and_may_be_retried(
    #[case] sent: &'static str,
) {
    let peer = Peer::start(move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(sent.as_bytes()).await;
        reset(stream);
    })
    .await;

    let failure = get(&peer.url).await.expect_err("failure");

    assert!(
        matches!(failure, Failure::Unreachable(Cause::Reset | Cause::Closed)),
        "{failure:?}"
    );
    assert!(failure.may_be_retried());
}

#[tokio::test]
async fn f11_an_end_before_an_answer_is_unreachable_and_may_be_retried() {
    let peer = Peer::answering_once("").await;

    let failure = get(&peer.url).await.expect_err("failure");

    assert_eq!(failure, Failure::Unreachable(Cause::Closed));
    assert!(failure.may_be_retried());
}

#[rstest]
#[case::after_headers("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")]
#[case::mid_body("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"access_token\"")]
#[case::mid_chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{\"access")]
#[case::no_last_chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")]
#[case::bad_chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")]
#[tokio::test]
async fn f11_an_answer_cut_short_is_truncated_and_may_be_retried(
    #[case] sent: &'static str,
    #[values(true, false)] by_reset: bool,
) {
    let peer = Peer::start(move |mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(sent.as_bytes()).await;
        if by_reset {
            reset(stream);
        }
    })
    .await;

    let failure = get(&peer.url).await.expect_err("failure");

    assert!(failure.may_be_retried());
    // A reset may overtake what was sent before it.
    let reset_first = by_reset && matches!(failure, Failure::Unreachable(_));
    assert!(failure == Failure::Truncated || reset_first, "{failure:?}");
}

/// One call as a caller makes it who waits: asking again where that may help.
async fn ordinary_call(client: &HttpClient, url: &Url) -> Result<Answer, Failure> {
    let clock = Clock::system();
    let deadline = clock.now().after(LONG);
    with_retries(
        &RetryBudget::default(),
        &clock,
        deadline,
        |left| async move {
            match client.post_form(url, form("a=b"), left).await {
                Err(failure) if failure.may_be_retried() => Attempt::Passing(Err(failure)),
                outcome => Attempt::Final(outcome),
            }
        },
    )
    .await
}

#[tokio::test]
async fn f12_connections_closed_while_pooled_cost_no_error_in_100_alternations() {
    let (closes, mut closed) = mpsc::unbounded_channel();
    let peer = Peer::start(move |mut stream| {
        let closes = closes.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream
                .write_all(answer("200 OK", "", "{}").as_bytes())
                .await;
            drop(stream);
            let _ = closes.send(());
        }
    })
    .await;
    let client = client(settings());

    for _ in 0..100 {
        let answer = ordinary_call(&client, &peer.url).await;
        closed.recv().await.expect("closed");

        assert_eq!(answer.expect("answer").status, 200);
    }
}

#[tokio::test]
async fn f12_a_connection_reset_by_the_next_request_is_a_failure_that_may_be_retried() {
    let requests = AtomicUsize::new(0);
    let requests = Arc::new(requests);
    let peer = Peer::start(move |mut stream| {
        let requests = requests.clone();
        async move {
            while read_request(&mut stream).await.is_some() {
                if requests.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
                    return reset(stream);
                }
                let _ = stream
                    .write_all(answer("200 OK", "", "{}").as_bytes())
                    .await;
            }
        }
    })
    .await;
    let client = client(settings());

    for _ in 0..100 {
        let served = client.post_form(&peer.url, form("a=b"), LONG).await;
        let stale = client.post_form(&peer.url, form("a=b"), LONG).await;

        assert_eq!(served.expect("answer").status, 200);
        assert!(stale.expect_err("failure").may_be_retried());
    }
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    let peer = Peer::answering_once("SSH-2.0-OpenSSH_9.9\r\n\r\n").await;

    let failure = get(&peer.url).await.expect_err("failure");

    assert_eq!(failure, Failure::Malformed);
    assert!(!failure.may_be_retried());
}
