//! A token's claims, read once its signature has been verified, and held against the rules (RFC 7519 §4.1).

use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

use super::Reason;
use super::rules::{Audience, Rules};
use super::times::{NumericDate, Times};
use crate::json::{Name, Unambiguous};

/// Claims that would pass for members of the answer.
const OURS: [&str; 2] = ["active", "error"];

/// The members of a payload that is one JSON object without ambiguity, each value as it was written.
#[derive(Debug)]
pub(super) struct Claims<'a>(Vec<(Name<'a>, &'a RawValue)>);

impl<'a> Claims<'a> {
    pub(super) fn read(payload: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(payload).ok()?;
        serde_json::from_str::<Unambiguous>(text).ok()?;
        serde_json::from_str(text).ok()
    }

    /// `iss`, if it is a string.
    pub(super) fn issuer(&self) -> Option<String> {
        self.get("iss")
    }

    /// Holds the claims against the rules, in the order of contract §2. The issuer is passed on to `is_keys_issuer`,
    /// for a key may be that of one issuer only.
    pub(super) fn check(
        &self,
        rules: &Rules,
        is_keys_issuer: impl FnOnce(&str) -> bool,
        now: NumericDate,
    ) -> Result<Times, Reason> {
        let issuer = self.issuer().ok_or(Reason::Missing("iss"))?;
        let times = self.times()?;
        let audiences = match &rules.audience {
            Audience::OneOf(_) => self.audiences().ok_or(Reason::Missing("aud"))?,
            Audience::Anybody => Vec::new(),
        };
        times.check(now)?;
        if !rules.issuers.contains(&issuer) || !is_keys_issuer(&issuer) {
            return Err(Reason::Issuer);
        }
        if let Audience::OneOf(ours) = &rules.audience
            && !audiences.iter().any(|audience| ours.contains(audience))
        {
            return Err(Reason::Audience);
        }
        let has_odd_begin = self.raw("nbf").is_some() && times.not_before.is_none();
        if has_odd_begin || !times.are_sane() {
            return Err(Reason::Claims);
        }
        Ok(times)
    }

    fn times(&self) -> Result<Times, Reason> {
        Ok(Times {
            expires: NumericDate::end(&self.number("exp").ok_or(Reason::Missing("exp"))?),
            issued: NumericDate::begin(&self.number("iat").ok_or(Reason::Missing("iat"))?),
            not_before: self.number("nbf").as_ref().map(NumericDate::begin),
        })
    }

    /// One string, or an array of strings and nothing else.
    fn audiences(&self) -> Option<Vec<String>> {
        let one: Option<String> = self.get("aud");
        one.map(|audience| vec![audience])
            .or_else(|| self.get("aud"))
    }

    fn number(&self, name: &str) -> Option<Number> {
        self.get(name)
    }

    fn get<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().find(|(found, _)| found.0 == name)?;
        Some(value)
    }

    /// The answer for a token that is valid: the claims with the values that the token has, to the letter.
    pub(super) fn answer(&self) -> Bytes {
        let room = |(name, value): &(Name<'_>, &RawValue)| {
            name.0
                .len()
                .saturating_add(value.get().len())
                .saturating_add(4)
        };
        let length = self.0.iter().map(room).fold(16, usize::saturating_add);
        let mut answer = Vec::with_capacity(length);
        answer.extend_from_slice(br#"{"active":true"#);
        for (name, value) in &self.0 {
            if OURS.contains(&name.0.as_ref()) {
                continue;
            }
            answer.push(b',');
            // A Vec takes whatever is written to it, and every string can be written.
            let _ = serde_json::to_writer(&mut answer, &name.0);
            answer.push(b':');
            answer.extend_from_slice(value.get().as_bytes());
        }
        answer.push(b'}');
        Bytes::from(answer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Claims<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

struct ClaimsVisitor;

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = Claims<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Claims<'de>, A::Error> {
        let mut claims = Vec::new();
        while let Some(member) = members.next_entry()? {
            claims.push(member);
        }
        Ok(Claims(claims))
    }
}
