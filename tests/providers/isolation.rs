//! Nobody gets what is another's: users, and providers that share nothing (S14, X5, F58).

use std::sync::Arc;

use laredo::dev::{Fault, Played};
use rstest::rstest;
use tokio::task::JoinSet;

use crate::support::{TARGET, TestApp};
use crate::users::{EXCHANGING, body, claims};

const USERS: usize = 20;
const ROUNDS: usize = 20;

/// 400 requests of 20 users in random order and all at once; some want what is new, and the provider takes its time.
#[rstest]
#[case(0)]
#[case(1)]
#[case(3)]
#[tokio::test]
async fn x5_s14_no_user_gets_anothers_token(#[case] number: usize) {
    let (provider, issuer, target) = EXCHANGING[number];
    let app = Arc::new(TestApp::with_all(&[]).await);
    let slow = Fault {
        delay: Some(5),
        every: Some(3),
        ..Fault::default()
    };
    app.provider.faults().set([slow]).unwrap();
    let mut tokens = Vec::new();
    for user in 0..USERS {
        let name = format!("user-{user}");
        tokens.push((app.user(issuer, &name).await, name));
    }
    let mut asked: Vec<usize> = (0..USERS * ROUNDS).map(|n| n % USERS).collect();
    fastrand::shuffle(&mut asked);

    let mut asking = JoinSet::new();
    for user in asked {
        let (app, (user_token, name)) = (Arc::clone(&app), tokens[user].clone());
        asking.spawn(async move {
            let mut body = body(provider, target, &user_token);
            body["skip_cache"] = (fastrand::u8(..10) == 0).into();
            let answer = app.exchange(&body).await;
            assert_eq!(claims(&answer.access_token())["sub"], *name);
        });
    }

    assert_eq!(asking.join_all().await.len(), USERS * ROUNDS);
}

#[rstest]
#[tokio::test]
async fn f58_one_providers_outage_delays_no_other(
    #[values(Played::EntraId, Played::Maskinporten, Played::TokenX, Played::Generic)]
    broken: Played,
) {
    let app = Arc::new(TestApp::with_all(&[]).await);
    let hang = Fault {
        provider: Some(broken),
        hang: true,
        ..Fault::default()
    };
    app.provider.faults().set([hang]).unwrap();
    let others = [
        (Played::EntraId, TARGET),
        (Played::Maskinporten, "a:b"),
        (Played::Generic, "a"),
    ];
    let user = app.user(Played::IdPorten, "alice").await;
    // More than may go on at once with one provider.
    let mut stuck = JoinSet::new();
    for number in 0..100 {
        let (app, user) = (Arc::clone(&app), user.clone());
        let target = format!("api://a.b.{number}/.default");
        stuck.spawn(async move {
            match broken {
                Played::TokenX => app.on_behalf(broken, &target, &user).await,
                _ => app.token_of(broken, &target).await,
            }
        });
    }
    app.until(async || app.provider.calls().count() == 64).await;

    for (provider, target) in others.into_iter().filter(|(name, _)| *name != broken) {
        assert_eq!(app.token_of(provider, target).await.status, 200);
    }
    if broken != Played::TokenX {
        assert_eq!(
            app.on_behalf(Played::TokenX, "a:b:c", &user).await.status,
            200
        );
    }

    // All this while nothing has come from the broken one.
    assert!(stuck.try_join_next().is_none());
}
