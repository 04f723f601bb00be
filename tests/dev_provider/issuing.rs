//! Tokens, keys and metadata.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use laredo::dev::{IdentityProvider, Options};
use serde_json::{Value, json};

use crate::client::{get, good_call, provider};

#[tokio::test]
async fn a_token_can_be_checked_with_the_published_keys() {
    let provider = provider().await;
    let metadata = get(provider.metadata_url()).await.json();

    let answer = good_call(&provider).await.unwrap().json();

    let keys_url = metadata["jwks_uri"].as_str().unwrap();
    let keys: JwkSet = serde_json::from_str(&get(keys_url).await.body).unwrap();
    let token = answer["access_token"].as_str().unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["api://cluster.namespace.app"]);
    validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
    validation.validate_nbf = true;
    let decoding_key = DecodingKey::from_jwk(key).unwrap();
    let claims = jsonwebtoken::decode::<Value>(token, &decoding_key, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["azp"], provider.client_id());
    assert_eq!(claims["tid"], provider.tenant_id());
    assert_eq!(claims["roles"], json!(["access_as_application"]));
    assert_eq!(claims["ver"], "2.0");
    assert_eq!(claims["azpacr"], "1");
}

#[tokio::test]
async fn a_token_answer_looks_like_entras() {
    let provider = provider().await;

    let answer = good_call(&provider).await.unwrap();

    let mut body = answer.json();
    body["access_token"].take();
    assert_eq!(answer.status, 200);
    assert_eq!(
        body,
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": null})
    );
    assert_eq!(
        answer.headers("content-type"),
        ["application/json; charset=utf-8"]
    );
}

#[tokio::test]
async fn no_two_tokens_are_alike() {
    let provider = provider().await;

    let first = good_call(&provider).await.unwrap().json();
    let second = good_call(&provider).await.unwrap().json();

    assert_ne!(first["access_token"], second["access_token"]);
}

#[tokio::test]
async fn a_provider_without_a_key_makes_one() {
    let provider = IdentityProvider::start(Options::default()).await.unwrap();

    let answer = good_call(&provider).await.unwrap();

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn keys_name_their_issuer_and_no_algorithm() {
    let provider = provider().await;

    let keys = get(provider.jwks_uri()).await.json();

    assert_eq!(keys["keys"][0]["issuer"], provider.issuer());
    assert_eq!(keys["keys"][0]["use"], "sig");
    assert_eq!(keys["keys"][0].get("alg"), None);
}

#[tokio::test]
async fn metadata_name_every_endpoint() {
    let provider = provider().await;

    let metadata = get(provider.metadata_url()).await.json();

    assert_eq!(metadata["issuer"], provider.issuer());
    assert_eq!(metadata["token_endpoint"], provider.token_endpoint());
    assert_eq!(metadata["jwks_uri"], provider.jwks_uri());
    assert_eq!(
        metadata["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
}
