//! What is in an access token of Entra's, version 2.0:
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use std::time::SystemTime;

use serde::Serialize;

use super::options::random_guid;

/// Seconds for which a token is said to live.
pub(super) const LIFETIME: u32 = 3599;

/// Seconds by which Entra dates a token back, for the sake of clocks that are late.
const BACKDATING: u64 = 300;

/// The claims of a token for the app itself.
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    aio: String,
    azp: &'a str,
    azpacr: &'static str,
    oid: &'a str,
    rh: String,
    roles: [&'static str; 1],
    sub: &'a str,
    tid: &'a str,
    uti: String,
    ver: &'static str,
}

/// Who the token is about, and who says so.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) issuer: &'a str,
    pub(super) tenant_id: &'a str,
    pub(super) client_id: &'a str,
    pub(super) object_id: &'a str,
    /// How the client showed who it is: `azpacr`.
    pub(super) proof: &'static str,
}

impl<'a> Claims<'a> {
    /// Claims that are in no other token.
    pub(super) fn new(subject: &Subject<'a>, audience: &'a str, now: SystemTime) -> Self {
        let now = seconds(now);
        let begin = now.saturating_sub(BACKDATING);
        Self {
            aud: audience,
            iss: subject.issuer,
            iat: begin,
            nbf: begin,
            exp: now.saturating_add(u64::from(LIFETIME)),
            aio: random_guid(),
            azp: subject.client_id,
            azpacr: subject.proof,
            oid: subject.object_id,
            rh: random_guid(),
            roles: ["access_as_application"],
            sub: subject.object_id,
            tid: subject.tenant_id,
            uti: random_guid(),
            ver: "2.0",
        }
    }
}

fn seconds(now: SystemTime) -> u64 {
    now.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
