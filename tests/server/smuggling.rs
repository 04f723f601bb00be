use super::*;

#[rstest]
#[case::length_before_coding("content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")]
#[case::coding_before_length("transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n")]
#[case::chunked_twice("transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
#[case::chunked_on_two_lines(
    "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
)]
#[case::another_coding_first("transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
#[case::another_coding_last("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
#[case::unknown_coding("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n")]
#[case::vertical_tab_in_coding("transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n")]
#[case::length_with_sign("content-length: +5\r\n\r\nabcde")]
#[case::negative_length("content-length: -5\r\n\r\nabcde")]
#[case::hexadecimal_length("content-length: 0x5\r\n\r\nabcde")]
#[case::length_list("content-length: 5, 5\r\n\r\nabcde")]
#[case::two_lengths("content-length: 5\r\ncontent-length: 6\r\n\r\nabcde")]
#[case::endless_length("content-length: 99999999999999999999\r\n\r\nabcde")]
#[case::bare_line_feeds("content-length: 5\n\nabcde")]
#[case::one_bare_line_feed("x: y\ncontent-length: 5\r\n\r\nabcde")]
#[case::bare_carriage_return("x: y\rcontent-length: 5\r\n\r\nabcde")]
#[case::folded_header("x: y\r\n content-length: 5\r\n\r\nabcde")]
#[case::folded_coding("transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n")]
#[case::nul_in_header("x: \0\r\n\r\n")]
#[case::space_before_colon("content-length : 5\r\n\r\nabcde")]
#[case::tab_before_colon("transfer-encoding\t: chunked\r\n\r\n0\r\n\r\n")]
#[case::no_colon("content-length 5\r\n\r\nabcde")]
#[case::empty_name(": 5\r\n\r\nabcde")]
#[case::chunk_size_overflow("transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n0\r\n\r\n")]
#[case::chunk_size_with_sign("transfer-encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n")]
#[case::chunk_size_with_prefix("transfer-encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n")]
#[case::chunk_size_missing("transfer-encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n")]
#[case::chunk_longer_than_its_size("transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n")]
#[case::bare_line_feed_after_chunk_size("transfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n")]
#[case::bare_line_feed_after_chunk("transfer-encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n")]
#[case::bare_line_feed_in_extension("transfer-encoding: chunked\r\n\r\n1;\nxx\r\na\r\n0\r\n\r\n")]
#[tokio::test]
async fn h10_an_ambiguous_request_gets_at_most_one_answer_and_hides_no_second(#[case] rest: &str) {
    let server = TestServer::start().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let request = format!("POST /first HTTP/1.1\r\nhost: a\r\n{rest}{smuggled}");

    let received = server.exchange(request.as_bytes()).await;

    assert_eq!(answers(&received), 1, "{received}");
    assert!(!server.asked().contains(&"/smuggled".to_owned()));
}

#[rstest]
#[case::chunked_twice("POST / HTTP/1.1\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
#[case::bare_line_feed("POST / HTTP/1.1\r\ncontent-length: 5\n\r\nabcde")]
#[case::bare_line_feeds_only("GET / HTTP/1.1\nhost: a\n\n")]
#[tokio::test]
async fn h10_what_hyper_would_let_pass_gets_the_oauth_error(#[case] request: &str) {
    let server = TestServer::start().await;

    let received = server.exchange(request.as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
    for header in [
        "content-type: application/json\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
        "connection: close\r\n",
    ] {
        assert!(received.contains(header), "{received}");
    }
    assert!(received.contains(r#"{"error":"invalid_request","error_description":""#));
    assert!(server.asked().is_empty());
}

#[rstest]
#[case::behind_a_request(GET)]
#[case::behind_a_body("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n\n\nx")]
#[case::behind_a_chunked_body(
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\n\n\n\r\n0\r\n\r\n"
)]
#[tokio::test]
async fn h10_a_bare_line_feed_in_a_later_head_is_seen_too(#[case] first: &str) {
    let server = TestServer::start().await;
    let second = "GET /second HTTP/1.1\nhost: a\r\n\r\n";

    let received = server
        .exchange(format!("{first}{second}{GET}").as_bytes())
        .await;

    assert_eq!(answers(&received), 2, "{received}");
    assert!(received.contains("HTTP/1.1 400 "), "{received}");
    assert_eq!(server.asked(), ["/"]);
}

#[tokio::test]
async fn h10_a_transfer_coding_in_http_1_0_is_refused() {
    let server = TestServer::start().await;

    let received = server
        .exchange(b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")
        .await;

    assert_eq!(received.matches("HTTP/1.").count(), 1, "{received}");
    assert!(received.contains(" 400 "), "{received}");
}
