use super::*;

#[tokio::test]
async fn f62_a_panic_is_that_requests_500_and_no_more() {
    let server = TestServer::start().await;
    let request = format!("GET /panic HTTP/1.1\r\nhost: a\r\n\r\n{GET}");
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let received = server.exchange(format!("{request}{last}").as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 500 "), "{received}");
    assert!(received.contains(r#"{"error":"server_error","error_description":""#));
    assert!(
        received.contains("cache-control: no-store\r\n"),
        "{received}"
    );
    assert_eq!(server.asked(), ["/", "/last"]);
    assert_eq!(server.panics.load(Relaxed), 1);
}

#[tokio::test]
async fn f63_an_http_2_preface_ends_the_connection() {
    let server = TestServer::start().await;

    let received = server
        .exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;

    assert!(!received.contains(" 200 "), "{received}");
    assert!(server.asked().is_empty());
}

#[rstest]
#[case::websocket("connection: upgrade\r\nupgrade: websocket\r\n")]
#[case::h2c("connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n")]
#[tokio::test]
async fn h14_no_connection_is_upgraded(#[case] headers: &str) {
    let server = TestServer::start().await;
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\n{last}");

    let received = server.exchange(request.as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    assert!(
        server.asked().len() == 2 && !received.contains(" 101 "),
        "{received}"
    );
}

#[tokio::test]
async fn f64_ten_thousand_pipelined_requests_are_answered_in_order() {
    const COUNT: usize = 10_000;
    let server = TestServer::start().await;
    let mut requests: String = (1..COUNT)
        .map(|number| format!("GET /{number} HTTP/1.1\r\nhost: a\r\n\r\n"))
        .collect();
    requests += &format!("GET /{COUNT} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

    let received = server.exchange(requests.as_bytes()).await;

    let expected: Vec<_> = (1..=COUNT).map(|number| format!("/{number}")).collect();
    assert_eq!(answers(&received), COUNT);
    assert_eq!(server.asked(), expected);
}

#[rstest]
#[case::too_many_headers("x: y\r\n".repeat(101))]
#[case::too_long_a_header(format!("x: {}\r\n", "y".repeat(64 * 1024)))]
#[case::too_much_in_all(format!("x: {}\r\n", "y".repeat(1000)).repeat(17))]
#[tokio::test]
async fn f64_a_head_that_is_too_large_gets_431(#[case] headers: String) {
    let server = TestServer::start().await;
    let request = format!("GET / HTTP/1.1\r\n{headers}\r\n");

    let received = server.exchange(request.as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 431 "), "{received}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_head_of_16_kib_is_read() {
    let server = TestServer::start().await;
    let head = |filler: &str| format!("GET / HTTP/1.1\r\nconnection: close\r\nx: {filler}\r\n\r\n");
    let filler = "y".repeat(16 * 1024 - head("").len());

    let received = server.exchange(head(&filler).as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
}
