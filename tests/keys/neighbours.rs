//! One provider's trouble never delays another's (F44).

use std::sync::Arc;
use std::time::Duration;

use laredo::broker::{self, Broker, Provider};
use laredo::cache::CacheLimits;
use laredo::clock::Clock;
use laredo::discovery::Issuers;
use laredo::http_client::{Answer, Get, Getting};
use laredo::metrics::Metrics;
use laredo::oauth::ProviderName;
use laredo::verifier::{
    Audience, Calls, Failure, KeyIssuers, Settings, Verdict, Verifier, Workers,
};
use serde_json::json;
use tokio::time::Instant;

use crate::inbound::key;

const HEALTHY: ProviderName = ProviderName::EntraId;
const TROUBLED: ProviderName = ProviderName::TokenX;

/// Gives the key's set at once.
fn healthy() -> Get {
    Arc::new(|_| -> Getting {
        let body = json!({"keys": [key(0).jwk("")]}).to_string();
        Box::pin(async move {
            Ok(Answer {
                status: 200,
                body: body.into_bytes().into(),
                content_type: None,
                retry_after: None,
                date: None,
            })
        })
    })
}

/// Never answers, and knows of no time-out.
fn hanging() -> Get {
    Arc::new(|_| -> Getting { Box::pin(std::future::pending()) })
}

fn issuer(name: ProviderName) -> String {
    format!("https://{name}.test")
}

fn provider(name: ProviderName, get: Get, clock: &Clock, metrics: &Arc<Metrics>) -> Provider {
    let settings = Settings {
        provider: name,
        issuers: Issuers {
            own: Some(issuer(name)),
            accepted: Vec::new(),
        },
        audience: Audience::OneOf(vec!["app".to_owned()]),
        jwks_uri: Some(format!("{}/keys", issuer(name)).parse().unwrap()),
        metadata: None,
        key_issuers: KeyIssuers::Ignored,
    };
    let calls = Calls {
        get,
        metrics: Arc::clone(metrics),
        clock: clock.clone(),
    };
    let workers = Arc::new(Workers::for_cores(1));
    Provider {
        name,
        token_client: None,
        verifier: Some(Verifier::new(settings, calls, workers)),
    }
}

fn broker(clock: &Clock) -> Arc<Broker> {
    let metrics = Arc::new(Metrics::new(&[HEALTHY, TROUBLED]).unwrap());
    let providers = [
        provider(HEALTHY, healthy(), clock, &metrics),
        provider(TROUBLED, hanging(), clock, &metrics),
    ];
    let setting = broker::Setting {
        limits: CacheLimits {
            max_bytes: 1 << 20,
            answer: Duration::from_secs(4),
        },
        metrics,
        clock: clock.clone(),
    };
    let broker = Arc::new(Broker::new(providers, setting));
    for &name in broker.providers() {
        let broker = Arc::clone(&broker);
        tokio::spawn(async move { broker.keep_keys(name).await });
    }
    broker
}

/// A token of the clock that begins at 0.
fn token(name: ProviderName, number: usize) -> String {
    let claims = json!({"iss": issuer(name), "aud": "app", "iat": 0, "exp": 3600, "n": number});
    let header = json!({"alg": "RS256", "kid": key(0).id()});
    key(0).sign_as(&header, &claims).unwrap()
}

#[tokio::test(start_paused = true)]
async fn f44_a_provider_whose_keys_hang_delays_no_other() {
    let broker = broker(&Clock::of_runtime());
    let waiting: Vec<_> = (0..200)
        .map(|number| {
            let broker = Arc::clone(&broker);
            let named = Some(TROUBLED).filter(|_| number % 2 == 0);
            let token = token(TROUBLED, number);
            tokio::spawn(async move { broker.introspect(named, &token).await })
        })
        .collect();
    let begun = Instant::now();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }

    for number in 0..50 {
        let token = token(HEALTHY, number);
        for named in [Some(HEALTHY), None] {
            let verdict = broker.introspect(named, &token).await;
            assert!(matches!(verdict, Ok(Verdict::Active(_))), "{verdict:?}");
        }
    }

    assert_eq!(begun.elapsed(), Duration::ZERO);
    let still_waiting = waiting.iter().filter(|task| !task.is_finished());
    assert_eq!(still_waiting.count(), 64);
    for task in waiting {
        let failure = task.await.unwrap().unwrap_err();
        assert!(matches!(failure, Failure::KeysUnavailable { .. }));
    }
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}
