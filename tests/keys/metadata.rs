//! Issuer, keys and algorithms from metadata: there, late, missing or wrong (K14, K15, F3).

use laredo::dev::{Fault, FaultyEndpoint, IdentityProvider};
use serde_json::{Value, json};

use crate::inbound::{INVALID_ISSUER, provider};
use crate::log::Log;
use crate::scripted::{ScriptedPeer, Step};
use crate::support::{TARGET, TestApp};

fn metadata_fault() -> Fault {
    Fault {
        endpoint: FaultyEndpoint::Metadata,
        ..Fault::default()
    }
}

pub fn telling(document: &Value) -> Fault {
    Fault {
        body: Some(document.to_string()),
        ..metadata_fault()
    }
}

/// A daemon that knows no more than where the metadata are, and these variables.
pub async fn from_metadata(provider: IdentityProvider, variables: &[(&str, &str)]) -> TestApp {
    let url = provider.metadata_url().to_owned();
    let mut all = vec![
        ("AZURE_APP_TENANT_ID", ""),
        ("AZURE_APP_WELL_KNOWN_URL", url.as_str()),
    ];
    all.extend_from_slice(variables);
    TestApp::introspecting_with(provider, &all).await
}

#[tokio::test]
async fn issuer_and_keys_come_from_metadata() {
    let app = from_metadata(provider().await, &[]).await;

    let token = app.inbound(0, json!({}));
    app.until(async || app.introspect(&token).await.status == 200)
        .await;

    app.introspect(&token).await.assert_active();
    app.introspect_unnamed(&token).await.assert_active();
    let foreign = app.inbound(0, json!({"iss": "https://issuer.test"}));
    app.introspect(&foreign)
        .await
        .assert_inactive(INVALID_ISSUER);
}

#[tokio::test]
async fn f3_metadata_that_come_late_are_an_outage_until_then() {
    let provider = provider().await;
    let outage = Fault {
        outage: true,
        ..metadata_fault()
    };
    provider.faults().set([outage]).unwrap();
    let app = from_metadata(provider, &[]).await;
    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_unavailable();
    app.introspect_unnamed(&token).await.assert_unavailable();
    assert_eq!(app.token(TARGET).await.status, 200);

    app.provider.faults().clear();

    app.until(async || app.introspect(&token).await.is_active())
        .await;
}

#[tokio::test]
async fn k14_metadata_of_another_issuer_are_refused_and_the_log_says_so() {
    let log = Log::begin();
    let configured = [("AZURE_OPENID_CONFIG_ISSUER", "https://issuer.test")];
    let app = from_metadata(provider().await, &configured).await;

    app.until(async || log.count("its metadata names another issuer than the configured one") > 0)
        .await;

    let token = app.inbound(0, json!({}));
    app.introspect(&token).await.assert_unavailable();
    assert_eq!(app.provider.calls().keys_count(), 0);
}

#[tokio::test]
async fn k15_keys_at_a_plain_address_are_not_fetched_for_an_https_issuer() {
    let log = Log::begin();
    let provider = provider().await;
    let document = json!({"issuer": "https://issuer.test", "jwks_uri": provider.jwks_uri()});
    provider.faults().set([telling(&document)]).unwrap();
    let app = from_metadata(provider, &[]).await;

    app.until(async || log.count("its metadata names an endpoint that is not https") > 0)
        .await;

    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_unavailable();
    assert_eq!(app.provider.calls().keys_count(), 0);
}

#[tokio::test]
async fn k15_keys_at_a_plain_address_outside_are_not_fetched_for_a_loopback_issuer() {
    let log = Log::begin();
    let provider = provider().await;
    let keys = "http://169.254.169.254/keys";
    let document = json!({"issuer": provider.issuer(), "jwks_uri": keys});
    provider.faults().set([telling(&document)]).unwrap();
    let app = from_metadata(provider, &[]).await;

    app.until(async || log.count("plain http is only allowed to loopback") > 0)
        .await;

    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_unavailable();
}

#[tokio::test]
async fn keys_are_fetched_from_a_url_with_a_query_as_it_is() {
    let peer = ScriptedPeer::start(vec![Step::Hang]).await;
    let uri = format!("{}/tenant/discovery/keys?appid=app&x=%20", peer.base_url());
    let variables = [("AZURE_OPENID_CONFIG_JWKS_URI", uri.as_str())];
    let app = TestApp::introspecting(&variables).await;

    peer.wait_for_requests(1).await;

    let request = String::from_utf8(peer.seen().requests[0].clone()).unwrap();
    let line = "GET /tenant/discovery/keys?appid=app&x=%20 HTTP/1.1\r\n";
    assert!(request.starts_with(line), "{request}");
    assert_eq!(app.provider.calls().keys_count(), 0);
}

#[tokio::test]
async fn a_key_endpoint_that_was_set_wins_over_that_of_the_metadata() {
    let provider = provider().await;
    let document = json!({"issuer": provider.issuer(), "jwks_uri": "https://not.asked.test/keys"});
    provider.faults().set([telling(&document)]).unwrap();
    let keys = provider.jwks_uri().to_owned();
    let app = from_metadata(provider, &[("AZURE_OPENID_CONFIG_JWKS_URI", &keys)]).await;
    let token = app.inbound(0, json!({}));

    app.until(async || app.introspect(&token).await.is_active())
        .await;
}

#[tokio::test]
async fn an_algorithm_that_the_metadata_do_not_name_is_not_allowed() {
    let provider = provider().await;
    let document = json!({
        "issuer": provider.issuer(),
        "jwks_uri": provider.jwks_uri(),
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    });
    provider.faults().set([telling(&document)]).unwrap();
    let app = from_metadata(provider, &[]).await;
    let token = app.inbound(0, json!({}));

    app.until(async || app.introspect(&token).await.status == 200)
        .await;

    app.introspect(&token)
        .await
        .assert_inactive("invalid token: InvalidAlgorithm");
}
