//! Requests that two readers could take for different ones, through the whole daemon; the server's own tests have
//! every form. The second request, were it seen, would show as a call at the provider.

use rstest::rstest;

use crate::bad_input::good_body;
use crate::support::TestApp;

fn smuggled() -> String {
    let body = good_body();
    let length = body.len();
    format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

#[rstest]
#[case::coding_with_a_length("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")]
#[case::length_with_a_coding("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
#[case::chunked_twice("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
#[case::signed_length("Content-Length: +5\r\n\r\nabcde")]
#[case::two_lengths("Content-Length: 5\r\nContent-Length: 0\r\n\r\nabcde")]
#[case::bare_line_feeds("X: y\nContent-Length: 5\n\nabcde")]
#[case::one_bare_line_feed("X: y\nContent-Length: 5\r\n\r\nabcde")]
#[case::folded_line("X: y\r\n Content-Length: 5\r\n\r\nabcde")]
#[case::nul_in_a_value("X: a\0b\r\nContent-Length: 5\r\n\r\nabcde")]
#[case::space_before_the_colon("Content-Length : 5\r\n\r\nabcde")]
#[case::endless_chunk("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n0\r\n\r\n")]
#[case::chunk_size_that_wraps(
    "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n0\r\n\r\n"
)]
#[tokio::test]
async fn h10_an_ambiguous_request_hides_no_second_one(#[case] rest: &str) {
    let app = TestApp::start().await;
    let first = "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
    let request = format!("{first}\r\n{rest}{}", smuggled());

    let received = app.send_and_read_all(request).await;

    assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
    assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
    assert_eq!(app.provider.calls().count(), 0);
}

#[tokio::test]
async fn h10_a_good_request_with_coding_and_length_is_the_last_of_its_connection() {
    let app = TestApp::start().await;
    let body = good_body();
    let size = body.len();
    let request = format!(
        "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n{}",
        smuggled()
    );

    let received = app.send_and_read_all(request).await;

    assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
    assert!(app.provider.calls().count() <= 1);
}

#[tokio::test]
async fn h10_requests_that_follow_each_other_plainly_are_all_answered() {
    let app = TestApp::start().await;
    let last = smuggled().replace("\r\nHost", "\r\nConnection: close\r\nHost");

    let received = app
        .send_and_read_all(format!("{}{}{last}", smuggled(), smuggled()))
        .await;

    assert_eq!(received.matches("HTTP/1.1 200 ").count(), 3, "{received}");
}
