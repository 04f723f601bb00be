use super::*;

const MOMENT: Duration = Duration::from_millis(10);

#[tokio::test(start_paused = true)]
async fn f74_an_announced_stop_closes_with_each_answer_and_still_accepts() {
    let server = TestServer::start(Limits::default());
    let mut open = server.connect_and_send(GET).await;
    answer(&mut open).await;
    server.stopper.announce();
    sleep(LONG).await;

    open.write_all(GET).await.unwrap();
    let last = rest(&mut open).await;
    let new = rest(&mut server.connect_and_send(GET).await).await;

    for answer in [last, new] {
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn f74_requests_in_flight_are_finished() {
    let server = TestServer::start(Limits::default());
    let mut client = server
        .connect_and_send(b"GET /soon HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    sleep(MOMENT).await;
    let start = Instant::now();

    server.stopper.drain();
    let last = rest(&mut client).await;
    drop(client);
    server.served.await.unwrap();

    assert!(
        last.contains("connection: close\r\n") && last.ends_with("ok"),
        "{last}"
    );
    assert_elapsed(start, Duration::from_secs(3) - MOMENT);
}

#[tokio::test(start_paused = true)]
async fn f74_a_request_that_crosses_the_drain_is_still_answered() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(GET).await;
    answer(&mut client).await;

    server.stopper.drain();
    sleep(MOMENT).await;
    client.write_all(GET).await.unwrap();
    let last = rest(&mut client).await;

    assert!(
        last.contains("connection: close\r\n") && last.ends_with("ok"),
        "{last}"
    );
}

#[tokio::test(start_paused = true)]
async fn f74_who_knocked_before_the_drain_is_let_in() {
    let server = TestServer::start(Limits::default());
    let mut client = server.connect_and_send(GET).await;

    server.stopper.drain();
    let received = rest(&mut client).await;

    assert!(received.ends_with("ok"), "{received}");
}

#[tokio::test(start_paused = true)]
async fn f75_an_idle_server_stops_within_1_s() {
    let server = TestServer::start(Limits::default());
    let mut idle = server.connect_and_send(GET).await;
    answer(&mut idle).await;
    let _fresh = server.connect();
    sleep(MOMENT).await;
    let start = Instant::now();

    server.stopper.drain();
    server.served.await.unwrap();

    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn f76_the_drain_ends_after_10_s_whatever_is_stuck() {
    let server = TestServer::start(Limits::default());
    let mut stuck = server
        .connect_and_send(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    let start = Instant::now();

    server.stopper.drain();
    server.served.await.unwrap();

    assert_elapsed(start, Duration::from_secs(10));
    assert_eq!(rest(&mut stuck).await, "");
}
