//! Answers of a key endpoint that are not what they should be (K1, K8, K9, K11, K13).

use laredo::dev::Fault;
use rstest::rstest;
use serde_json::json;

use crate::inbound::{key, keys_fault, provider, published};
use crate::log::Log;
use crate::scripted::{ScriptedPeer, Step};
use crate::support::TestApp;

/// The old keys still verify, and of others nothing is known.
async fn assert_keeps_old_keys(app: &TestApp) {
    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_active();
    app.introspect(&app.inbound(1, json!({})))
        .await
        .assert_unavailable();
}

#[rstest]
#[case::html(Fault { body: Some("<!doctype html><title>Sorry".to_owned()), ..keys_fault() })]
#[case::not_modified(Fault { status: Some(304), ..keys_fault() })]
#[case::not_found(Fault { status: Some(404), ..keys_fault() })]
#[case::said_to_be_gzip(Fault {
    headers: Some("Content-Encoding: gzip".to_owned()),
    body: Some("\u{1f}\u{8}".to_owned()),
    ..keys_fault()
})]
#[case::cut_off(Fault { truncate: true, ..keys_fault() })]
#[case::k7_no_keys(published(&[]))]
#[case::k9_too_long(Fault { body: Some(" ".repeat(257 * 1024)), ..keys_fault() })]
#[tokio::test]
async fn k8_an_answer_that_is_no_key_set_leaves_the_old_one(#[case] fault: Fault) {
    let app = TestApp::with_keys(&[]).await;

    app.break_with(fault);
    app.fetch_keys_in_time().await;

    assert_keeps_old_keys(&app).await;
}

#[tokio::test]
async fn k9_an_endless_answer_is_cut_off_and_leaves_the_old_one() {
    let provider = provider().await;
    let good = json!({"keys": [key(0).jwk(provider.issuer())]}).to_string();
    let whole = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{good}",
        good.len()
    );
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    let peer = ScriptedPeer::start_with(move |number| match number {
        1 => vec![Step::text(&whole), Step::Close],
        _ => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let mut script = vec![Step::text(head)];
            script.extend(vec![Step::text(&chunk); 1000]);
            script
        }
    })
    .await;
    let uri = format!("{}/keys", peer.base_url());
    let app =
        TestApp::introspecting_with(provider, &[("AZURE_OPENID_CONFIG_JWKS_URI", &uri)]).await;
    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_active();

    app.fetch_keys_in_time().await;

    assert!(peer.seen().connections >= 2);
    assert_keeps_old_keys(&app).await;
}

#[tokio::test]
async fn k11_a_redirect_is_not_followed() {
    let other = ScriptedPeer::start(vec![Step::Hang]).await;
    let app = TestApp::with_keys(&[]).await;

    app.break_with(Fault {
        redirect: Some(format!("{}/keys", other.base_url())),
        ..keys_fault()
    });
    app.fetch_keys_in_time().await;

    assert_keeps_old_keys(&app).await;
    assert_eq!(other.seen().connections, 0);
}

#[rstest]
#[case("max-age=0, no-store")]
#[case("max-age=315360000, immutable")]
#[tokio::test]
async fn k13_cache_control_does_not_change_when_keys_are_fetched(#[case] value: &str) {
    let provider = provider().await;
    let fault = Fault {
        headers: Some(format!("Cache-Control: {value}")),
        ..keys_fault()
    };
    provider.faults().set([fault]).unwrap();
    let app = TestApp::introspecting_with(provider, &[]).await;
    let token = app.inbound(0, json!({}));

    for _ in 0..10 {
        app.introspect(&token).await.assert_active();
    }
    app.advance_secs(230);
    app.introspect(&token).await.assert_active();
    assert_eq!(app.keys_fetched().await, 1, "before four minutes");

    app.fetch_keys_in_time().await;
    assert_eq!(app.keys_fetched().await, 2, "after six minutes");
}

#[tokio::test]
async fn k1_entries_that_are_left_out_are_counted_and_logged_once() {
    let log = Log::begin();
    let provider = provider().await;
    let good = key(0).jwk(provider.issuer());
    let odd = json!({"kty": "oct", "kid": "odd", "k": "c2VjcmV0LW9mLXRoZS1wcm92aWRlcg"});
    let mut private = key(1).jwk(provider.issuer());
    private["d"] = json!("cHJpdmF0ZS1wYXJ0");
    provider
        .faults()
        .set([published(&[odd, good, private])])
        .unwrap();
    let app = TestApp::introspecting_with(provider, &[]).await;

    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_active();
    app.introspect(&app.inbound(1, json!({})))
        .await
        .assert_active();
    app.fetch_keys_in_time().await;

    let skipped = "laredo_keys_skipped{identity_provider=\"entra_id\"}";
    assert!((app.metric(skipped).await - 1.0).abs() < 0.1);
    assert_eq!(log.count("some of the provider's keys are left out"), 1);
    assert!(log.text().contains("private=1"), "{}", log.text());
    assert!(!log.text().contains("cHJpdmF0ZS1wYXJ0"));
    assert!(!log.text().contains("c2VjcmV0LW9m"));
}
