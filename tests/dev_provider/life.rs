//! Start, stop and start again.

use laredo::dev::{IdentityProvider, Options};

use crate::client::{good_call, provider};

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = Options {
        address: ([0, 0, 0, 0], 0).into(),
        ..Options::default()
    };

    assert!(IdentityProvider::start(options).await.is_err());
}

#[tokio::test]
async fn a_stopped_provider_refuses_connections_until_it_is_restarted() {
    let provider = provider().await;
    good_call(&provider).await.unwrap();

    provider.stop().await;
    let refused = good_call(&provider).await.err().unwrap();
    provider.restart().await.unwrap();

    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(good_call(&provider).await.unwrap().status, 200);
}

#[tokio::test]
async fn stopping_cuts_calls_that_wait() {
    let provider = provider().await;
    provider.calls().close_gate();

    let (answer, ()) = tokio::join!(good_call(&provider), async {
        provider.calls().wait_for(1).await;
        provider.stop().await;
    });

    assert!(answer.is_err());
}
