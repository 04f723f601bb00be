//! `laredo check`: the configuration tried for real, in plain words.

use crate::client::provider;
use crate::program::{entra, run};

#[tokio::test]
async fn check_tells_of_the_token_and_never_shows_it() {
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();

    let outcome = run(&["check"], &entra(&provider, secret.expose())).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for text in ["audience:", "roles:", "lives for"] {
        assert!(outcome.stdout.contains(text), "{text}: {outcome:?}");
    }
    // Every JWT begins so: `{"` in base64url.
    assert!(!outcome.stdout.contains("eyJ"));
    assert!(!outcome.stdout.contains(secret.expose()));
    assert_eq!(provider.calls().count(), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_explained() {
    let provider = provider().await;
    let wrong = "not-the-secret-of-anyone";

    let outcome = run(&["check"], &entra(&provider, wrong)).await;

    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("AADSTS7000215"), "{outcome:?}");
    let advice = "set the secret's value, not its id";
    assert!(outcome.stderr.contains(advice), "{outcome:?}");
    assert!(!outcome.stderr.contains(wrong) && !outcome.stdout.contains(wrong));
}

#[tokio::test]
async fn a_provider_that_is_down_is_named() {
    let provider = provider().await;
    let secret = provider.client_secret().unwrap();
    provider.stop().await;

    let outcome = run(&["check"], &entra(&provider, secret.expose())).await;

    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("connection refused"), "{outcome:?}");
}
