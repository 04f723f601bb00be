//! The app as a provider knows it.

use super::AssertionRules;

/// One provider's client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its client id.
    pub id: String,
    /// How it signs assertions there.
    pub assertions: AssertionRules,
}
