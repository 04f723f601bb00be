use super::*;

const SECOND: Duration = Duration::from_secs(1);
const TEN_SECONDS: Duration = Duration::from_secs(10);

const STEP: Duration = Duration::from_millis(100);

/// Sends a byte at a time until the connection is closed.
async fn dribble(client: &mut DuplexStream, byte: u8) {
    while client.write_u8(byte).await.is_ok() {
        sleep(STEP).await;
    }
}

#[track_caller]
fn assert_cut_off_after(start: Instant, limit: Duration) {
    let elapsed = start.elapsed() + ROUNDING;
    assert!(
        (limit..=limit + STEP + ROUNDING).contains(&elapsed),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn f45_a_silent_connection_is_closed_10_s_after_accept() {
    let server = TestServer::start(Limits::default());
    let start = Instant::now();
    let mut client = server.connect();

    let received = rest(&mut client).await;

    assert_eq!(received, "");
    assert_elapsed(start, TEN_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn f45_a_first_head_that_dribbles_is_cut_off_10_s_after_accept() {
    let server = TestServer::start(Limits::default());
    let start = Instant::now();
    let mut client = server.connect();
    sleep(4 * SECOND).await;

    dribble(&mut client, b'G').await;

    assert_cut_off_after(start, TEN_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn a_later_head_is_timed_from_its_first_byte() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(GET).await;
    answer(&mut client).await;
    sleep(60 * SECOND).await;
    let start = Instant::now();

    dribble(&mut client, b'G').await;

    assert_cut_off_after(start, TEN_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_began_behind_a_request_is_timed_from_that_ones_answer() {
    let server = TestServer::start(Limits::default());
    let mut client = server
        .connect_and_send(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET / HT")
        .await;
    answer(&mut client).await;
    let start = Instant::now();

    let received = rest(&mut client).await;

    assert_eq!(received, "");
    assert_elapsed(start, TEN_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_takes_9_s_is_answered() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(&GET[..20]).await;
    sleep(9 * SECOND).await;
    client.write_all(&GET[20..]).await.unwrap();

    let received = answer(&mut client).await;

    assert!(received.starts_with("HTTP/1.1 200 OK"));
}

#[rstest::rstest]
#[case::sized("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n")]
#[case::chunked("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n")]
#[tokio::test(start_paused = true)]
async fn f46_a_body_that_dribbles_is_cut_off_10_s_after_its_head(#[case] head: &str) {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(head.as_bytes()).await;
    let start = Instant::now();

    dribble(&mut client, b'a').await;

    assert_cut_off_after(start, TEN_SECONDS);
}

#[rstest::rstest]
#[case::sized("content-length: 3\r\n\r\n", "abc")]
#[case::chunked("transfer-encoding: chunked\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")]
#[tokio::test(start_paused = true)]
async fn a_service_may_take_longer_than_a_body(#[case] framing: &str, #[case] body: &str) {
    let server = TestServer::start(Limits::default());
    let head = format!("POST /slow HTTP/1.1\r\nhost: a\r\n{framing}");
    let mut client = server.connect_and_send(head.as_bytes()).await;
    sleep(SECOND).await;
    client.write_all(body.as_bytes()).await.unwrap();

    let received = answer(&mut client).await;

    assert!(received.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test(start_paused = true)]
async fn f47_a_client_that_does_not_read_is_closed_after_10_s() {
    let server = TestServer::start(Limits::default());
    let start = Instant::now();
    let mut client = server
        .connect_and_send(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;

    dribble(&mut client, b'G').await;

    assert_cut_off_after(start, TEN_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn f47_a_client_that_reads_a_little_at_a_time_gains_none() {
    let server = TestServer::start(Limits::default());
    let start = Instant::now();
    let mut client = server
        .connect_and_send(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;

    let mut buffer = [0; 512];
    while client.read(&mut buffer).await.unwrap() > 0 {
        sleep(SECOND).await;
    }

    assert!(start.elapsed() <= TEN_SECONDS + 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn f49_a_connection_whose_peer_vanished_is_closed_10_min_after_its_answer() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(GET).await;
    answer(&mut client).await;
    let start = Instant::now();

    let received = rest(&mut client).await;

    assert_eq!(received, "");
    assert_elapsed(start, 600 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_request_after_9_min_of_silence_is_answered_and_begins_them_anew() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(GET).await;
    answer(&mut client).await;

    for _ in 0..3 {
        sleep(540 * SECOND).await;
        client.write_all(GET).await.unwrap();
        answer(&mut client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn f47_a_client_that_read_on_in_time_keeps_its_connection() {
    let server = TestServer::start(Limits::default());
    let mut client = server
        .connect_and_send(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    sleep(9 * SECOND).await;
    let mut large = vec![0; LARGE];
    client.read_exact(&mut large).await.unwrap();
    sleep(60 * SECOND).await;

    client.write_all(GET).await.unwrap();
    let received = answer(&mut client).await;

    assert!(received.contains("HTTP/1.1 200 OK"));
}

/// A client that goes on with a body whose answer it has.
async fn client_with_its_last_answer(server: &TestServer) -> DuplexStream {
    let mut client = server
        .connect_and_send(b"POST /unread HTTP/1.1\r\ncontent-length: 9000000\r\n\r\n")
        .await;
    assert!(rest(&mut client).await.ends_with("ok"));
    client
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_last_answer_is_thrown_away_for_1_s() {
    let server = TestServer::start(Limits::default());
    let mut client = client_with_its_last_answer(&server).await;
    let start = Instant::now();

    dribble(&mut client, b'a').await;

    assert_cut_off_after(start, SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_last_answer_is_thrown_away_up_to_4_mib() {
    let server = TestServer::start(Limits::default());
    let mut client = client_with_its_last_answer(&server).await;

    client.write_all(&vec![b'a'; 4_000_000]).await.unwrap();
    let more = client.write_all(&vec![b'a'; 1_000_000]).await;

    assert!(more.is_err());
}
