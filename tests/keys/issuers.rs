//! Whose tokens they are: issuers of both versions, issuers of keys, audiences.

use rstest::rstest;
use serde_json::json;

use crate::inbound::{INVALID_ISSUER, key, provider, published};
use crate::support::TestApp;

const OTHER_TENANT: &str = "8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11";

fn v1_issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

fn v2_issuer(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

#[tokio::test]
async fn tokens_of_version_1_are_valid_where_their_issuer_is_accepted() {
    let provider = provider().await;
    let v1 = v1_issuer(provider.tenant_id());
    let accepted = [("AZURE_APP_ACCEPTED_ISSUERS", v1.as_str())];
    let app = TestApp::introspecting_with(provider, &accepted).await;
    let strict = TestApp::introspecting(&[]).await;

    for answer in [
        app.introspect(&app.inbound(0, json!({"iss": v1}))).await,
        app.introspect_unnamed(&app.inbound(0, json!({"iss": v1})))
            .await,
        app.introspect(&app.inbound(0, json!({}))).await,
    ] {
        answer.assert_active();
    }
    let refused = strict.inbound(0, json!({"iss": v1}));
    strict
        .introspect(&refused)
        .await
        .assert_inactive(INVALID_ISSUER);
    strict
        .introspect_unnamed(&refused)
        .await
        .assert_inactive(crate::inbound::UNKNOWN_KEY);
}

/// The issuer is accepted, the tenant is the key's or not.
#[rstest]
#[case::of_version_2(v2_issuer(laredo::dev::TENANT_ID), true)]
#[case::of_version_1(v1_issuer(laredo::dev::TENANT_ID), true)]
#[case::of_another_tenant(v2_issuer(OTHER_TENANT), false)]
#[case::of_another_tenant_in_version_1(v1_issuer(OTHER_TENANT), false)]
#[case::of_no_tenant("https://sts.windows.net/common/".to_owned(), false)]
#[tokio::test]
async fn a_key_signs_for_the_tenant_that_it_names_and_no_other(
    #[case] issuer: String,
    #[case] is_valid: bool,
) {
    let app = TestApp::introspecting(&[("AZURE_APP_ACCEPTED_ISSUERS", &issuer)]).await;

    let answer = app
        .introspect(&app.inbound(0, json!({"iss": issuer})))
        .await;

    if is_valid {
        answer.assert_active();
    } else {
        answer.assert_inactive(INVALID_ISSUER);
    }
}

#[rstest]
#[case::any_tenant(json!("https://login.microsoftonline.com/{tenantid}/v2.0"))]
#[case::not_said(json!(null))]
#[tokio::test]
async fn a_key_that_names_no_tenant_signs_for_every_accepted_issuer(
    #[case] keys_issuer: serde_json::Value,
) {
    let provider = provider().await;
    let mut entry = key(0).jwk("");
    match keys_issuer {
        serde_json::Value::Null => entry.as_object_mut().unwrap().remove("issuer"),
        issuer => entry
            .as_object_mut()
            .unwrap()
            .insert("issuer".to_owned(), issuer),
    };
    provider.faults().set([published(&[entry])]).unwrap();
    let other = v2_issuer(OTHER_TENANT);
    let accepted = [("AZURE_APP_ACCEPTED_ISSUERS", other.as_str())];
    let app = TestApp::introspecting_with(provider, &accepted).await;

    app.introspect(&app.inbound(0, json!({"iss": other})))
        .await
        .assert_active();
    app.introspect(&app.inbound(0, json!({"iss": v1_issuer(OTHER_TENANT)})))
        .await
        .assert_inactive(INVALID_ISSUER);
}

#[rstest]
#[case(json!("api://app"), true)]
#[case(json!(["api://elsewhere", "api://app"]), true)]
#[case(json!(laredo::dev::CLIENT_ID), true)]
#[case(json!("api://app/"), false)]
#[case(json!("api://App"), false)]
#[case(json!("api://elsewhere"), false)]
#[tokio::test]
async fn an_accepted_audience_is_as_good_as_the_client_id(
    #[case] audience: serde_json::Value,
    #[case] is_valid: bool,
) {
    let accepted = [("AZURE_APP_ACCEPTED_AUDIENCES", "api://app, api://second")];
    let app = TestApp::introspecting(&accepted).await;

    let answer = app
        .introspect(&app.inbound(0, json!({"aud": audience})))
        .await;

    if is_valid {
        answer.assert_active();
    } else {
        answer.assert_inactive("invalid token: InvalidAudience");
    }
}
