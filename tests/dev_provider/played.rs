//! The providers beside Entra: whom they believe, and what is published and minted for each.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use laredo::clock::Clock;
use laredo::dev::{Fault, IdentityProvider, Played};
use rstest::rstest;
use serde_json::{Value, json};

use crate::client::{Answer, FORM, get, good_call, provider, send};
use crate::keys::encoded;

const ALL: [Played; 4] = [
    Played::Maskinporten,
    Played::TokenX,
    Played::IdPorten,
    Played::Generic,
];
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The claims, signed by the client's own key.
fn signed(provider: &IdentityProvider, played: Played, claims: &Value) -> String {
    let jwk = provider.client_jwk(played).unwrap();
    let jwk: Value = serde_json::from_str(jwk.expose()).unwrap();
    let bytes = |name: &str| {
        BASE64_URL_SAFE_NO_PAD
            .decode(jwk[name].as_str().unwrap())
            .unwrap()
    };
    let point = [vec![4], bytes("x"), bytes("y")].concat();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &bytes("d"), &point);
    let header = json!({"alg": "ES256", "kid": jwk["kid"]}).to_string();
    let message = format!(
        "{}.{}",
        encoded(header.as_bytes()),
        encoded(claims.to_string().as_bytes())
    );
    let signature = pair.unwrap().sign(&SystemRandom::new(), message.as_bytes());
    format!("{message}.{}", encoded(signature.unwrap().as_ref()))
}

fn now() -> u64 {
    let now = Clock::system().now().wall();
    let since = now.duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// A good grant for Maskinporten, but for these claims.
fn grant(provider: &IdentityProvider, changes: Value) -> String {
    let mut claims = json!({
        "iss": provider.client_id_of(Played::Maskinporten),
        "aud": provider.endpoints(Played::Maskinporten).issuer,
        "scope": "a:b",
        "iat": now(),
        "exp": now() + 60,
        "jti": "one",
    });
    let members = claims.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    signed(provider, Played::Maskinporten, &claims)
}

async fn ask(provider: &IdentityProvider, played: Played, form: &[(&str, &str)]) -> Answer {
    let form = serde_urlencoded::to_string(form).unwrap();
    let url = &provider.endpoints(played).token;
    send("POST", url, FORM, &form).await.unwrap()
}

async fn with_grant(provider: &IdentityProvider, assertion: &str) -> Answer {
    let form = [("grant_type", BEARER), ("assertion", assertion)];
    ask(provider, Played::Maskinporten, &form).await
}

#[tokio::test]
async fn s12_maskinportens_grant_is_good_for_once() {
    let provider = provider().await;
    let grant = grant(&provider, json!({}));

    let (first, second) = (
        with_grant(&provider, &grant).await,
        with_grant(&provider, &grant).await,
    );

    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(second.json()["error"], "invalid_client", "{}", second.body);
    assert!(second.body.contains("jti"), "{}", second.body);
}

#[rstest]
#[case::issuer(json!({"iss": "somebody"}), 401)]
#[case::audience(json!({"aud": "https://other.test"}), 401)]
#[case::no_jti(json!({"jti": null}), 401)]
#[case::long_life(json!({"exp": now() + 200}), 401)]
#[case::no_begin(json!({"iat": null}), 401)]
#[case::ended(json!({"iat": now() - 100, "exp": now() - 40}), 401)]
#[case::not_begun(json!({"iat": now() + 100, "exp": now() + 160}), 401)]
#[case::no_scope(json!({"scope": null}), 400)]
#[tokio::test]
async fn s12_a_grant_with_a_wrong_claim_is_refused(#[case] changes: Value, #[case] status: u16) {
    let provider = provider().await;

    let answer = with_grant(&provider, &grant(&provider, changes)).await;

    assert_eq!(answer.status, status, "{}", answer.body);
}

#[tokio::test]
async fn s12_a_grant_by_another_key_is_refused() {
    let provider = provider().await;
    let claims = json!({"iss": provider.client_id_of(Played::Maskinporten)});
    let by_another = signed(&provider, Played::TokenX, &claims);

    for assertion in [&*by_another, "hunter2", "a.b.c"] {
        let answer = with_grant(&provider, assertion).await;
        assert_eq!(answer.json()["error"], "invalid_client");
    }
}

#[rstest]
#[case(
    Played::Maskinporten,
    "client_credentials",
    400,
    "unsupported_grant_type"
)]
#[case(Played::TokenX, "client_credentials", 400, "unsupported_grant_type")]
#[case(Played::Generic, BEARER, 400, "unsupported_grant_type")]
#[case(Played::Generic, "client_credentials", 401, "invalid_client")]
#[case(
    Played::TokenX,
    "urn:ietf:params:oauth:grant-type:token-exchange",
    401,
    "invalid_client"
)]
#[tokio::test]
async fn what_is_not_due_is_refused_in_the_words_of_the_standard(
    #[case] played: Played,
    #[case] grant_type: &str,
    #[case] status: u16,
    #[case] error: &str,
) {
    let form = [
        ("grant_type", grant_type),
        ("client_id", "a"),
        ("client_secret", "b"),
    ];

    let answer = ask(&provider().await, played, &form).await;

    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (status, &json!(error))
    );
}

#[tokio::test]
async fn each_provider_publishes_itself() {
    let provider = provider().await;

    for played in ALL {
        let places = provider.endpoints(played);
        let metadata = get(&places.metadata).await.json();
        assert_eq!(metadata["issuer"], places.issuer);
        assert_eq!(metadata["jwks_uri"], places.keys);
        assert_eq!(metadata["token_endpoint"], places.token);
        let keys = get(&places.keys).await.json();
        assert_eq!(keys["keys"][0]["alg"], "RS256");
    }
}

#[tokio::test]
async fn a_token_is_minted_for_whom_it_is_asked() {
    let provider = provider().await;
    let url = format!("{}/mint", provider.base_url());

    for played in ALL {
        let order = format!("provider={}", played.as_str());
        let token = send("POST", &url, FORM, &order).await.unwrap().body;
        let payload = token.trim_end().split('.').nth(1).unwrap();
        let json = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
        let claims: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(claims["iss"], provider.endpoints(played).issuer);
    }
    let unknown = send("POST", &url, FORM, "provider=other").await.unwrap();
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn one_provider_rotates_without_the_others() {
    let provider = provider().await;
    let keys = async |played| {
        let keys = get(&provider.endpoints(played).keys).await.json();
        keys["keys"].as_array().unwrap().len()
    };
    let url = format!("{}/rotate", provider.base_url());

    send("POST", &url, FORM, "provider=tokenx").await.unwrap();

    assert_eq!(
        (keys(Played::TokenX).await, keys(Played::IdPorten).await),
        (2, 1)
    );
}

#[tokio::test]
async fn a_fault_of_one_provider_leaves_the_others_alone() {
    let provider = provider().await;
    let url = format!("{}/faults", provider.base_url());
    let body = "provider=maskinporten&status=503";

    let shown = send("POST", &url, FORM, body).await.unwrap();

    let expected = json!([{"provider": "maskinporten", "status": 503}]);
    assert_eq!(shown.json(), expected);
    let broken = with_grant(&provider, &grant(&provider, json!({}))).await;
    assert_eq!(
        (broken.status, &broken.json()["error"]),
        (503, &json!("temporarily_unavailable"))
    );
    assert_eq!(good_call(&provider).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_refusal_of_entras_can_be_ordered_by_its_code_if_it_is_one_of_those() {
    let provider = provider().await;
    let fault = |code| Fault {
        aadsts: Some(code),
        ..Fault::default()
    };

    provider.faults().set([fault(65001)]).unwrap();

    let answer = good_call(&provider).await.unwrap();
    assert_eq!(answer.json()["error_codes"], json!([65001]));
    assert!(provider.faults().set([fault(1)]).is_err());
}
