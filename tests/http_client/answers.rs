//! What is sent, and what the head of an answer says.

use std::time::{Duration, SystemTime};

use laredo::http_client::{Failure, Form};
use laredo::secret::Secret;
use rstest::rstest;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::support::*;

/// A peer that answers 200 and hands over the requests it got.
async fn recording_peer() -> (Peer, mpsc::UnboundedReceiver<String>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let peer = Peer::start(move |mut stream| {
        let sender = sender.clone();
        async move {
            while let Some(request) = read_request(&mut stream).await {
                let _ = sender.send(request);
                let _ = stream
                    .write_all(answer("200 OK", "", "{}").as_bytes())
                    .await;
            }
        }
    })
    .await;
    (peer, requests)
}

#[tokio::test]
async fn a_form_is_posted_with_these_headers_and_no_others() {
    let (peer, mut requests) = recording_peer().await;

    let answer = post(&peer.url, form("a=b&c=d")).await;

    assert_eq!(answer.expect("answer").status, 200);
    let request = requests.recv().await.expect("request");
    let (head, body) = request.split_once("\r\n\r\n").expect("head");
    let mut lines: Vec<_> = head.lines().collect();
    lines.sort_unstable();
    let host = format!("host: {}", peer.url.authority());
    assert_eq!(
        lines,
        [
            "POST /token HTTP/1.1",
            "accept: application/json",
            "content-length: 7",
            "content-type: application/x-www-form-urlencoded",
            host.as_str(),
            concat!("user-agent: laredo/", env!("CARGO_PKG_VERSION")),
        ]
    );
    assert_eq!(body, "a=b&c=d");
}

#[tokio::test]
async fn a_form_can_bring_an_authorization_header() {
    let (peer, mut requests) = recording_peer().await;
    let form = Form {
        fields: Secret::from("a=b".to_owned()),
        authorization: Some(Secret::from("Basic aWQ6c2VjcmV0".to_owned())),
    };

    let answer = post(&peer.url, form).await;

    assert_eq!(answer.expect("answer").status, 200);
    let request = requests.recv().await.expect("request");
    assert!(request.contains("authorization: Basic aWQ6c2VjcmV0\r\n"));
}

#[tokio::test]
async fn connections_are_kept_for_the_next_call() {
    let peer = Peer::answering(answer("200 OK", "", "{}")).await;
    let client = client(settings());

    for _ in 0..10 {
        client.get(&peer.url, LONG).await.expect("answer");
    }

    assert_eq!(peer.connections(), 1);
}

#[rstest]
#[case("Retry-After: 7\r\n", Some(7), Some(7))]
#[case("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", Some(7), Some(7))]
#[case("Retry-After: Sunday, 06-Nov-94 08:49:37 GMT\r\n", Some(7), Some(7))]
#[case("Retry-After: Sun Nov  6 08:49:37 1994\r\n", Some(7), Some(7))]
#[case("", Some(5), None)]
#[case("Retry-After: \r\n", Some(5), None)]
#[case("Retry-After: -1\r\n", Some(5), None)]
#[case("Retry-After: 7\r\nRetry-After: 8\r\n", Some(5), None)]
#[case("Retry-After: 7\r\nRetry-After: 7\r\n", Some(5), None)]
#[case("Retry-After: Sun, 06 Nov 1994 08:49:00 GMT\r\n", Some(5), None)]
#[tokio::test]
async fn f14_f15_f16_the_pause_is_read_against_the_answers_own_date(
    #[case] field: &str,
    #[case] on_429: Option<u64>,
    #[case] on_503: Option<u64>,
) {
    let headers = format!("Date: Sun, 06 Nov 1994 08:49:30 GMT\r\n{field}");

    for (status, seconds) in [("429 Slow", on_429), ("503 Down", on_503)] {
        let peer = Peer::answering(answer(status, &headers, "")).await;
        let answer = get(&peer.url).await.expect("answer");

        assert_eq!(answer.pause(), seconds.map(Duration::from_secs), "{status}");
    }
}

#[tokio::test]
async fn f14_without_a_date_in_the_answer_the_local_clock_counts() {
    let in_a_minute = SystemTime::UNIX_EPOCH + Duration::from_secs(60);
    let field = format!("Retry-After: {}\r\n", httpdate::fmt_http_date(in_a_minute));
    let peer = Peer::answering(answer("429 Slow", &field, "")).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(answer.date, None);
    assert_eq!(answer.retry_after, None, "1970 is past by the local clock");
}

#[rstest]
#[case("502 Bad", "", true)]
#[case("503 Down", "", true)]
#[case("504 Late", "", true)]
#[case("503 Down", "Retry-After: 7\r\n", false)]
#[case("504 Late", "Retry-After: 7\r\n", false)]
#[case("500 Broken", "", false)]
#[case("429 Slow", "", false)]
#[case("400 Wrong", "", false)]
#[case("200 OK", "", false)]
#[tokio::test]
async fn f11_only_passing_statuses_without_retry_after_may_be_retried(
    #[case] status: &str,
    #[case] headers: &str,
    #[case] expected: bool,
) {
    let peer = Peer::answering(answer(status, headers, "")).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(answer.may_be_retried(), expected);
}

#[rstest]
#[tokio::test]
async fn f37_s7_no_redirect_is_followed(
    #[values(301, 302, 303, 307, 308)] status: u16,
    #[values("other host", "same host", "https", "file")] to: &str,
) {
    let other = Peer::answering(answer("200 OK", "", "{}")).await;
    let location = match to {
        "other host" => other.url.to_string(),
        "same host" => "/elsewhere".to_owned(),
        "https" => other.url.as_str().replace("http:", "https:"),
        _ => "file:///etc/passwd".to_owned(),
    };
    let headers = format!("Location: {location}\r\n");
    let peer = Peer::answering_once(answer(&format!("{status} Moved"), &headers, "")).await;

    let answer = post(&peer.url, form("client_assertion=x")).await;

    assert_eq!(answer.expect("answer").status, status);
    assert_eq!((peer.connections(), other.connections()), (1, 0));
}

#[rstest]
#[case("204 No Content", 204)]
#[case("304 Not Modified", 304)]
#[case("206 Partial Content", 206)]
#[tokio::test]
async fn f37b_odd_statuses_are_answers(#[case] status: &str, #[case] expected: u16) {
    let peer = Peer::answering(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(answer.status, expected);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn f37b_a_flood_of_interim_answers_ends_with_the_time_out() {
    let (sender, mut ended) = mpsc::unbounded_channel();
    let peer = Peer::start(move |mut stream| {
        let sender = sender.clone();
        async move {
            read_request(&mut stream).await;
            let interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(100);
            while stream.write_all(interim.as_bytes()).await.is_ok() {}
            let _ = sender.send(());
        }
    })
    .await;

    let failure = client(settings()).get(&peer.url, SHORT).await;

    assert_eq!(failure.expect_err("failure"), Failure::TimedOut);
    ended.recv().await.expect("connection closed by the client");
}

#[tokio::test]
async fn f37b_a_few_interim_answers_do_no_harm() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n";
    let peer = Peer::answering(format!("{interim}{}", answer("200 OK", "", "{}"))).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(answer.status, 200);
}
