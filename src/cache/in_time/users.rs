//! Tokens on behalf of users: never swapped, never kept as keys, and no longer than they should be.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::stage::{ANSWER_LIMIT, request};
use crate::cache::{CacheLimits, Fetch, Rooms, TokenCache};
use crate::clock::{Clock, Moment};
use crate::oauth::{
    Errand, Error, Fingerprints, Freshness, Lifetime, ProviderName, Subject, Token, TokenRequest,
    UserToken,
};
use crate::secret::Secret;

/// Rounds of the property on each of the threads that it is spread over, each of some callers at once: a million
/// callers in all.
const ROUNDS: usize = 90_000;
const CALLERS: usize = 250_000;
const USERS: usize = 4;

/// What a provider gives to the user whose token this is, and to nobody else.
fn marker(user_token: &UserToken) -> String {
    format!("for-{}", user_token.expose())
}

fn user(text: impl Into<String>) -> UserToken {
    UserToken::new(text.into())
}

#[derive(Clone)]
struct Exchanges {
    cache: Arc<TokenCache>,
    fingerprints: Arc<Fingerprints>,
}

impl Exchanges {
    fn with_bytes(max_bytes: u64, life: fn() -> u64) -> Self {
        let clock = Clock::of_runtime();
        let times = clock.clone();
        let fetch: Fetch = Box::new(move |errand| Box::pin(issue(errand, life(), times.now())));
        let answer = ANSWER_LIMIT;
        let rooms = Arc::new(Rooms::new(ProviderName::ALL, answer));
        let limits = CacheLimits { max_bytes, answer };
        Self {
            cache: TokenCache::new(rooms, limits, clock, fetch),
            fingerprints: Arc::new(Fingerprints::random().unwrap()),
        }
    }

    fn key(&self, user_token: &UserToken) -> TokenRequest {
        TokenRequest {
            subject: Subject::User(self.fingerprints.of(user_token)),
            ..request("a")
        }
    }

    async fn ask(
        &self,
        user_token: &UserToken,
        freshness: Freshness,
    ) -> Result<String, Arc<Error>> {
        let brought = Some(user_token.clone());
        let asked = self.cache.token(self.key(user_token), brought, freshness);
        let served = asked.await.map_err(|failed| failed.error)?;
        Ok(served.held.token().access_token().to_owned())
    }
}

/// Takes its time, fails now and then, and marks what it issues.
async fn issue(errand: Errand, life: u64, begun: Moment) -> Result<Token, Error> {
    let user_token = errand.user_token.unwrap();
    sleep(Duration::from_millis(fastrand::u64(..30))).await;
    if fastrand::u8(..10) == 0 {
        return Err(Error::Unreachable("down".into()));
    }
    let lifetime = Lifetime {
        begun,
        stated: Duration::from_secs(life),
        refresh_in: None,
        cap: None,
    };
    Ok(Token::new(&Secret::from(marker(&user_token)), lifetime).unwrap())
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn s14_x5_no_interleaving_gives_a_user_anothers_token(#[values(1, 2, 3, 4)] _thread: u8) {
    let exchanges = Exchanges::with_bytes(4_000, || fastrand::u64(..20));
    let (mut got, mut failed) = (0, 0);

    for _ in 0..ROUNDS {
        let mut asking = JoinSet::new();
        for _ in 0..fastrand::usize(1..6) {
            let exchanges = exchanges.clone();
            let freshness = match fastrand::u8(..3) {
                0 => Freshness::Renewed,
                _ => Freshness::Cached,
            };
            asking.spawn(async move {
                sleep(Duration::from_millis(fastrand::u64(..30))).await;
                let user_token = user(format!("user-{}", fastrand::usize(..USERS)));
                let result = exchanges.ask(&user_token, freshness).await;
                result.map(|token| assert_eq!(token, marker(&user_token)))
            });
        }
        let outcomes = asking.join_all().await;
        got += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        failed += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        sleep(Duration::from_millis(fastrand::u64(..3_000))).await;
    }

    // Both ways were gone often.
    assert!(got > ROUNDS && failed > ROUNDS / 100, "{got} {failed}");
    assert!(got + failed > CALLERS, "{got} {failed}");
}

#[tokio::test(start_paused = true)]
async fn f56_a_flood_of_users_stays_within_its_bytes_and_leaves_no_users_token() {
    const BYTES: u64 = 100_000;
    let exchanges = Exchanges::with_bytes(BYTES, || 3_600);
    let filler = "x".repeat(8 * 1024);

    for number in 0..500 {
        let user_token = user(format!("{number}.{filler}"));
        drop(exchanges.ask(&user_token, Freshness::Cached).await);

        assert_eq!(user_token.holders(), 1, "somebody keeps the user's token");
        let key = exchanges.key(&user_token);
        assert_eq!(key.size(), "a".len());
        assert!(exchanges.cache.size().1 <= BYTES);
    }
}

#[tokio::test(start_paused = true)]
async fn a_users_token_lives_as_long_as_the_flight_that_it_is_for() {
    let exchanges = Exchanges::with_bytes(1 << 20, || 3_600);
    let user_token = user("a");

    let caller = exchanges.ask(&user_token, Freshness::Cached);
    let hung_up = tokio::time::timeout(Duration::ZERO, caller).await;
    assert!(hung_up.is_err());
    let in_flight = user_token.holders();
    sleep(Duration::from_secs(1)).await;

    assert!(in_flight > 1);
    assert_eq!(user_token.holders(), 1);
}
