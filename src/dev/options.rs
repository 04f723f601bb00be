//! What an identity provider is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crate::clock::Clock;
use crate::secret::Secret;

use super::{FederatedIssuer, RegisteredKey, SigningKey};

/// The provider's one tenant, unless [`Options`] name another.
pub const TENANT_ID: &str = "7e9a0000-1a2b-4c3d-8e4f-00000000d0e5";

/// The provider's one client, unless [`Options`] name another.
pub const CLIENT_ID: &str = "c11e0000-1a2b-4c3d-8e4f-00000000d0e5";

/// What an identity provider is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens: loopback only. Default: any free port of 127.0.0.1.
    pub address: SocketAddr,
    /// The one tenant that exists, a GUID.
    pub tenant_id: String,
    /// The one client that exists, a GUID.
    pub client_id: String,
    /// The secrets that are accepted. Empty: one is made at random.
    pub client_secrets: Vec<Secret>,
    /// The keys by which the client may sign assertions.
    pub registered_keys: Vec<RegisteredKey>,
    /// The other issuer whose tokens stand for the client.
    pub federation: Option<FederatedIssuer>,
    /// The key that signs. None: one is made when it is first needed.
    pub signing_key: Option<Arc<SigningKey>>,
    /// Tells the time for the tokens' claims.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            tenant_id: TENANT_ID.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secrets: Vec::new(),
            registered_keys: Vec::new(),
            federation: None,
            signing_key: None,
            clock: Clock::system(),
        }
    }
}

/// An identifier; nothing secret.
pub(super) fn random_guid() -> String {
    // Version 4, variant 1 (RFC 9562 §5.4).
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let (mut rest, mut guid) = (hex.as_str(), String::with_capacity(36));
    for length in [8, 4, 4, 4] {
        let (part, behind) = rest.split_at(length);
        guid.push_str(part);
        guid.push('-');
        rest = behind;
    }
    guid.push_str(rest);
    guid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_of_version_4_and_differ() {
        let guid = random_guid();

        assert_eq!(guid.len(), 36);
        assert_eq!(guid.as_bytes()[14], b'4');
        assert!(matches!(guid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_ne!(guid, random_guid());
    }
}
