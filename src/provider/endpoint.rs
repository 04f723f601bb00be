//! Where tokens are asked for: known from the start, or named by the provider's metadata.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::client_auth::Recipient;
use crate::discovery::Metadata;
use crate::oauth::Error;

/// Where a provider issues tokens; what is not known from the start, its metadata tell.
#[derive(Debug)]
pub struct Endpoint {
    /// The token endpoint, if it is known.
    pub url: Option<Url>,
    /// The issuer, if it is known.
    pub issuer: Option<String>,
    /// Whether requests name the issuer, so that nobody can be asked before it is known.
    pub needs_issuer: bool,
    /// The metadata, if something is taken from them.
    pub metadata: Option<Arc<Metadata>>,
}

impl Endpoint {
    /// Whom a request goes to, after at most `patience`. Where all is known nobody waits for the metadata.
    pub(super) async fn recipient(&self, patience: Duration) -> Result<Recipient, Error> {
        let document = match &self.metadata {
            None => None,
            Some(metadata) if self.is_known() => metadata.known(),
            Some(metadata) => {
                let document = metadata.document(patience).await;
                Some(document.map_err(|cause| Error::Unreachable(Cow::Borrowed(cause)))?)
            }
        };
        let named = document
            .as_ref()
            .and_then(|known| known.token_endpoint.clone());
        let issuer = document.as_ref().and_then(|known| known.issuer.clone());
        let token_endpoint = self.url.clone().or(named);
        Ok(Recipient {
            token_endpoint: token_endpoint.ok_or(Error::Unreachable(Cow::Borrowed(
                "its metadata names no token endpoint",
            )))?,
            issuer: self.issuer.clone().or(issuer),
        })
    }

    /// Whether a request can be made without the metadata.
    fn is_known(&self) -> bool {
        self.url.is_some() && (self.issuer.is_some() || !self.needs_issuer)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::discovery::{Issuers, Member};
    use crate::oauth::ProviderName;

    fn endpoint(needs_issuer: bool, issuer: Option<&str>) -> Endpoint {
        let url = |text| Url::parse(text).unwrap();
        let metadata = Metadata::new(
            ProviderName::Maskinporten,
            url("https://login.test/metadata"),
            Issuers::default(),
            Member::Issuer,
        );
        Endpoint {
            url: Some(url("https://login.test/token")),
            issuer: issuer.map(str::to_owned),
            needs_issuer,
            metadata: Some(Arc::new(metadata)),
        }
    }

    #[rstest]
    #[case::said_in_a_variable(true, Some("https://login.test"), true)]
    #[case::of_no_account(false, None, true)]
    #[case::signed_for_and_not_known(true, None, false)]
    #[tokio::test(start_paused = true)]
    async fn nobody_is_asked_before_the_issuer_is_known_that_an_assertion_is_for(
        #[case] needs_issuer: bool,
        #[case] issuer: Option<&str>,
        #[case] is_asked: bool,
    ) {
        let endpoint = endpoint(needs_issuer, issuer);

        let recipient = endpoint.recipient(Duration::from_secs(1)).await;

        assert_eq!(recipient.is_ok(), is_asked, "{recipient:?}");
    }
}
