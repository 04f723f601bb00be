//! Connections that break while a token is on its way (F11, F12, F18).

use laredo::dev::Fault;
use rstest::rstest;

use crate::scripted::{ScriptedPeer, Step};
use crate::support::{TARGET, TestApp};
use crate::upstream::{TOKEN, status, token_answer};

/// Half of a token answer, the token itself included.
fn half_an_answer() -> Step {
    let (half, _) = TOKEN.split_at(TOKEN.len() / 2 + 10);
    let length = TOKEN.len();
    Step::text(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{half}"
    ))
}

fn only_a_head() -> Step {
    Step::text("HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n")
}

#[rstest]
#[case::reset_before_the_head(vec![Step::Reset], &[503])]
#[case::end_before_the_head(vec![Step::Close], &[503])]
#[case::end_after_the_head(vec![only_a_head(), Step::Close], &[502])]
#[case::end_within_the_body(vec![half_an_answer(), Step::Close], &[502])]
// A reset may overtake what was sent before it.
#[case::reset_after_the_head(vec![only_a_head(), Step::Reset], &[502, 503])]
#[case::reset_within_the_body(vec![half_an_answer(), Step::Reset], &[502, 503])]
#[tokio::test]
async fn f11_a_connection_that_always_breaks_is_an_error_after_two_retries(
    #[case] script: Vec<Step>,
    #[case] expected: &[u16],
) {
    let (app, peer) = TestApp::facing(script, &[]).await;

    let answer = app.token(TARGET).await;

    assert!(expected.contains(&answer.status), "{answer:?}");
    let code = match answer.status {
        503 => "temporarily_unavailable",
        _ => "server_error",
    };
    answer.assert_failed(answer.status, code);
    assert!(!answer.text().contains("issued"));
    assert_eq!(peer.seen().requests.len(), 3);
}

#[rstest]
#[case::reset_before_the_head(vec![Step::Reset])]
#[case::end_before_the_head(vec![Step::Close])]
#[case::end_after_the_head(vec![only_a_head(), Step::Close])]
#[case::end_within_the_body(vec![half_an_answer(), Step::Close])]
#[case::reset_within_the_body(vec![half_an_answer(), Step::Reset])]
#[tokio::test]
async fn f11_a_connection_that_breaks_once_costs_the_app_no_error(#[case] script: Vec<Step>) {
    let peer = ScriptedPeer::start_with(move |number| match number {
        1 => script.clone(),
        _ => vec![token_answer()],
    })
    .await;
    let app = TestApp::asking(&peer, &[]).await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.access_token(), "issued");
    assert_eq!(peer.seen().requests.len(), 2);
}

#[tokio::test]
async fn f11_a_truncated_token_is_not_cached() {
    let cut = Fault {
        truncate: true,
        ..Fault::default()
    };
    let app = TestApp::with_fault(cut).await;
    app.token(TARGET).await.assert_failed(502, "server_error");

    app.mend_provider();
    let answer = app.token(TARGET).await;

    assert_eq!(answer.access_token().split('.').count(), 3, "a whole JWT");
}

#[tokio::test]
async fn f12_connections_closed_at_send_time_cost_the_app_no_error() {
    // Each connection serves one request and is closed when the next one comes.
    let script = vec![token_answer(), Step::ReadRequest, Step::Close];
    let (app, peer) = TestApp::facing(script, &[]).await;

    for number in 0..6 {
        let answer = app.token(&format!("api://a.b.c{number}/.default")).await;

        assert_eq!(answer.status, 200);
    }
    assert_eq!(peer.seen().requests.len(), 11, "five were asked twice");
}

#[tokio::test]
async fn f12_a_provider_that_restarts_between_requests_costs_the_app_no_error() {
    let app = TestApp::start().await;

    for number in 0..5 {
        let answer = app.token(&format!("api://a.b.c{number}/.default")).await;
        app.provider.restart().await.unwrap();

        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn f18_cold_keys_succeed_although_every_second_answer_is_a_503() {
    let app = TestApp::with_fault(Fault {
        every: Some(2),
        ..status(503, "", None)
    })
    .await;

    for number in 0..6 {
        let answer = app.token(&format!("api://a.b.c{number}/.default")).await;

        assert_eq!(answer.status, 200);
    }
    assert_eq!(app.provider.calls().count(), 11, "five were asked twice");
}

#[tokio::test]
async fn f18_a_cached_key_knows_no_error_although_renewals_fail() {
    let app = TestApp::start().await;
    let before = app.token(TARGET).await;
    app.break_provider(status(503, "", None));
    app.advance_secs(2500);

    let during = app.token(TARGET).await;
    app.calls_ended(2).await;
    app.mend_provider();
    app.token(TARGET).await;
    app.calls_ended(3).await;

    assert_eq!(during.access_token(), before.access_token());
}
