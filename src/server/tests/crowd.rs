use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::*;

const MOMENT: Duration = Duration::from_millis(10);

async fn idle_client(server: &TestServer) -> DuplexStream {
    let mut client = server.connect_and_send(GET).await;
    answer(&mut client).await;
    sleep(MOMENT).await;
    client
}

async fn is_open(client: &mut DuplexStream) -> bool {
    client.write_all(GET).await.is_ok() && client.read_u8().await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn f48_below_three_quarters_of_the_cap_nobody_leaves() {
    let server = TestServer::with_room_for(4);
    let mut first = idle_client(&server).await;
    let _second = idle_client(&server).await;
    let _third = idle_client(&server).await;

    assert!(is_open(&mut first).await);
}

#[tokio::test(start_paused = true)]
async fn f48_above_three_quarters_of_the_cap_the_longest_idle_leaves() {
    let server = TestServer::with_room_for(4);
    let mut first = idle_client(&server).await;
    let mut second = idle_client(&server).await;
    let _third = idle_client(&server).await;
    is_open(&mut first).await;
    sleep(MOMENT).await;

    let mut fourth = idle_client(&server).await;

    assert!(!is_open(&mut second).await);
    assert!(is_open(&mut fourth).await);
}

#[tokio::test(start_paused = true)]
async fn f48_a_flood_of_idle_connections_starves_no_honest_one() {
    let server = TestServer::with_room_for(8);
    let mut flood: Vec<_> = (0..200).map(|_| server.connect()).collect();
    let start = Instant::now();

    let mut client = server.connect_and_send(GET).await;
    let received = answer(&mut client).await;

    assert!(received.starts_with("HTTP/1.1 200 OK"));
    assert!(start.elapsed() < Duration::from_secs(1));
    flood.clear();
}

#[tokio::test(start_paused = true)]
async fn f45_heads_that_dribble_on_all_places_starve_no_honest_one() {
    let server = TestServer::with_room_for(8);
    let mut flood = Vec::new();
    for _ in 0..50 {
        flood.push(server.connect_and_send(b"GET").await);
        sleep(MOMENT).await;
    }
    let start = Instant::now();

    let mut client = server.connect_and_send(GET).await;
    let received = answer(&mut client).await;

    assert!(received.starts_with("HTTP/1.1 200 OK"));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn f48_when_all_are_at_work_one_more_gets_503() {
    let server = TestServer::with_room_for(2);
    let slow = b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut busy = server.connect_and_send(slow).await;
    let _also_busy = server.connect_and_send(slow).await;
    sleep(MOMENT).await;

    let refused = rest(&mut server.connect_and_send(GET).await).await;

    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    for header in [
        "content-type: application/json\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
        "retry-after: 1\r\n",
        "connection: close\r\n",
    ] {
        assert!(refused.contains(header), "{refused}");
    }
    assert!(refused.contains(r#"{"error":"temporarily_unavailable","error_description":""#));
    assert!(answer(&mut busy).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test(start_paused = true)]
async fn f48_who_leaves_makes_room() {
    let server = TestServer::with_room_for(1);
    let mut busy = server
        .connect_and_send(b"GET /soon HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    rest(&mut busy).await;

    let mut next = server.connect_and_send(GET).await;

    assert!(answer(&mut next).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test(start_paused = true)]
async fn f50_without_descriptors_accepting_pauses_and_recovers() {
    let failures = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&failures);
    let (ours, theirs) = duplex(1024);
    let mut knock = Some(theirs);
    let accept = move |_: &mut Context<'_>| {
        if counted.fetch_add(1, Relaxed) < 6 {
            return Poll::Ready(Err(io::Error::from(rustix::io::Errno::MFILE)));
        }
        knock.take().map_or(Poll::Pending, |io| Poll::Ready(Ok(io)))
    };
    let (_stopper, stop) = stop();
    let start = Instant::now();
    let server = Acceptor::new(accept, Handler, House::open(Limits::default(), || ()));
    tokio::spawn(server.run(stop));

    let mut client = ours;
    client.write_all(GET).await.unwrap();
    answer(&mut client).await;

    assert_elapsed(
        start,
        Duration::from_millis(100 + 200 + 400 + 800 + 1000 + 1000),
    );
    assert!(failures.load(Relaxed) < 12, "accepting spun");
}

#[tokio::test(start_paused = true)]
async fn f50_open_connections_are_served_while_accepting_pauses() {
    let server = TestServer::start(Limits::default());
    let mut client = idle_client(&server).await;
    let no_descriptors = io::Error::from(rustix::io::Errno::MFILE);
    server.door.send(Err(no_descriptors)).unwrap();
    sleep(MOMENT).await;
    let start = Instant::now();

    client.write_all(GET).await.unwrap();
    answer(&mut client).await;

    assert!(start.elapsed() < MOMENT);
}

#[tokio::test(start_paused = true)]
async fn f50_a_connection_that_idles_gives_its_descriptor_back_when_it_is_crowded() {
    let server = TestServer::with_room_for(1);
    let mut idle = idle_client(&server).await;
    let no_descriptors = io::Error::from(rustix::io::Errno::MFILE);
    let start = Instant::now();

    server.door.send(Err(no_descriptors)).unwrap();
    rest(&mut idle).await;

    assert!(start.elapsed() < MOMENT);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gave_up_before_its_accept_causes_no_pause() {
    let server = TestServer::start(Limits::default());
    let aborted = io::ErrorKind::ConnectionAborted.into();
    let start = Instant::now();

    server.door.send(Err(aborted)).unwrap();
    idle_client(&server).await;

    assert_elapsed(start, MOMENT);
}
