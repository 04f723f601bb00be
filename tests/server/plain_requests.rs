use super::*;

#[tokio::test]
async fn a_chunked_request_leaves_its_connection_open() {
    let server = TestServer::start().await;
    let chunked = "POST /chunked HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n\
        2;x=y\r\nab\r\n1\r\nc\r\n0\r\ntrailer: z\r\n\r\n";
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let received = server.exchange(format!("{chunked}{last}").as_bytes()).await;

    assert!(received.contains("3 bytes"), "{received}");
    assert_eq!(server.asked(), ["/chunked", "/last"]);
}

#[tokio::test]
async fn a_body_in_many_pieces_is_read_whole() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.set_nodelay(true).unwrap();
    let request =
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nconnection: close\r\n\r\n123456789";

    for byte in request.as_bytes() {
        client.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut received = String::new();
    client.read_to_string(&mut received).await.unwrap();

    assert!(received.ends_with("9 bytes"), "{received}");
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_become_a_request() {
    let server = TestServer::start().await;
    let body = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let length = body.len();
    let first =
        format!("POST /panic HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{body}");
    let last = "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let received = server.exchange(format!("{first}{last}").as_bytes()).await;

    assert!(received.starts_with("HTTP/1.1 405 "), "{received}");
    assert_eq!(server.asked(), ["/last"]);
}

#[tokio::test]
async fn h9_a_client_that_asks_whether_to_continue_is_told_so() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n";
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n";

    client.write_all(head.as_bytes()).await.unwrap();
    let mut told = vec![0; go_on.len()];
    timeout(PATIENCE, client.read_exact(&mut told))
        .await
        .unwrap()
        .unwrap();
    client
        .write_all(b"abcGET / HTTP/1.1\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut received = String::new();
    timeout(PATIENCE, client.read_to_string(&mut received))
        .await
        .unwrap()
        .unwrap();

    assert_eq!(told, go_on.as_bytes());
    assert!(received.contains("3 bytes"), "{received}");
    assert_eq!(answers(&received), 2, "{received}");
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending_its_body() {
    let server = TestServer::start().await;
    let mut request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n".to_vec();
    request.resize(request.len() + 2_000_000, b'a');

    let received = server.exchange(&request).await;

    assert!(received.starts_with("HTTP/1.1 413 "), "{received}");
}

#[tokio::test]
async fn every_listener_is_served() {
    let listeners = [
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    ];
    let addresses = listeners
        .each_ref()
        .map(|listener| listener.local_addr().unwrap());
    let (_stopper, stop) = stop();
    let service = router(Arc::default());
    tokio::spawn(serve(
        listeners.into(),
        service,
        Limits::default(),
        stop,
        || (),
    ));

    for address in addresses {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(GET.as_bytes()).await.unwrap();
        let answered = timeout(PATIENCE, client.read_u8()).await.unwrap();
        assert_eq!(answered.unwrap(), b'H');
    }
}

#[tokio::test]
async fn f75_a_stopped_server_refuses_new_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stopper, stop) = stop();
    let service = router(Arc::default());
    let served = tokio::spawn(serve(
        vec![listener],
        service,
        Limits::default(),
        stop,
        || (),
    ));

    stopper.drain();
    timeout(PATIENCE, served).await.unwrap().unwrap();

    assert!(TcpStream::connect(address).await.is_err());
}
