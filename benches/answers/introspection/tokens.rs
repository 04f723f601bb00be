//! Tokens as Entra ID signs them: RS256 with a key of 2 048 bits, a dozen claims.

use std::time::{Instant, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) const AUDIENCE: &str = "8f2c7b1e-0000-4000-8000-000000000001";
pub(crate) const ISSUER: &str =
    "https://login.microsoftonline.com/7e9a0000-1a2b-4c3d-8e4f-00000000d0e5/v2.0";
const KEY_ID: &str = "bench";

/// Signs tokens with one key.
pub(crate) struct Signer {
    pair: RsaKeyPair,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        Self {
            pair,
            modulus: public.n,
            exponent: public.e,
        }
    }

    pub(crate) fn jwks(&self) -> String {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = json!({
            "kty": "RSA", "use": "sig", "kid": KEY_ID,
            "n": encode(&self.modulus), "e": encode(&self.exponent),
        });
        json!({"keys": [key]}).to_string()
    }

    /// A valid token, different for each number.
    pub(crate) fn token(&self, number: usize) -> String {
        self.sign(KEY_ID, &claims(number))
    }

    /// A token that names a key which nobody has.
    pub(crate) fn forged(number: usize) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": format!("forged-{number}")});
        let signature = URL_SAFE_NO_PAD.encode([1; 256]);
        format!("{}.{}.{signature}", part(&header), part(&claims(number)))
    }

    fn sign(&self, key_id: &str, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": key_id});
        let message = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self.pair.sign(
            &RSA_PKCS1_SHA256,
            &random,
            message.as_bytes(),
            &mut signature,
        );
        signed.expect("signing");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// How often a core can verify a signature and do nothing else.
    pub(crate) fn verifications_per_second(&self) -> f64 {
        const TIMES: u32 = 20_000;
        let message = vec![b'a'; 700];
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self
            .pair
            .sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature);
        signed.expect("signing");
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        let key = key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
        let key = key.expect("a public key");
        let begun = Instant::now();
        for _ in 0..TIMES {
            key.verify_sig(&message, &signature).expect("it is valid");
        }
        f64::from(TIMES) / begun.elapsed().as_secs_f64()
    }
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn claims(number: usize) -> Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("a clock").as_secs();
    json!({
        "aud": AUDIENCE, "iss": ISSUER, "iat": now - 300, "nbf": now - 300, "exp": now + 3600,
        "azp": "c11e0000-1a2b-4c3d-8e4f-00000000d0e5", "azpacr": "1",
        "oid": "e015542c-0f81-40f5-bbd9-7c3d9366298f", "roles": ["access_as_application"],
        "sub": "e015542c-0f81-40f5-bbd9-7c3d9366298f", "tid": "7e9a0000-1a2b-4c3d-8e4f-00000000d0e5",
        "uti": format!("{number:022}"), "ver": "2.0",
    })
}

/// The body of a request for introspection.
pub(crate) fn body(token: &str) -> String {
    json!({"identity_provider": "entra_id", "token": token}).to_string()
}

/// A script for wrk that sends these tokens one after the other, over and over.
pub(crate) fn script(tokens: &[String]) -> String {
    let bodies: Vec<String> = tokens
        .iter()
        .map(|token| format!("'{}'", body(token)))
        .collect();
    format!(
        "local bodies = {{{}}}\nlocal requests = {{}}\nlocal next = 0\n\
         init = function()\n  for i, body in ipairs(bodies) do\n    requests[i] = wrk.format('POST', \
         '/api/v1/introspect', {{['Content-Type'] = 'application/json'}}, body)\n  end\nend\n\
         request = function()\n  next = next % #requests + 1\n  return requests[next]\nend\n",
        bodies.join(",\n")
    )
}
