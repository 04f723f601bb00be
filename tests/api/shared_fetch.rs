//! Many callers, one call upstream (F34, F35, F51).

use std::net::SocketAddr;

use laredo::dev::TokenCall;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{Answer, TARGET, TestApp};
use crate::upstream::{OTHER, ask, question};

/// Callers of a herd. The catalogue's 10 000 are a test of the cache, where no socket is needed.
const HERD: usize = 200;

/// Asks for a token as the first of all; the caller can hang up.
async fn leader(app: &TestApp) -> TcpStream {
    let mut connection = TcpStream::connect(app.api).await.unwrap();
    connection
        .write_all(question(TARGET).as_bytes())
        .await
        .unwrap();
    app.provider.calls().wait_for(1).await;
    connection
}

fn herd(api: SocketAddr) -> JoinSet<Answer> {
    (0..HERD).map(|_| ask(api, TARGET)).collect()
}

/// Returns when the herd waits: a request for another key that came after it has been answered.
async fn until_all_wait(app: &TestApp) {
    app.provider.calls().wait_for(1).await;
    app.provider.calls().let_through(2);
    assert_eq!(app.token(OTHER).await.status, 200);
}

fn calls_for_target(app: &TestApp) -> usize {
    let calls = app.provider.calls().all();
    let same = |call: &&TokenCall| call.field("scope") == Some(TARGET);
    calls.iter().filter(same).count()
}

async fn assert_all_have_one_token(app: &TestApp, herd: JoinSet<Answer>) {
    let mut tokens: Vec<_> = herd
        .join_all()
        .await
        .iter()
        .map(Answer::access_token)
        .collect();
    assert_eq!(tokens.len(), HERD);
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(calls_for_target(app), 1);
}

#[tokio::test]
async fn f51_two_hundred_misses_at_once_are_one_call() {
    let app = TestApp::start().await;
    app.provider.calls().close_gate();

    let herd = herd(app.api);
    until_all_wait(&app).await;
    app.provider.calls().open_gate();

    assert_all_have_one_token(&app, herd).await;
}

#[tokio::test]
async fn f51_the_herd_is_served_although_its_leader_hung_up() {
    let app = TestApp::start().await;
    app.provider.calls().close_gate();

    let leader = leader(&app).await;
    let herd = herd(app.api);
    drop(leader);
    until_all_wait(&app).await;
    app.provider.calls().open_gate();

    assert_all_have_one_token(&app, herd).await;
}

#[tokio::test]
async fn f34_a_fetch_goes_on_when_its_only_caller_hangs_up() {
    let app = TestApp::start().await;
    app.provider.calls().close_gate();

    drop(leader(&app).await);
    app.provider.calls().open_gate();
    app.calls_ended(1).await;
    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, 200);
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f34_who_waits_is_served_when_the_leader_hangs_up() {
    let app = TestApp::start().await;
    app.provider.calls().close_gate();

    let leader = leader(&app).await;
    let waiter = tokio::spawn(ask(app.api, TARGET));
    drop(leader);
    app.provider.calls().open_gate();

    assert_eq!(waiter.await.unwrap().status, 200);
    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn f35_a_fetch_cut_off_under_its_waiters_fails_them_and_wedges_nothing() {
    let app = TestApp::start().await;
    app.provider.calls().close_gate();
    let waiters: JoinSet<_> = (0..3).map(|_| ask(app.api, TARGET)).collect();
    app.provider.calls().wait_for(1).await;

    app.provider.stop().await;
    let failed = waiters.join_all().await;
    app.provider.restart().await.unwrap();
    app.provider.calls().open_gate();
    app.advance_secs(5);
    let after = app.token(TARGET).await;

    for answer in failed {
        answer.assert_failed(503, "temporarily_unavailable");
    }
    assert_eq!(after.status, 200);
}
