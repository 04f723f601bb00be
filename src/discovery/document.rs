//! The metadata document: which of its members are used, and when it is refused.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::http_client::Answer;
use crate::json::Bounded;

/// Stands for any tenant in the issuer of metadata that Entra gives out for all tenants alike.
const ANY_TENANT: &str = "{tenantid}";

/// What was read from a metadata document.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// `issuer`; absent where it stands for every tenant.
    pub issuer: Option<String>,
    /// `token_endpoint`.
    pub token_endpoint: Option<Url>,
    /// `jwks_uri`.
    pub jwks_uri: Option<Url>,
    /// `id_token_signing_alg_values_supported`, as they are written there.
    pub algorithms: Vec<String>,
}

/// The issuers that were configured, which a document must not contradict.
#[derive(Clone, Debug, Default)]
pub struct Issuers {
    /// The one that the document must name.
    pub own: Option<String>,
    /// Further ones whose tokens are taken.
    pub accepted: Vec<String>,
}

/// A member without which the document is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `issuer`, which every document has.
    Issuer,
    /// `token_endpoint`.
    TokenEndpoint,
}

#[derive(Deserialize)]
struct Raw {
    issuer: String,
    token_endpoint: Option<Url>,
    jwks_uri: Option<Url>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Value,
}

impl Document {
    /// Reads an answer, or says in a fixed text why the document is refused.
    pub(super) fn read(
        answer: &Answer,
        issuers: &Issuers,
        needed: Member,
    ) -> Result<Self, &'static str> {
        if answer.status != 200 || serde_json::from_slice::<Bounded>(&answer.body).is_err() {
            return Err("its metadata is not a JSON document");
        }
        let raw: Raw = serde_json::from_slice(&answer.body)
            .map_err(|_| "its metadata names no issuer, or an endpoint that is not a URL")?;
        if needed == Member::TokenEndpoint && raw.token_endpoint.is_none() {
            return Err("its metadata names no token endpoint");
        }
        let is_plain = raw.issuer.starts_with("http://");
        Ok(Self {
            token_endpoint: endpoint(raw.token_endpoint, is_plain)?,
            jwks_uri: endpoint(raw.jwks_uri, is_plain)?,
            algorithms: texts(raw.id_token_signing_alg_values_supported),
            issuer: issuers.check(raw.issuer)?,
        })
    }
}

impl Issuers {
    /// The document's issuer, unless it is that of every tenant.
    fn check(&self, issuer: String) -> Result<Option<String>, &'static str> {
        match (&self.own, issuer.split_once(ANY_TENANT)) {
            (None, None) => Ok(Some(issuer)),
            (Some(own), None) if *own == issuer => Ok(Some(issuer)),
            (Some(own), Some((before, behind)))
                if own.starts_with(before) && own.ends_with(behind) =>
            {
                Ok(None)
            }
            (None, Some(_)) if !self.accepted.is_empty() => Ok(None),
            (None, Some(_)) => Err(
                "its metadata is that of every tenant ({tenantid} in its issuer), so anybody's tokens would be \
                 taken: use the metadata of one tenant, or name the issuers to accept (AZURE_APP_ACCEPTED_ISSUERS)",
            ),
            (Some(_), _) => Err("its metadata names another issuer than the configured one"),
        }
    }
}

/// An endpoint may lie on another origin, but is plain http only where the issuer is, too.
fn endpoint(url: Option<Url>, is_plain_allowed: bool) -> Result<Option<Url>, &'static str> {
    let Some(url) = url else { return Ok(None) };
    // The client would send them as its own credentials.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its metadata names an endpoint with a user or password in it");
    }
    match url.scheme() {
        "https" => Ok(Some(url)),
        "http" if is_plain_allowed => Ok(Some(url)),
        _ => Err("its metadata names an endpoint that is not https"),
    }
}

/// The strings of an array; what is of another shape names nothing.
fn texts(value: Value) -> Vec<String> {
    match value {
        Value::Array(items) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn read(document: &Value, issuers: &Issuers) -> Result<Document, &'static str> {
        let answer = Answer {
            status: 200,
            body: document.to_string().into_bytes().into(),
            content_type: None,
            retry_after: None,
            date: None,
        };
        Document::read(&answer, issuers, Member::Issuer)
    }

    fn issuers(own: Option<&str>, accepted: &[&str]) -> Issuers {
        Issuers {
            own: own.map(str::to_owned),
            accepted: accepted.iter().map(|&text| text.to_owned()).collect(),
        }
    }

    #[rstest]
    #[case(None, true)]
    #[case(Some("https://login.test"), true)]
    #[case(Some("https://login.test/"), false)]
    #[case(Some("https://other.test"), false)]
    fn k14_an_issuer_other_than_the_configured_one_is_refused(
        #[case] own: Option<&str>,
        #[case] is_taken: bool,
    ) {
        let document =
            json!({"issuer": "https://login.test", "token_endpoint": "https://login.test/token"});

        assert_eq!(read(&document, &issuers(own, &[])).is_ok(), is_taken);
    }

    #[rstest]
    #[case("https://login.test", "https://elsewhere.test/x", true)]
    #[case("https://login.test", "http://login.test/x", false)]
    #[case("https://login.test", "http://127.0.0.1/x", false)]
    #[case("https://login.test", "http://169.254.169.254/x", false)]
    #[case("https://login.test", "file:///etc/passwd", false)]
    #[case("https://login.test", "https://user:word@login.test/x", false)]
    #[case("https://login.test", "https://user@login.test/x", false)]
    #[case("http://127.0.0.1:1", "http://127.0.0.1:2/x", true)]
    #[case("http://127.0.0.1:1", "https://login.test/x", true)]
    fn k15_an_endpoint_is_https_or_as_plain_as_its_issuer(
        #[case] issuer: &str,
        #[case] url: &str,
        #[case] is_taken: bool,
        #[values("token_endpoint", "jwks_uri")] name: &str,
    ) {
        let document = json!({"issuer": issuer, name: url});

        assert_eq!(read(&document, &Issuers::default()).is_ok(), is_taken);
    }

    const TEMPLATE: &str = "https://login.test/{tenantid}/v2.0";

    #[rstest]
    #[case(None, &[], false)]
    #[case(None, &["https://login.test/a/v2.0"], true)]
    #[case(Some("https://login.test/a/v2.0"), &[], true)]
    #[case(Some("https://evil.test/a/v2.0"), &[], false)]
    fn metadata_of_every_tenant_is_refused_unless_issuers_are_named(
        #[case] own: Option<&str>,
        #[case] accepted: &[&str],
        #[case] is_taken: bool,
    ) {
        let document = json!({"issuer": TEMPLATE, "jwks_uri": "https://login.test/keys"});

        let read = read(&document, &issuers(own, accepted));

        assert_eq!(
            read.map(|document| document.issuer).ok(),
            is_taken.then_some(None)
        );
    }

    /// Azure AD B2C: the policy stands in the path or in a query, and the issuer ends in a slash.
    #[rstest]
    #[case("https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1a_signin/oauth2/v2.0/token")]
    #[case(
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/oauth2/v2.0/token?p=b2c_1a_signin"
    )]
    fn a_policy_is_kept_as_the_metadata_have_it(#[case] endpoint: &str) {
        let issuer = "https://contoso.b2clogin.com/8f8e2f2c-0f0b-4d3f-9a51-3d1f6f0c8a11/v2.0/";
        let document = json!({"issuer": issuer, "token_endpoint": endpoint});

        let read = read(&document, &Issuers::default()).unwrap();

        assert_eq!(read.token_endpoint.unwrap().as_str(), endpoint);
        assert_eq!(read.issuer.as_deref(), Some(issuer));
    }

    #[test]
    fn algorithms_of_another_shape_are_none() {
        for value in [json!("RS256"), json!({}), json!(null), json!([1])] {
            let document =
                json!({"issuer": "https://a.test", "id_token_signing_alg_values_supported": value});

            assert!(
                read(&document, &Issuers::default())
                    .unwrap()
                    .algorithms
                    .is_empty()
            );
        }
    }
}
