//! Calls are recorded, and held at a gate.

use std::sync::Arc;

use crate::client::{LONG, SCOPE, get, good_call, provider};

#[tokio::test]
async fn calls_wait_at_a_closed_gate() {
    let provider = provider().await;
    provider.calls().close_gate();

    let (first, second, ()) = tokio::join!(good_call(&provider), good_call(&provider), async {
        provider.calls().wait_for(2).await;
        provider.calls().open_gate();
    });

    assert_eq!((first.unwrap().status, second.unwrap().status), (200, 200));
    assert_eq!(provider.calls().peak(), 2);
}

#[tokio::test]
async fn a_later_call_can_be_let_through_first() {
    let provider = Arc::new(provider().await);
    provider.calls().close_gate();
    let earlier = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { good_call(&provider).await }
    });
    provider.calls().wait_for(1).await;

    provider.calls().let_through(2);
    let later = good_call(&provider).await.unwrap();

    assert_eq!(later.status, 200);
    assert!(!earlier.is_finished());
}

#[tokio::test]
async fn calls_that_passed_an_open_gate_are_not_held_by_its_closing() {
    let provider = provider().await;
    provider.calls().close_gate();

    let (answer, ()) = tokio::join!(good_call(&provider), async {
        provider.calls().wait_for(1).await;
        provider.calls().open_gate();
        provider.calls().close_gate();
    });

    assert_eq!(answer.unwrap().status, 200);
}

#[tokio::test]
async fn a_call_whose_client_goes_away_is_no_longer_under_way() {
    let provider = provider().await;
    provider.calls().close_gate();
    let call = good_call(&provider);

    tokio::select! {
        _ = call => {}
        () = provider.calls().wait_for(1) => {}
    }

    let ended = provider.calls().wait_until_under_way(0);
    tokio::time::timeout(LONG, ended).await.unwrap();
}

#[tokio::test]
async fn calls_are_recorded_with_their_fields() {
    let provider = provider().await;

    good_call(&provider).await.unwrap();
    get(provider.jwks_uri()).await;
    get(provider.metadata_url()).await;

    let calls = provider.calls().all();
    let secret = provider.client_secret().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].field("scope"), Some(SCOPE));
    assert_eq!(calls[0].field("client_secret"), Some(secret.expose()));
    assert_eq!(provider.calls().keys_count(), 1);
    assert_eq!(provider.calls().metadata_count(), 1);
    assert!(!format!("{:?}", calls[0]).contains(secret.expose()));
}
