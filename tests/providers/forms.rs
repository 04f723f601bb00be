//! The shape of every request that goes to a provider, to the letter (S12, contract §6).

use std::collections::{BTreeSet, HashSet};

use laredo::dev::{Played, TokenCall};
use serde_json::{Value, json};

use crate::support::{TARGET, TestApp};
use crate::users::claims;

pub const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The fields in the order in which they came, but for proofs, which are looked at by themselves.
pub fn shape(call: &TokenCall) -> Vec<(&str, &str)> {
    let fields = call.form.iter();
    fields
        .map(|(name, value)| match &**name {
            "client_secret" | "client_assertion" => (&**name, "…"),
            _ => (&**name, &**value),
        })
        .collect()
}

pub fn last(app: &TestApp, provider: Played) -> TokenCall {
    app.provider.calls().of(provider).pop().unwrap()
}

/// The header of a JWT, and its claims.
pub fn opened(jwt: &str) -> (jsonwebtoken::Header, Value) {
    (jsonwebtoken::decode_header(jwt).unwrap(), claims(jwt))
}

fn names(claims: &Value) -> BTreeSet<&str> {
    let members = claims.as_object().unwrap();
    members.keys().map(String::as_str).collect()
}

pub fn assert_short(app: &TestApp, claims: &Value) {
    let now = app.clock.now().wall();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let (iat, exp) = (
        claims["iat"].as_u64().unwrap(),
        claims["exp"].as_u64().unwrap(),
    );
    assert!(now.abs_diff(iat) <= 5, "{claims}");
    assert_eq!(exp - iat, 60);
}

#[tokio::test]
async fn s12_entra_on_behalf_of() {
    let app = TestApp::with_all(&[]).await;
    let user = app.user(Played::EntraId, "alice").await;

    assert_eq!(
        app.on_behalf(Played::EntraId, TARGET, &user).await.status,
        200
    );

    let call = last(&app, Played::EntraId);
    let expected = [
        ("grant_type", BEARER),
        ("requested_token_use", "on_behalf_of"),
        ("assertion", &user),
        ("scope", TARGET),
        ("client_id", app.provider.client_id()),
        ("client_secret", "…"),
    ];
    assert_eq!(shape(&call), expected);
    assert_eq!(call.authorization, None);
}

#[tokio::test]
async fn s12_tokenx() {
    let app = TestApp::with_all(&[]).await;
    let user = app.user(Played::IdPorten, "alice").await;

    assert_eq!(
        app.on_behalf(Played::TokenX, "c:n:b", &user).await.status,
        200
    );

    let call = last(&app, Played::TokenX);
    let expected = [
        ("grant_type", EXCHANGE),
        ("subject_token", &user),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("audience", "c:n:b"),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", "…"),
    ];
    assert_eq!(shape(&call), expected);
    let (header, claims) = opened(call.field("client_assertion").unwrap());
    assert!(header.kid.is_some());
    assert_eq!(
        names(&claims),
        BTreeSet::from(["aud", "exp", "iat", "iss", "jti", "nbf", "sub"])
    );
    let client = app.provider.client_id_of(Played::TokenX);
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!(client), &json!(client))
    );
    assert_eq!(claims["aud"], app.provider.endpoints(Played::TokenX).issuer);
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_short(&app, &claims);
}

#[tokio::test]
async fn s12_maskinporten() {
    let app = TestApp::with_all(&[]).await;
    let details = json!([{"type": "systembruker", "a": 1}]);
    let body = json!({
        "identity_provider": "maskinporten",
        "target": "a:b c:d",
        "resource": "https://api.test",
        "authorization_details": details,
    });

    let answer = app.post_json(&body).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    let call = last(&app, Played::Maskinporten);
    let assertion = call.field("assertion").unwrap();
    assert_eq!(
        shape(&call),
        [("grant_type", BEARER), ("assertion", assertion)]
    );
    let (header, sent) = opened(assertion);
    assert!(header.kid.is_some());
    let expected = [
        "aud",
        "authorization_details",
        "exp",
        "iat",
        "iss",
        "jti",
        "resource",
        "scope",
    ];
    assert_eq!(names(&sent), BTreeSet::from(expected));
    assert_eq!(sent["iss"], app.provider.client_id_of(Played::Maskinporten));
    assert_eq!(
        sent["aud"],
        app.provider.endpoints(Played::Maskinporten).issuer
    );
    assert_eq!(
        (&sent["scope"], &sent["resource"]),
        (&json!("a:b c:d"), &json!("https://api.test"))
    );
    assert_eq!(sent["authorization_details"], details);
    assert_short(&app, &sent);
    let token = claims(&answer.access_token());
    assert_eq!(
        (&token["scope"], &token["aud"]),
        (&sent["scope"], &sent["resource"])
    );
    assert_eq!(token["authorization_details"], details);
    assert!(token["consumer"]["ID"].is_string());
}

#[tokio::test]
async fn s12_maskinportens_assertion_says_nothing_of_what_was_not_asked_for() {
    let app = TestApp::with_all(&[]).await;

    app.token_of(Played::Maskinporten, "a:b")
        .await
        .access_token();

    let call = last(&app, Played::Maskinporten);
    let claims = claims(call.field("assertion").unwrap());
    assert_eq!(
        names(&claims),
        BTreeSet::from(["aud", "exp", "iat", "iss", "jti", "scope"])
    );
}

#[tokio::test]
async fn s12_no_two_requests_share_an_assertion() {
    let app = TestApp::with_all(&[]).await;
    let user = app.user(Played::IdPorten, "alice").await;
    for number in 0..5 {
        let target = format!("a:b:{number}");
        assert_eq!(
            app.on_behalf(Played::TokenX, &target, &user).await.status,
            200
        );
        assert_eq!(
            app.token_of(Played::Maskinporten, &target).await.status,
            200
        );
    }

    let calls = app.provider.calls().all();

    let assertions = calls
        .iter()
        .map(|call| call.field("client_assertion").or(call.field("assertion")));
    let ids: HashSet<_> = assertions
        .map(|jwt| claims(jwt.unwrap())["jti"].to_string())
        .collect();
    assert_eq!(ids.len(), 10);
}
