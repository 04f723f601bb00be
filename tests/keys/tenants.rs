//! Tenants of which the configuration does not tell everything.

use laredo::dev::{Fault, IdentityProvider, Options};
use serde_json::json;

use crate::inbound::{INVALID_ISSUER, key, provider};
use crate::log::Log;
use crate::metadata::{from_metadata, telling};
use crate::support::{TARGET, TestApp};

const GUID: &str = "8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11";

fn of_every_tenant(provider: &IdentityProvider) -> Fault {
    let issuer = provider
        .issuer()
        .replace(provider.tenant_id(), "{tenantid}");
    telling(&json!({"issuer": issuer, "jwks_uri": provider.jwks_uri()}))
}

#[tokio::test]
async fn metadata_of_every_tenant_are_refused_and_the_log_says_what_to_do() {
    let log = Log::begin();
    let provider = provider().await;
    provider.faults().set([of_every_tenant(&provider)]).unwrap();
    let app = from_metadata(provider, &[]).await;

    app.until(async || log.count("name the issuers to accept (AZURE_APP_ACCEPTED_ISSUERS)") > 0)
        .await;

    app.introspect(&app.inbound(0, json!({})))
        .await
        .assert_unavailable();
    assert_eq!(app.provider.calls().keys_count(), 0);
}

#[tokio::test]
async fn metadata_of_every_tenant_serve_where_issuers_are_named() {
    let provider = provider().await;
    provider.faults().set([of_every_tenant(&provider)]).unwrap();
    let issuer = provider.issuer().to_owned();
    let app = from_metadata(provider, &[("AZURE_APP_ACCEPTED_ISSUERS", &issuer)]).await;
    let token = app.inbound(0, json!({}));

    app.until(async || app.introspect(&token).await.is_active())
        .await;

    let template = issuer.replace(app.provider.tenant_id(), "{tenantid}");
    for foreign in [template, issuer.replace(app.provider.tenant_id(), GUID)] {
        let token = app.inbound(0, json!({"iss": foreign}));
        app.introspect(&token).await.assert_inactive(INVALID_ISSUER);
    }
}

#[tokio::test]
async fn a_tenant_known_by_its_domain_has_the_issuer_that_its_metadata_name() {
    let options = Options {
        tenant_id: "contoso.test".to_owned(),
        signing_key: Some(key(0)),
        ..Options::default()
    };
    let provider = IdentityProvider::start(options).await.unwrap();
    let issuer = format!("{}/{GUID}/v2.0", provider.base_url());
    let document = json!({"issuer": issuer, "jwks_uri": "https://not.asked.test/keys"});
    provider.faults().set([telling(&document)]).unwrap();
    let app = TestApp::introspecting_with(provider, &[]).await;
    // The built-in provider gives its keys the issuer by domain; so they are for exactly that one.
    let token = app.inbound(0, json!({"iss": issuer}));
    let by_domain = app.inbound(0, json!({}));

    app.until(async || app.introspect(&token).await.status == 200)
        .await;

    assert_eq!(app.provider.calls().metadata_count(), 1);
    app.introspect(&by_domain)
        .await
        .assert_inactive(INVALID_ISSUER);
}

#[tokio::test]
async fn where_issuer_or_keys_are_unknown_introspection_is_off_and_the_log_says_how_to_change_that()
{
    let log = Log::begin();
    let app = TestApp::start().await;

    let answer = app.introspect("a.b.c").await;

    answer.assert_inactive("identity provider 'entra_id' does not support introspection");
    assert_eq!(
        log.count("introspection is off, for issuer and keys are not known"),
        1
    );
    assert!(log.text().contains("AZURE_APP_TENANT_ID"));
    assert_eq!(app.token(TARGET).await.status, 200);
}
