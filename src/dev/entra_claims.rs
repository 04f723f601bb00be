//! What is in an access token of Entra's, version 2.0:
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use std::io;
use std::time::SystemTime;

use serde::Serialize;

use super::jwt::seconds;
use super::mint;
use super::options::random_guid;
use super::routes::Tenant;

/// Seconds for which a token is said to live.
pub(super) const LIFETIME: u32 = 3599;

/// Seconds by which Entra dates a token back, for the sake of clocks that are late.
const BACKDATING: u64 = 300;

/// The claims of a token for the app itself.
#[derive(Debug, Serialize)]
struct Claims<'a> {
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
struct Subject<'a> {
    issuer: &'a str,
    tenant_id: &'a str,
    client_id: &'a str,
    object_id: &'a str,
    /// How the client showed who it is: `azpacr`.
    proof: &'static str,
}

impl<'a> Claims<'a> {
    /// Claims that are in no other token.
    fn new(subject: &Subject<'a>, audience: &'a str, now: SystemTime) -> Self {
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

impl Tenant {
    /// The claims of a token for `audience`, in no other.
    pub(super) fn claims(
        &self,
        audience: &str,
        proof: &'static str,
        now: SystemTime,
    ) -> io::Result<mint::Claims> {
        let subject = Subject {
            issuer: &self.endpoints.issuer,
            tenant_id: &self.id,
            client_id: &self.client_id,
            object_id: &self.object_id,
            proof,
        };
        let claims = serde_json::to_value(Claims::new(&subject, audience, now))?;
        Ok(serde_json::from_value(claims)?)
    }

    /// The claims of a good token for the app.
    pub(super) fn usual_claims(&self) -> io::Result<mint::Claims> {
        self.claims(&self.client_id, "1", self.now())
    }
}
