//! `laredo check`: the configuration tried for real, in plain words.

use laredo::dev::{Fault, FaultyEndpoint, IdentityProvider, RegisteredKey};
use serde_json::json;

use crate::client::provider;
use crate::keys::{certificate, public, rsa, rsa_jwk};
use crate::program::{Finished, entra, run};

/// Runs the check with these variables beside those that getting tokens takes.
async fn check_with(provider: &IdentityProvider, variables: &[(&str, &str)]) -> Finished {
    let secret = provider.client_secret().unwrap();
    let mut all = entra(provider, secret.expose());
    all.extend_from_slice(variables);
    run(&["check"], &all).await
}

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

#[tokio::test]
async fn check_tells_which_certificate_is_used_and_until_when() {
    let provider = provider().await;
    let chain = certificate(rsa(0), 2030);
    let pair = chain.clone() + &rsa(0).serialize_pem();
    provider.register_keys(vec![RegisteredKey::of_certificate(&chain).unwrap()]);
    let mut variables = entra(&provider, "unused");
    variables.push(("AZURE_APP_CERTIFICATE", &pair));

    let outcome = run(&["check"], &variables).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    for text in [
        "the certificate in AZURE_APP_CERTIFICATE, key id ",
        "valid until Tue, 01 Jan 2030 00:00:00 GMT",
        "its clock and ours agree",
    ] {
        assert!(outcome.stdout.contains(text), "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn check_tells_of_the_key_that_works() {
    let provider = provider().await;
    let next = rsa_jwk(0, json!({"kid": "next"}));
    provider.register_keys(vec![
        RegisteredKey::of_jwk(&public(&next).to_string()).unwrap(),
    ]);
    let next = next.to_string();
    let mut variables = entra(&provider, "revoked");
    variables.push(("AZURE_APP_NEXT_JWK", &next));

    let outcome = run(&["check"], &variables).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let used = "the private key in AZURE_APP_NEXT_JWK, key id next";
    assert!(outcome.stdout.contains(used), "{outcome:?}");
}

#[tokio::test]
async fn a_key_that_is_not_registered_is_explained() {
    let provider = provider().await;
    let jwk = rsa_jwk(0, json!({"kid": "a"})).to_string();
    let mut variables = entra(&provider, "unused");
    variables.push(("AZURE_APP_JWK", &jwk));

    let outcome = run(&["check"], &variables).await;

    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let used = "the private key in AZURE_APP_JWK, key id a";
    assert!(outcome.stdout.contains(used), "{outcome:?}");
    for text in ["AADSTS700027", "upload its public part"] {
        assert!(outcome.stderr.contains(text), "{text}: {outcome:?}");
    }
}

#[tokio::test]
async fn check_says_how_to_switch_introspection_on() {
    let outcome = check_with(&provider().await, &[]).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let advice = "introspection is off; set AZURE_APP_TENANT_ID";
    assert!(outcome.stdout.contains(advice), "{outcome:?}");
}

#[tokio::test]
async fn check_counts_the_keys_that_can_verify_tokens() {
    let provider = provider().await;
    let metadata = [("AZURE_APP_WELL_KNOWN_URL", provider.metadata_url())];

    let outcome = check_with(&provider, &metadata).await;

    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let text = "publishes 1 key that can verify tokens";
    assert!(outcome.stdout.contains(text), "{outcome:?}");

    let two = ["a", "b"].map(|kid| public(&rsa_jwk(0, json!({"kid": kid}))));
    let fault = Fault {
        endpoint: FaultyEndpoint::Keys,
        body: Some(json!({"keys": two}).to_string()),
        ..Fault::default()
    };
    provider.faults().set([fault]).unwrap();

    let outcome = check_with(&provider, &metadata).await;

    let text = "publishes 2 keys that can verify tokens";
    assert!(outcome.stdout.contains(text), "{outcome:?}");
}

#[tokio::test]
async fn check_refuses_metadata_of_every_tenant_in_clear_words() {
    let provider = provider().await;
    let issuer = provider
        .issuer()
        .replace(provider.tenant_id(), "{tenantid}");
    let document = json!({"issuer": issuer, "jwks_uri": provider.jwks_uri()});
    let fault = Fault {
        endpoint: FaultyEndpoint::Metadata,
        body: Some(document.to_string()),
        ..Fault::default()
    };
    provider.faults().set([fault]).unwrap();
    let metadata = ("AZURE_APP_WELL_KNOWN_URL", provider.metadata_url());
    let accepted = ("AZURE_APP_ACCEPTED_ISSUERS", provider.issuer());

    let refused = check_with(&provider, &[metadata]).await;
    let taken = check_with(&provider, &[metadata, accepted]).await;

    assert_eq!(refused.code, Some(1), "{refused:?}");
    for text in ["every tenant", "{tenantid}", "AZURE_APP_ACCEPTED_ISSUERS"] {
        assert!(refused.stderr.contains(text), "{text}: {refused:?}");
    }
    assert_eq!(taken.code, Some(0), "{taken:?}");
}

#[tokio::test]
async fn check_says_why_there_are_no_keys() {
    let provider = provider().await;
    let fault = Fault {
        endpoint: FaultyEndpoint::Keys,
        body: Some(r#"{"keys":[]}"#.to_owned()),
        ..Fault::default()
    };
    provider.faults().set([fault]).unwrap();
    let metadata = [("AZURE_APP_WELL_KNOWN_URL", provider.metadata_url())];

    let outcome = check_with(&provider, &metadata).await;

    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let text = "no keys to verify tokens with: what it answers is no set of keys that can be used";
    assert!(outcome.stderr.contains(text), "{outcome:?}");
}
