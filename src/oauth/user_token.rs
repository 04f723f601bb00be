//! The token of a user on whose behalf another one is asked for (RFC 8693 `subject_token`, RFC 7523 `assertion`).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::secret::Secret;

/// What is got for a token that cannot be read is kept no longer than this: it may have ended by then.
const KEPT_IF_OPAQUE: Duration = Duration::from_secs(60);

/// A user's token. It is no key, is never logged, and lives only as long as the fetch that it is for.
#[derive(Clone)]
pub struct UserToken(Arc<Secret>);

/// The one claim that is read, without trust: it can only shorten how long something is kept.
#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

impl UserToken {
    /// The token as the user brought it.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(Arc::new(Secret::from(token)))
    }

    /// The token itself. Call it only where the bytes leave the process.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// How many hold it.
    #[cfg(test)]
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// For how long what is got on the user's behalf may be kept: until the token's own `exp`, which may have passed;
    /// for an opaque one [`KEPT_IF_OPAQUE`].
    #[must_use]
    pub fn remaining(&self, now: SystemTime) -> Duration {
        let Some(expiry) = self.expiry() else {
            return KEPT_IF_OPAQUE;
        };
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let elapsed = now.map_or(0.0, |since| since.as_secs_f64());
        let seconds = (expiry - elapsed).clamp(0.0, f64::from(u32::MAX));
        Duration::from_secs_f64(seconds)
    }

    /// `exp` in seconds since 1970, if the token is a JWT that has one.
    fn expiry(&self) -> Option<f64> {
        let mut parts = self.expose().split('.');
        let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next())
        else {
            return None;
        };
        let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: Claims = serde_json::from_slice(&json).ok()?;
        Some(claims.exp)
    }
}

impl fmt::Debug for UserToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn remaining(token: String) -> Duration {
        let now = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1000));
        let now = now.unwrap();
        UserToken::new(token).remaining(now)
    }

    fn jwt(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    #[rstest]
    #[case(r#"{"exp":1600}"#, 600)]
    #[case(r#"{"exp":1600.0}"#, 600)]
    #[case(r#"{"exp":1000}"#, 0)]
    #[case(r#"{"exp":1}"#, 0)]
    #[case(r#"{"exp":-1}"#, 0)]
    #[case(r#"{"exp":1e300}"#, u64::from(u32::MAX))]
    fn x4_what_is_got_is_kept_until_the_users_own_token_ends(
        #[case] claims: &str,
        #[case] seconds: u64,
    ) {
        assert_eq!(remaining(jwt(claims)), Duration::from_secs(seconds));
    }

    #[rstest]
    #[case("opaque".to_owned())]
    #[case("a.b".to_owned())]
    #[case("a.b.c.d.e".to_owned())]
    #[case(jwt("not json"))]
    #[case(jwt("{}"))]
    #[case(jwt(r#"{"exp":"1600"}"#))]
    #[case(jwt(r#"{"exp":null}"#))]
    fn x3_what_is_got_for_an_opaque_token_is_kept_for_a_minute(#[case] token: String) {
        assert_eq!(remaining(token), KEPT_IF_OPAQUE);
    }
}
