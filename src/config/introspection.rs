//! What introspection of a provider's tokens needs to know.

use url::Url;

use super::endpoint::issuer;
use super::problem::{Noted, Problems};
use super::value::{entries, printable};
use super::variables::Given;

/// What introspection of a provider's tokens needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntrospectionConfig {
    /// Issuers that are accepted besides the provider's own.
    pub accepted_issuers: Vec<String>,
    /// The audiences that are this app; `None`: a token may be for anybody.
    pub audiences: Option<Vec<String>>,
    /// Where the keys are, if that is known without metadata.
    pub jwks_uri: Option<Url>,
}

impl IntrospectionConfig {
    /// Nothing, if neither these settings nor the metadata could tell issuer and keys.
    pub(super) fn if_possible(
        self,
        issuer: Option<&String>,
        metadata: Option<&Url>,
    ) -> Option<Self> {
        let has_issuer = issuer.is_some() || !self.accepted_issuers.is_empty();
        let is_complete = has_issuer && self.jwks_uri.is_some();
        (is_complete || metadata.is_some()).then_some(self)
    }

    /// The same, with the client id as the first of the audiences.
    pub(super) fn also_for(mut self, client_id: &str) -> Self {
        if let Some(audiences) = &mut self.audiences {
            audiences.insert(0, client_id.to_owned());
        }
        self
    }
}

/// A comma list of printable texts.
pub(super) fn texts(given: &Given<String>, problems: &mut Problems) -> Result<Vec<String>, Noted> {
    let texts = given.optional(problems, |text| entries(text).map(printable).collect())?;
    Ok(texts.unwrap_or_default())
}

/// A comma list of issuers.
pub(super) fn issuers(
    given: &Given<String>,
    plain_http_hosts: &[String],
    problems: &mut Problems,
) -> Result<Vec<String>, Noted> {
    let issuers = given.optional(problems, |text| {
        entries(text)
            .map(|entry| issuer(entry, plain_http_hosts))
            .collect()
    })?;
    Ok(issuers.unwrap_or_default())
}

#[cfg(test)]
#[path = "introspection_tests.rs"]
mod tests;
