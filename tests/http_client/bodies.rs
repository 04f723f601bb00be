//! Bodies are taken as they come, up to a limit.

use laredo::http_client::{BODY_LIMIT, Failure};
use rstest::rstest;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::support::*;

#[rstest]
#[case("400 Wrong", "Content-Type: text/html\r\n", "<h1>No</h1>")]
#[case("500 Broken", "", "")]
#[tokio::test]
async fn f21_an_error_page_is_an_answer_as_it_came(
    #[case] status: &str,
    #[case] headers: &str,
    #[case] body: &str,
) {
    let peer = Peer::answering(answer(status, headers, body)).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(answer.status.to_string(), status[..3]);
    assert_eq!(answer.body.as_slice(), body.as_bytes());
    assert_eq!(answer.content_type.is_some(), !headers.is_empty());
}

#[tokio::test]
async fn f21_debug_output_shows_nothing_of_the_body() {
    let peer = Peer::answering(answer("200 OK", "", "{\"access_token\":\"hunter2\"}")).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(
        format!("{answer:?}"),
        "Answer { status: 200, length: 26, .. }"
    );
}

#[tokio::test]
async fn f22_gzip_is_neither_asked_for_nor_unpacked() {
    let gzip = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let peer = Peer::answering(answer("200 OK", gzip, "\u{1f}packed")).await;

    let answer = get(&peer.url).await.expect("answer");

    assert_eq!(answer.body.as_slice(), b"\x1fpacked");
}

#[rstest]
#[case::length("Content-Length: 10000000000\r\n", "")]
#[case::end_of_connection("Connection: close\r\n", "")]
#[case::chunks("Transfer-Encoding: chunked\r\n", "10000\r\n")]
#[tokio::test]
async fn f23_an_endless_body_is_cut_and_its_connection_closed(
    #[case] header: &'static str,
    #[case] before_each_piece: &'static str,
) {
    let (sender, mut sent) = mpsc::unbounded_channel();
    let peer = Peer::start(move |mut stream| {
        let sender = sender.clone();
        async move {
            read_request(&mut stream).await;
            let head = format!("HTTP/1.1 200 OK\r\n{header}\r\n");
            let end = if before_each_piece.is_empty() {
                ""
            } else {
                "\r\n"
            };
            let piece = format!("{before_each_piece}{}{end}", "x".repeat(0x10000));
            let _ = stream.write_all(head.as_bytes()).await;
            let mut pieces: u64 = 0;
            // Ends only when the client closes: no socket holds 10 GB.
            while pieces < 160_000 && stream.write_all(piece.as_bytes()).await.is_ok() {
                pieces = pieces.saturating_add(1);
            }
            let _ = sender.send(pieces);
        }
    })
    .await;

    let failure = get(&peer.url).await.expect_err("failure");

    assert_eq!(failure, Failure::TooLarge);
    assert!(!failure.may_be_retried());
    assert!(sent.recv().await.expect("pieces") < 160_000);
}

#[rstest]
#[case(BODY_LIMIT, true)]
#[case(BODY_LIMIT + 1, false)]
#[tokio::test]
async fn f24_256_kib_is_the_most_that_is_taken(
    #[case] length: usize,
    #[case] taken: bool,
    #[values(true, false)] length_is_told: bool,
) {
    let body = "x".repeat(length);
    let chunked = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
    let peer = Peer::answering(if length_is_told {
        answer("200 OK", "", &body)
    } else {
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}")
    })
    .await;

    let outcome = get(&peer.url).await;

    match outcome {
        Ok(answer) => assert!(taken && answer.body.as_slice() == body.as_bytes()),
        Err(failure) => assert!(!taken && failure == Failure::TooLarge),
    }
}
