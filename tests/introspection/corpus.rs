//! Rows of tokens, and what must be said of each.

use crate::bad_input::assert_headers;
use crate::introspector::{Introspector, inactive};
use crate::support::Answer;

/// What is said of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Active,
    Inactive(&'static str),
}

pub const HEADER: Said = Said::Inactive("invalid token header: InvalidToken");
pub const NO_KEY_ID: Said = Said::Inactive("missing key id from token header");
pub const UNKNOWN_KEY: Said =
    Said::Inactive("token can not be validated with this identity provider");
pub const ALGORITHM: Said = Said::Inactive("invalid token: InvalidAlgorithm");
pub const SIGNATURE: Said = Said::Inactive("invalid token: InvalidSignature");
pub const CLAIM: Said = Said::Inactive("invalid token: InvalidClaim");
pub const NO_ISS: Said = Said::Inactive("invalid token: Missing required claim: iss");
pub const NO_EXP: Said = Said::Inactive("invalid token: Missing required claim: exp");
pub const NO_IAT: Said = Said::Inactive("invalid token: Missing required claim: iat");
pub const NO_AUD: Said = Said::Inactive("invalid token: Missing required claim: aud");
pub const EXPIRED: Said = Said::Inactive("invalid token: ExpiredSignature");
pub const IMMATURE: Said = Said::Inactive("invalid token: ImmatureSignature");
pub const ISSUER: Said = Said::Inactive("invalid token: InvalidIssuer");
pub const AUDIENCE: Said = Said::Inactive("invalid token: InvalidAudience");

/// A token and what is said of it.
pub struct Row {
    pub name: String,
    pub token: String,
    pub said: Said,
}

/// A table, made for one daemon.
pub type Table = fn(&Introspector) -> Vec<Row>;

pub fn row(name: impl ToString, token: impl Into<String>, said: Said) -> Row {
    let (name, token) = (name.to_string(), token.into());
    Row { name, token, said }
}

/// Rows of which all is said the same.
pub fn rows<N: ToString, T: Into<String>>(
    tokens: impl IntoIterator<Item = (N, T)>,
    said: Said,
) -> Vec<Row> {
    let tokens = tokens.into_iter();
    tokens.map(|(name, token)| row(name, token, said)).collect()
}

/// Every table that needs no daemon of its own.
pub fn tables() -> Vec<Table> {
    [
        crate::active::TABLES,
        crate::algorithms::TABLES,
        crate::claims::TABLES,
        crate::forms_of_tokens::TABLES,
        crate::headers::TABLES,
        crate::key_ids::TABLES,
        crate::parties::TABLES,
        crate::signatures::TABLES,
        crate::times::TABLES,
    ]
    .concat()
}

/// Holds the daemon to a table. Who names no provider is told the same, or that nobody's token it is.
pub async fn check(table: Table) {
    let introspector = Introspector::start().await;
    check_with(&introspector, table(&introspector)).await;
}

pub async fn check_with(introspector: &Introspector, rows: Vec<Row>) {
    assert!(!rows.is_empty());
    for Row { name, token, said } in rows {
        let named = heard(&introspector.ask(&token).await);
        let unnamed = heard(&introspector.ask_nobody(&token).await);

        assert_eq!(named, said.text(), "{name}: {token}");
        let is_nobodys = said != Said::Active && unnamed == UNKNOWN_KEY.text();
        assert!(unnamed == named || is_nobodys, "{name}: {unnamed}");
    }
}

/// The whole body if it says that the token is not valid; else that it is.
pub fn heard(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_headers(answer);
    match answer.json()["active"] == true {
        true => "active".to_owned(),
        false => answer.text(),
    }
}

impl Said {
    fn text(self) -> String {
        match self {
            Self::Active => "active".to_owned(),
            Self::Inactive(error) => inactive(error),
        }
    }
}
