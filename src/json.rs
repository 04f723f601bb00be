//! JSON that nobody needs, read all the same: it must be well-formed and not too deep.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON value, read and dropped. Unlike serde's `IgnoredAny` it is subject to the parser's limit on
/// depth (128), to its check of UTF-8, and to the range of numbers.
#[derive(Debug)]
pub struct Bounded;

impl<'de> Deserialize<'de> for Bounded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BoundedVisitor)
    }
}

struct BoundedVisitor;

impl<'de> Visitor<'de> for BoundedVisitor {
    type Value = Bounded;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Bounded, E> {
        Ok(Bounded)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Bounded, E> {
        Ok(Bounded)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Bounded, E> {
        Ok(Bounded)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Bounded, E> {
        Ok(Bounded)
    }

    fn visit_str<E>(self, _: &str) -> Result<Bounded, E> {
        Ok(Bounded)
    }

    fn visit_unit<E>(self) -> Result<Bounded, E> {
        Ok(Bounded)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Bounded, A::Error> {
        while items.next_element::<Bounded>()?.is_some() {}
        Ok(Bounded)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Bounded, A::Error> {
        while members.next_entry::<Bounded, Bounded>()?.is_some() {}
        Ok(Bounded)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Bounded;

    #[rstest]
    #[case("{\"a\":[1,-2,3.5,true,null,\"b\",{}]}", true)]
    #[case("{\"a\":\"\\ud800\"}", false)]
    #[case("{\"a\":1e400}", false)]
    #[case("{\"a\":NaN}", false)]
    #[case("{}{}", false)]
    fn well_formed_json_is_read(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(serde_json::from_str::<Bounded>(text).is_ok(), expected);
    }

    #[test]
    fn deep_json_is_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));

        assert!(serde_json::from_str::<Bounded>(&nested(100)).is_ok());
        assert!(serde_json::from_str::<Bounded>(&nested(10_000)).is_err());
    }
}
