//! The shape of every request that goes to a provider, to the letter (S12, contract §6).

use std::collections::{BTreeSet, HashSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use laredo::dev::{Played, RegisteredKey, TokenCall};
use rstest::rstest;
use serde_json::{Value, json};

use crate::keys::{p256_jwk, public};
use crate::support::{TARGET, TestApp};
use crate::users::claims;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The fields in the order in which they came, but for proofs, which are looked at by themselves.
fn shape(call: &TokenCall) -> Vec<(&str, &str)> {
    let fields = call.form.iter();
    fields
        .map(|(name, value)| match &**name {
            "client_secret" | "client_assertion" => (&**name, "…"),
            _ => (&**name, &**value),
        })
        .collect()
}

fn last(app: &TestApp, provider: Played) -> TokenCall {
    app.provider.calls().of(provider).pop().unwrap()
}

/// The header of a JWT, and its claims.
fn opened(jwt: &str) -> (jsonwebtoken::Header, Value) {
    (jsonwebtoken::decode_header(jwt).unwrap(), claims(jwt))
}

fn names(claims: &Value) -> BTreeSet<&str> {
    let members = claims.as_object().unwrap();
    members.keys().map(String::as_str).collect()
}

fn assert_short(app: &TestApp, claims: &Value) {
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

#[rstest]
#[case::basic("", &[])]
#[case::basic_by_name("client_secret_basic", &[])]
#[case::post("client_secret_post", &["client_id", "client_secret"])]
#[tokio::test]
async fn s12_generic_with_a_secret(#[case] method: &str, #[case] proof: &[&str]) {
    let app = TestApp::with_all(&[("LAREDO_GENERIC_CLIENT_AUTH", method)]).await;
    let user = app.user(Played::Generic, "alice").await;
    let target = "scope:a";

    assert_eq!(app.token_of(Played::Generic, target).await.status, 200);
    assert_eq!(
        app.on_behalf(Played::Generic, target, &user).await.status,
        200
    );

    let calls = app.provider.calls().of(Played::Generic);
    let id = app.provider.client_id_of(Played::Generic);
    let proof = proof.iter().map(|name| match *name {
        "client_id" => ("client_id", id),
        name => (name, "…"),
    });
    let application = [("grant_type", "client_credentials"), ("scope", target)];
    let exchange = [
        ("grant_type", EXCHANGE),
        ("subject_token", &*user),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("scope", target),
    ];
    let expected: Vec<_> = application.into_iter().chain(proof.clone()).collect();
    assert_eq!(shape(&calls[0]), expected);
    let expected: Vec<_> = exchange.into_iter().chain(proof.clone()).collect();
    assert_eq!(shape(&calls[1]), expected);
    let secret = app.provider.client_secret_of(Played::Generic).unwrap();
    let basic = BASE64_STANDARD.encode(format!("{id}:{}", secret.expose()));
    let header = (proof.count() == 0).then(|| format!("Basic {basic}"));
    assert!(calls.iter().all(|call| call.authorization == header));
}

#[rstest]
#[case::issuer("")]
#[case::token_endpoint("token_endpoint")]
#[tokio::test]
async fn s12_generic_with_a_private_key(#[case] audience: &str) {
    let jwk = p256_jwk(json!({"kid": "own"}));
    let text = jwk.to_string();
    let variables = [
        ("LAREDO_GENERIC_CLIENT_SECRET", ""),
        ("LAREDO_GENERIC_PRIVATE_JWK", &*text),
        ("LAREDO_GENERIC_ASSERTION_AUDIENCE", audience),
    ];
    let app = TestApp::with_all(&variables).await;
    let registered = RegisteredKey::of_jwk(&public(&jwk).to_string()).unwrap();
    app.provider
        .register_keys_of(Played::Generic, vec![registered]);

    let answer = app.token_of(Played::Generic, "a").await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    let call = last(&app, Played::Generic);
    let id = app.provider.client_id_of(Played::Generic);
    let expected = [
        ("grant_type", "client_credentials"),
        ("scope", "a"),
        ("client_id", id),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", "…"),
    ];
    assert_eq!(shape(&call), expected);
    let (header, claims) = opened(call.field("client_assertion").unwrap());
    assert_eq!(header.kid.as_deref(), Some("own"));
    let places = app.provider.endpoints(Played::Generic);
    let wanted = if audience.is_empty() {
        &places.issuer
    } else {
        &places.token
    };
    assert_eq!(&claims["aud"], wanted);
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(id), &json!(id)));
    assert_short(&app, &claims);
}

#[rstest]
#[tokio::test]
async fn s12_generics_target_goes_where_the_provider_wants_it(
    #[values("scope", "audience", "resource")] parameter: &str,
) {
    let app = TestApp::with_all(&[("LAREDO_GENERIC_TARGET", parameter)]).await;
    let user = app.user(Played::Generic, "alice").await;
    let body = json!({
        "identity_provider": "generic",
        "target": "https://api.test",
        "resource": "urn:r",
        "authorization_details": [{"type": "t"}],
    });

    assert_eq!(app.post_json(&body).await.status, 200);
    assert_eq!(
        app.on_behalf(Played::Generic, "https://api.test", &user)
            .await
            .status,
        200
    );

    let calls = app.provider.calls().of(Played::Generic);
    let expected = [
        ("grant_type", "client_credentials"),
        (parameter, "https://api.test"),
        ("resource", "urn:r"),
        ("authorization_details", r#"[{"type":"t"}]"#),
    ];
    assert_eq!(shape(&calls[0]), expected);
    assert_eq!(shape(&calls[1])[3], (parameter, "https://api.test"));
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
