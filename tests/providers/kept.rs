//! How long what was exchanged is kept, and when it is renewed (X3, X4, X6, X7, X9, T9).

use laredo::dev::{Fault, Played};
use rstest::rstest;
use serde_json::json;

use crate::support::{TARGET, TestApp};
use crate::users::{EXCHANGING, claims};

/// The end of a user's token that outlives everything here.
const FAR: u64 = 4_000_000_000;
const ISSUED: &str = r#"{"access_token":"t","token_type":"Bearer","expires_in":3600,
    "issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;

impl TestApp {
    fn fault(&self, fault: Fault) {
        self.provider.faults().set([fault]).unwrap();
    }

    /// From now on every call gets a token, whatever the user's is like.
    fn issue_for_anybody(&self) {
        self.fault(Fault {
            status: Some(200),
            body: Some(ISSUED.to_owned()),
            ..Fault::default()
        });
    }

    fn seconds_now(&self) -> u64 {
        let now = self.clock.now().wall();
        let since = now.duration_since(std::time::UNIX_EPOCH);
        since.unwrap().as_secs()
    }
}

#[tokio::test]
async fn x3_what_an_opaque_token_got_is_kept_for_a_minute_at_most() {
    let app = TestApp::with_all(&[]).await;
    app.issue_for_anybody();
    for (provider, _, target) in EXCHANGING {
        let before = app.provider.calls().count();
        let ask = async || {
            let answer = app.on_behalf(provider, target, "opaque").await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.json()["expires_in"].as_u64() > Some(3500));
            app.provider.calls().count() - before
        };
        if before > 0 && provider == Played::TokenX {
            // Listed once for each kind of users.
            app.advance_secs(61);
        }

        assert_eq!((ask().await, ask().await), (1, 1));
        app.advance_secs(50);
        assert_eq!(ask().await, 1);
        app.advance_secs(11);
        assert_eq!(ask().await, 2);
    }
}

#[tokio::test]
async fn x4_for_an_expired_token_the_provider_is_asked_and_nothing_is_kept() {
    let app = TestApp::with_all(&[]).await;
    app.issue_for_anybody();
    for (provider, issuer, target) in EXCHANGING {
        let user_token = app.user_with(issuer, &json!({"exp": 1})).await;
        let before = app.provider.calls().count();

        for _ in 0..2 {
            let answer = app.on_behalf(provider, target, &user_token).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }

        assert_eq!(app.provider.calls().count() - before, 2);
    }
}

#[tokio::test]
async fn x4_what_was_exchanged_never_outlives_the_users_own_token() {
    let app = TestApp::with_all(&[]).await;
    app.issue_for_anybody();
    let end = app.seconds_now() + 100;
    let user_token = app.user_with(Played::IdPorten, &json!({"exp": end})).await;
    let ask = async || app.on_behalf(Played::TokenX, "a:b:c", &user_token).await;
    ask().await;

    app.advance_secs(85);
    ask().await;
    let within = app.provider.calls().count();
    app.advance_secs(16);
    ask().await;

    assert_eq!((within, app.provider.calls().count()), (1, 2));
}

#[tokio::test]
async fn past_half_its_life_a_result_is_renewed_with_the_token_that_the_request_brought() {
    let app = TestApp::with_all(&[]).await;
    for (provider, issuer, target) in [EXCHANGING[0], EXCHANGING[3]] {
        let claims = json!({"sub": "alice", "exp": FAR});
        let user_token = app.user_with(issuer, &claims).await;
        let before = app.provider.calls().count();
        let first = app.on_behalf(provider, target, &user_token).await;
        app.advance_secs(2_000);

        let second = app.on_behalf(provider, target, &user_token).await;

        assert_eq!(second.access_token(), first.access_token());
        app.until(async || app.provider.calls().count() == before + 2)
            .await;
        let renewal = app.provider.calls().of(provider).pop().unwrap();
        let brought = renewal
            .field("assertion")
            .or(renewal.field("subject_token"));
        assert_eq!(brought, Some(&*user_token));
        app.until(async || {
            let third = app.on_behalf(provider, target, &user_token).await;
            third.access_token() != first.access_token()
        })
        .await;
        assert_eq!(app.provider.calls().count(), before + 2);
    }
}

#[tokio::test]
async fn no_timer_renews_what_was_exchanged() {
    let app = TestApp::with_all(&[]).await;
    let user_token = app.user_with(Played::EntraId, &json!({"exp": FAR})).await;
    app.on_behalf(Played::EntraId, TARGET, &user_token).await;
    app.token(TARGET).await;
    for _ in 0..2 {
        // Only what was asked for again is renewed by the timer.
        app.token("api://second/.default").await;
    }
    app.advance_secs(2_000);

    // This renewal lands, and wakes the timer, which renews the second.
    app.token(TARGET).await;
    app.until(async || app.provider.calls().count() == 5).await;

    let calls = app.provider.calls().all();
    let exchanges = calls
        .iter()
        .filter(|call| call.field("assertion").is_some());
    assert_eq!(exchanges.count(), 1);
}

#[tokio::test]
async fn x6_tokens_that_differ_in_their_last_character_share_nothing() {
    let app = TestApp::with_all(&[]).await;
    app.issue_for_anybody();

    for token in ["a.b.c", "a.b.d", "a.b.c"] {
        app.on_behalf(Played::TokenX, "a:b:c", token).await;
    }

    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn x7_a_claims_challenge_reaches_the_app_whole_and_is_soon_forgotten() {
    let app = TestApp::with_all(&[]).await;
    let user_token = app.user(Played::EntraId, "alice").await;
    let ask = async || app.on_behalf(Played::EntraId, TARGET, &user_token).await;
    app.fault(Fault {
        aadsts: Some(50076),
        times: Some(1),
        ..Fault::default()
    });

    let (first, second) = (ask().await, ask().await);
    app.advance_secs(2);
    let third = ask().await;

    let json = first.json();
    assert_eq!(
        (first.status, &json["error"]),
        (400, &json!("interaction_required"))
    );
    let claims: serde_json::Value = serde_json::from_str(json["claims"].as_str().unwrap()).unwrap();
    assert_eq!(claims["access_token"]["polids"]["essential"], true);
    assert_eq!(
        (&json["suberror"], &json["error_codes"]),
        (&json!("basic_action"), &json!([50076]))
    );
    assert_eq!(second.json(), json);
    assert_eq!((third.status, app.provider.calls().count()), (200, 2));
}

#[tokio::test]
async fn a_missing_consent_is_entras_own_refusal() {
    let app = TestApp::with_all(&[]).await;
    let user_token = app.user(Played::EntraId, "alice").await;
    app.fault(Fault {
        aadsts: Some(65001),
        ..Fault::default()
    });

    let answer = app.on_behalf(Played::EntraId, TARGET, &user_token).await;

    let (status, error, text) = answer.error();
    assert_eq!((status, &*error), (400, "invalid_grant"));
    assert!(text.starts_with("AADSTS65001: "), "{text}");
    assert_eq!(answer.json()["suberror"], "consent_required");
}

#[rstest]
#[case::access_token("urn:ietf:params:oauth:token-type:access_token", 200)]
#[case::jwt("urn:ietf:params:oauth:token-type:jwt", 200)]
#[case::refresh_token("urn:ietf:params:oauth:token-type:refresh_token", 502)]
#[case::id_token("urn:ietf:params:oauth:token-type:id_token", 502)]
#[case::not_applicable("N_A", 502)]
#[case::capitals("URN:ietf:params:oauth:token-type:jwt", 502)]
#[tokio::test]
async fn x9_what_was_issued_must_be_an_access_token(#[case] said: &str, #[case] status: u16) {
    assert_eq!(
        statuses_with(&format!("{said:?}")).await,
        [200, status, status, status]
    );
}

#[rstest]
#[case::missing("")]
#[case::null("null")]
#[case::number("1")]
#[case::list(r#"["urn:ietf:params:oauth:token-type:jwt"]"#)]
#[tokio::test]
async fn x9_what_was_issued_must_be_said(#[case] said: &str) {
    assert_eq!(statuses_with(said).await, [200, 502, 502, 502]);
}

/// The statuses of every provider's exchange, the one on behalf of a user first, if answers have this member.
async fn statuses_with(issued_token_type: &str) -> Vec<u16> {
    let app = TestApp::with_all(&[]).await;
    app.fault(Fault {
        issued_token_type: Some(issued_token_type.to_owned()),
        ..Fault::default()
    });
    let mut statuses = Vec::new();
    for (provider, issuer, target) in EXCHANGING {
        let user_token = app.user(issuer, "alice").await;
        let answer = app.on_behalf(provider, target, &user_token).await;
        statuses.push(answer.status);
    }
    statuses
}

#[tokio::test]
async fn t9_a_token_and_an_exchange_with_equal_strings_share_nothing() {
    let app = TestApp::with_all(&[]).await;
    for (provider, target) in [(Played::EntraId, TARGET), (Played::Generic, "same")] {
        let user_token = app.user(provider, "alice").await;
        let before = app.provider.calls().count();

        for _ in 0..2 {
            let own = app.token_of(provider, target).await.access_token();
            let users = app.on_behalf(provider, target, &user_token).await;
            let users = users.access_token();
            assert_ne!(claims(&own)["sub"], "alice");
            assert_eq!(claims(&users)["sub"], "alice");
        }

        assert_eq!(app.provider.calls().count() - before, 2);
    }
}

#[tokio::test]
async fn t9_equal_targets_of_two_providers_share_nothing() {
    let app = TestApp::with_all(&[]).await;

    for provider in [Played::Maskinporten, Played::Generic, Played::Maskinporten] {
        let token = app.token_of(provider, "same").await.access_token();
        assert_eq!(
            claims(&token)["iss"],
            app.provider.endpoints(provider).issuer
        );
    }

    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn entras_short_form_is_written_out_for_exchanges_too() {
    let app = TestApp::with_all(&[]).await;
    let user_token = app.user(Played::EntraId, "alice").await;

    for target in ["c:n:app", "api://c.n.app/.default"] {
        let answer = app.on_behalf(Played::EntraId, target, &user_token).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    let calls = app.provider.calls().all();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].field("scope"), Some("api://c.n.app/.default"));
}
