//! What was found valid, and until when it counts: keys, rules and time may change under it (J38, F41).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{
    Endpoint, HOUR, ISSUER, Reply, Stage, settings, settings_from_metadata, with_metadata,
};
use crate::verifier::published::{rsa, rsa_pair, set, with};
use crate::verifier::{Compact, Failure, Reason, Verified};

/// A token of this stage's clock, which begins at 0, signed with the key that all stages publish.
fn token(id: &str, claims: Value) -> Compact {
    let mut all = json!({"iss": ISSUER, "aud": "app", "iat": 0, "exp": HOUR});
    all.as_object_mut()
        .unwrap()
        .extend(claims.as_object().unwrap().clone());
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": id});
    Compact::read(&rsa_pair().sign_as(&header, &all).unwrap()).unwrap()
}

impl Stage {
    async fn judge(&self, id: &str, claims: Value) -> Result<Result<Verified, Reason>, Failure> {
        self.verifier.verify(token(id, claims)).await
    }

    pub(super) async fn verified(&self, id: &str) -> Verified {
        self.judge(id, json!({})).await.unwrap().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn j38_a_verdict_holds_until_the_leeway_behind_its_end() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;
    let verified = stage.verified("a").await;

    stage.until(HOUR + 59).await;
    assert!(stage.verifier.still_holds(&verified));

    stage.until(HOUR + 60).await;
    assert!(!stage.verifier.still_holds(&verified));
}

#[tokio::test(start_paused = true)]
async fn f65_a_verdict_goes_by_the_wall_clock_both_ways() {
    let stage = Stage::with_keys(&["a"], |_| Reply::keys(&["a"])).await;
    let verified = stage.verified("a").await;

    stage.clock.shift_wall(2 * 3_600_000);
    assert!(!stage.verifier.still_holds(&verified));

    stage.clock.shift_wall(-2 * 3_600_000);
    assert!(stage.verifier.still_holds(&verified));

    stage.clock.shift_wall(-120_000);
    assert!(
        !stage.verifier.still_holds(&verified),
        "it is of the future"
    );
}

#[tokio::test(start_paused = true)]
async fn f41_a_verdict_goes_with_its_key() {
    let stage = Stage::with_keys(&["stays", "goes"], |_| Reply::keys(&["stays"])).await;
    let [goes, stays] = [stage.verified("goes").await, stage.verified("stays").await];

    stage.until(361).await;

    assert!(!stage.verifier.still_holds(&goes));
    assert!(stage.verifier.still_holds(&stays));
}

#[tokio::test(start_paused = true)]
async fn f42_a_verdict_goes_when_other_material_takes_its_keys_name() {
    let other = crate::verifier::published::p256("a");
    let stage = Stage::with_keys(&["a"], move |_| {
        Reply::body(set(std::slice::from_ref(&other)))
    })
    .await;
    let verified = stage.verified("a").await;

    stage.until(361).await;

    assert!(!stage.verifier.still_holds(&verified));
}

#[tokio::test(start_paused = true)]
async fn f41_a_verdict_goes_when_its_key_becomes_one_for_another_use() {
    let stage = Stage::with_keys(&["a"], |_| {
        Reply::body(set(&[with(rsa("a"), "alg", json!("PS256"))]))
    })
    .await;
    let verified = stage.verified("a").await;

    stage.until(361).await;

    assert!(!stage.verifier.still_holds(&verified));
}

#[tokio::test(start_paused = true)]
async fn f39_a_verdict_goes_when_the_keys_are_too_old() {
    let stage = Stage::with_keys(&["a"], |_| Reply::refused()).await;
    let long = json!({"exp": 100 * HOUR});
    let verified = stage.judge("a", long).await.unwrap().unwrap();

    stage.until(24 * HOUR - 1).await;
    assert!(stage.verifier.still_holds(&verified));

    stage.until(24 * HOUR + 1).await;
    assert!(!stage.verifier.still_holds(&verified));
}

fn metadata(algorithm: &'static str) -> Endpoint {
    Endpoint::new(move |number| {
        let algorithms = if number == 1 { "RS256" } else { algorithm };
        let document = json!({
            "issuer": ISSUER,
            "jwks_uri": "https://issuer.test/keys",
            "id_token_signing_alg_values_supported": [algorithms],
        });
        Reply::body(document.to_string())
    })
}

#[rstest]
#[case::the_same("RS256", true)]
#[case::others("ES256", false)]
#[tokio::test(start_paused = true)]
async fn a_verdict_goes_when_the_metadata_name_other_algorithms(
    #[case] later: &'static str,
    #[case] holds: bool,
) {
    let metadata = metadata(later);
    let settings = settings_from_metadata(&metadata);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));
    stage.fetched(1).await;
    let long = json!({"exp": 100 * HOUR});
    let verified = stage.judge("a", long).await.unwrap().unwrap();

    stage.until(24 * HOUR + 10).await;

    assert_eq!(metadata.count(), 2);
    assert_eq!(stage.verifier.still_holds(&verified), holds);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_the_metadata_are_still_to_name_is_not_a_wrong_one() {
    let endpoint = Endpoint::new(|_| Reply::refused());
    let mut settings = settings();
    settings.issuers.own = None;
    settings.issuers.accepted = vec!["https://accepted.test".to_owned()];
    let settings = with_metadata(settings, &endpoint);
    let stage = Stage::with(settings, Endpoint::new(|_| Reply::keys(&["a"])));
    stage.fetched(1).await;

    let accepted = stage
        .judge("a", json!({"iss": "https://accepted.test"}))
        .await;
    let unnamed = stage.judge("a", json!({})).await;

    assert!(accepted.unwrap().is_ok());
    assert!(matches!(unnamed, Err(Failure::KeysUnavailable { .. })));
}
