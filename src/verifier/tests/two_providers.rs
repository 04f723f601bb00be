//! Tokens of one provider that are handed in as another's.

use rstest::rstest;

use super::signer::{Kind, Signer};
use super::*;
use crate::broker::{self, Broker, Provider};
use crate::cache::CacheLimits;

const CLAIMS: &str = r#"{"iss":"https://issuer.test","aud":"app","exp":3600,"iat":0}"#;

#[tokio::test(start_paused = true)]
async fn j39_a_token_of_one_provider_is_not_anothers() {
    let (one, other) = (
        Signer::new(Kind::Es256, "one"),
        Signer::new(Kind::Es256, "other"),
    );
    let entra = verifier(ProviderName::EntraId, &[one.public_key()]);
    let maskinporten = verifier(ProviderName::Maskinporten, &[other.public_key()]);
    let token = one.token(CLAIMS);

    assert_eq!(judge(&entra, &token).await, Ok(()));
    assert_eq!(judge(&maskinporten, &token).await, Err(Reason::UnknownKey));
}

/// Nobody keeps two providers from calling their keys the same.
#[rstest]
#[tokio::test(start_paused = true)]
async fn j39_nor_where_both_name_their_keys_alike(
    #[values(Kind::Es256, Kind::Es384, Kind::EdDsa)] kind: Kind,
) {
    let (one, other) = (Signer::new(kind, "key"), Signer::new(kind, "key"));
    let entra = verifier(ProviderName::EntraId, &[one.public_key()]);
    let maskinporten = verifier(ProviderName::Maskinporten, &[other.public_key()]);
    let token = one.token(CLAIMS);

    assert_eq!(judge(&entra, &token).await, Ok(()));
    assert_eq!(judge(&maskinporten, &token).await, Err(Reason::Signature));
}

/// What one provider's verifier found holds for that one alone.
#[tokio::test(start_paused = true)]
async fn j39_a_verdict_of_one_provider_is_none_of_another() {
    let (one, other) = (
        Signer::new(Kind::EdDsa, "key"),
        Signer::new(Kind::EdDsa, "key"),
    );
    let entra = verifier(ProviderName::EntraId, &[one.public_key()]);
    let maskinporten = verifier(ProviderName::Maskinporten, &[other.public_key()]);
    let token = Compact::read(&one.token(CLAIMS)).unwrap();

    let verified = entra.verify(token).await.unwrap().unwrap();

    assert!(entra.still_holds(&verified));
    assert!(!maskinporten.still_holds(&verified));
}

/// A broker for two providers that are told apart by nothing but the name that is asked for.
fn broker(one: Verifier, other: Verifier) -> Broker {
    let clock = one.calls.clock.clone();
    let names = [one.provider(), other.provider()];
    let providers = [one, other].map(|verifier| Provider {
        name: verifier.provider(),
        token_client: None,
        verifier: Some(verifier),
    });
    let setting = broker::Setting {
        limits: CacheLimits {
            max_bytes: 1024 * 1024,
            answer: std::time::Duration::from_secs(4),
        },
        metrics: Arc::new(Metrics::new(&names).unwrap()),
        clock,
    };
    Broker::new(providers, setting)
}

#[tokio::test(start_paused = true)]
async fn j39_the_broker_asks_the_provider_that_is_named_also_of_a_remembered_token() {
    let (one, other) = (
        Signer::new(Kind::EdDsa, "key"),
        Signer::new(Kind::EdDsa, "key"),
    );
    let broker = broker(
        verifier(ProviderName::EntraId, &[one.public_key()]),
        verifier(ProviderName::Maskinporten, &[other.public_key()]),
    );
    let (of_one, of_other) = (one.token(CLAIMS), other.token(CLAIMS));

    for _ in 0..2 {
        for (name, token, is_active) in [
            (ProviderName::EntraId, &of_one, true),
            (ProviderName::Maskinporten, &of_one, false),
            (ProviderName::Maskinporten, &of_other, true),
            (ProviderName::EntraId, &of_other, false),
        ] {
            let verdict = broker.introspect(Some(name), token).await.unwrap();

            match verdict {
                Verdict::Active(_) => assert!(is_active, "{name}"),
                Verdict::Inactive(reason) => {
                    assert_eq!((is_active, reason), (false, Reason::Signature), "{name}");
                }
            }
        }
    }
}

#[test]
fn j39_what_is_remembered_is_asked_for_by_provider_and_token() {
    let names = [
        None,
        Some(ProviderName::EntraId),
        Some(ProviderName::Maskinporten),
    ];
    for (index, name) in names.iter().enumerate() {
        for (other_index, other) in names.iter().enumerate() {
            let same = Question::new(*name, "a.b.c") == Question::new(*other, "a.b.c");

            assert_eq!(same, index == other_index);
        }
        assert_ne!(Question::new(*name, "a.b.c"), Question::new(*name, "a.b.d"));
    }
}
