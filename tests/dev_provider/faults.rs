//! What goes wrong on request.

use std::time::Duration;

use laredo::dev::Fault;
use serde_json::json;

use crate::client::{FORM, answer_with, get, good_call, provider, send};

#[tokio::test]
async fn outage_closes_the_connection_without_an_answer() {
    let provider = provider().await;
    let outage = Fault {
        outage: true,
        ..Fault::default()
    };

    provider.faults().set([outage]).unwrap();

    assert!(good_call(&provider).await.is_err());
    assert_eq!(provider.calls().count(), 1);
}

#[tokio::test]
async fn hang_keeps_the_caller_waiting() {
    let provider = provider().await;
    let hang = Fault {
        hang: true,
        ..Fault::default()
    };
    provider.faults().set([hang]).unwrap();

    let (answer, ()) = tokio::join!(good_call(&provider), async {
        provider.calls().wait_for(1).await;
        provider.stop().await;
    });

    assert!(answer.is_err());
}

#[tokio::test]
async fn delay_comes_before_the_answer() {
    let begun = tokio::time::Instant::now();

    let answer = answer_with(Fault {
        delay: Some(50),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_status_alone_comes_with_entras_error() {
    let answer = answer_with(Fault {
        status: Some(503),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn status_headers_and_body_are_sent_as_given() {
    let answer = answer_with(Fault {
        status: Some(502),
        headers: Some("Retry-After: 1\nRetry-After: 2".to_owned()),
        body: Some("<html>".to_owned()),
        content_type: Some("text/html".to_owned()),
        ..Fault::default()
    })
    .await;

    assert_eq!((answer.status, answer.body.as_str()), (502, "<html>"));
    assert_eq!(answer.headers("retry-after"), ["1", "2"]);
    assert_eq!(answer.headers("content-type"), ["text/html"]);
}

#[tokio::test]
async fn a_content_type_can_be_left_out() {
    let answer = answer_with(Fault {
        content_type: Some(String::new()),
        ..Fault::default()
    })
    .await;

    assert!(answer.headers("content-type").is_empty());
}

#[tokio::test]
async fn throttle_is_429_with_the_given_time() {
    let answer = answer_with(Fault {
        throttle: Some("7".to_owned()),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 429);
    assert_eq!(answer.headers("retry-after"), ["7"]);
}

#[tokio::test]
async fn redirect_points_elsewhere() {
    let answer = answer_with(Fault {
        redirect: Some("http://127.0.0.1:1/".to_owned()),
        status: Some(307),
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.status, 307);
    assert_eq!(answer.headers("location"), ["http://127.0.0.1:1/"]);
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn truncate_sends_half_of_what_it_announced() {
    let answer = answer_with(Fault {
        body: Some("0123456789".to_owned()),
        truncate: true,
        ..Fault::default()
    })
    .await;

    assert_eq!(answer.headers("content-length"), ["10"]);
    assert_eq!(answer.body, "01234");
}

#[tokio::test]
async fn members_are_sent_as_the_given_json_text() {
    let answer = answer_with(Fault {
        expires_in: Some("1e400".to_owned()),
        token_type: Some(r#""DPoP""#.to_owned()),
        refresh_in: Some("-1".to_owned()),
        access_token: Some(String::new()),
        ..Fault::default()
    })
    .await;

    assert_eq!(
        answer.body,
        r#"{"ext_expires_in":3599,"token_type":"DPoP","expires_in":1e400,"refresh_in":-1}"#
    );
}

#[tokio::test]
async fn faults_are_turned_on_by_form_shown_and_turned_off() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());

    let on = send("POST", &url, FORM, "status=503&outage=true&times=2")
        .await
        .unwrap();
    let shown = get(&url).await;
    let off = send("DELETE", &url, "text/plain", "").await.unwrap();

    assert_eq!(
        on.json(),
        json!([{"status": 503, "outage": true, "times": 2}])
    );
    assert_eq!(shown.json(), on.json());
    assert_eq!(off.json(), json!([]));
    assert_eq!(good_call(&provider).await.unwrap().status, 200);
}

#[tokio::test]
async fn faults_are_turned_on_by_json() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());
    let fault = r#"{"expires_in": "\"60\"", "every": 2}"#;

    send("POST", &url, "application/json", fault).await.unwrap();

    let mut lifetimes = Vec::new();
    for _ in 0..2 {
        let answer = good_call(&provider).await.unwrap().json();
        lifetimes.push(answer["expires_in"].clone());
    }
    assert_eq!(lifetimes, [json!(3599), json!("60")]);
}

#[tokio::test]
async fn an_unknown_fault_is_refused_by_name() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());

    let answer = send("POST", &url, FORM, "outrage=true").await.unwrap();

    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("outrage"));
    assert!(provider.faults().on().is_empty());
}
