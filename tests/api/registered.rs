//! Daemons that prove who they are by keys, and providers at which these are registered.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use laredo::dev::{FederatedIssuer, IdentityProvider, Options, RegisteredKey};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::keys::{pkcs1, public, rsa_jwk};
use crate::support::{TestApp, built_in_provider, built_in_provider_with};

/// An issuer whose tokens may stand for the app: the key is number 2.
pub const ISSUER: &str = "https://issuer.test";
pub const SUBJECT: &str = "system:serviceaccount:team:app";

pub fn jwk(number: usize, kid: &str) -> String {
    rsa_jwk(number, json!({"kid": kid})).to_string()
}

/// The public part, as a provider knows it.
pub fn registered(jwk: &str) -> RegisteredKey {
    let jwk = serde_json::from_str(jwk).unwrap();
    RegisteredKey::of_jwk(&public(&jwk).to_string()).unwrap()
}

pub fn registered_certificate(pem: &str) -> RegisteredKey {
    RegisteredKey::of_certificate(pem).unwrap()
}

/// A token of the other issuer, as a cluster would mount it.
pub fn federated_token(subject: &str, jti: &str) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("cluster".to_owned());
    let claims = json!({
        "iss": ISSUER,
        "sub": subject,
        "aud": ["api://AzureADTokenExchange"],
        "jti": jti,
        "exp": 4_000_000_000_u64,
    });
    let key = EncodingKey::from_rsa_der(pkcs1(2));
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

/// A provider that takes the tokens of the other issuer.
pub async fn federated_provider() -> IdentityProvider {
    let federation = FederatedIssuer {
        issuer: ISSUER.to_owned(),
        subject: SUBJECT.to_owned(),
        keys: vec![registered(&jwk(2, "cluster"))],
    };
    built_in_provider_with(Options {
        federation: Some(federation),
        ..Options::default()
    })
    .await
}

impl TestApp {
    /// A daemon without a secret, with these variables, whose provider knows these keys.
    pub async fn with_keys(keys: Vec<RegisteredKey>, variables: &[(&str, &str)]) -> Self {
        let provider = built_in_provider().await;
        provider.register_keys(keys);
        Self::without_secret(provider, variables).await
    }

    pub async fn without_secret(provider: IdentityProvider, variables: &[(&str, &str)]) -> Self {
        let endpoint = provider.token_endpoint().to_owned();
        let variables = [&[("AZURE_APP_CLIENT_SECRET", "")], variables].concat();
        Self::start_at(provider, &endpoint, &variables).await
    }

    /// The assertions that the provider has been sent, in their order.
    pub fn assertions(&self) -> Vec<String> {
        let calls = self.provider.calls().all();
        let assertion = calls
            .iter()
            .map(|call| call.field("client_assertion").unwrap().to_owned());
        assertion.collect()
    }

    /// The claims of the last one.
    pub fn last_claims(&self) -> Value {
        claims(&self.assertions().pop().unwrap())
    }
}

/// What a JWT says, read without trust.
pub fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    let json = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// Files that are replaced in one step, as Kubernetes does it.
pub struct Files(TempDir);

impl Files {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Puts this content there, and says where that is.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        let new = self.0.path().join("..new");
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, &path).unwrap();
        path.to_str().unwrap().to_owned()
    }
}
