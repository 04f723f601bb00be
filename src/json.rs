//! JSON that is checked as a whole before, or without, anything being taken from it.

mod canonical;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

pub use canonical::{NotCanonical, canonical};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Any JSON value, read and dropped. Unlike serde's `IgnoredAny` it is subject to the parser's limit on
/// depth (128), to its check of UTF-8, and to the range of numbers.
pub type Bounded = Checked<Repeatable>;

/// As [`Bounded`], and no object in it, at any depth, has a name twice: two readers could disagree on which
/// counts (RFC 8259 §4).
pub type Unambiguous = Checked<Unique>;

/// A value that was read and dropped; `N` says what holds for the names in its objects.
#[derive(Debug)]
pub struct Checked<N>(PhantomData<N>);

/// Names may come twice.
#[derive(Debug)]
pub enum Repeatable {}

/// Names may not come twice.
#[derive(Debug)]
pub enum Unique {}

/// What holds for the names of one object.
pub trait Names {
    /// What is remembered of an object's names.
    type Seen<'de>: Default;
    /// A name as it is read.
    type Name<'de>: Deserialize<'de>;

    /// Whether the name may stand beside those before it.
    fn admits<'de>(seen: &mut Self::Seen<'de>, name: Self::Name<'de>) -> bool;
}

impl Names for Repeatable {
    type Seen<'de> = ();
    type Name<'de> = Bounded;

    fn admits(_: &mut (), _: Bounded) -> bool {
        true
    }
}

impl Names for Unique {
    type Seen<'de> = HashSet<Name<'de>>;
    type Name<'de> = Name<'de>;

    fn admits<'de>(seen: &mut HashSet<Name<'de>>, name: Name<'de>) -> bool {
        seen.insert(name)
    }
}

/// A member's name, its escapes resolved; borrowed unless it has any.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Name<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

impl<'de, N: Names> Deserialize<'de> for Checked<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CheckedVisitor(PhantomData))
    }
}

struct CheckedVisitor<N>(PhantomData<N>);

impl<'de, N: Names> Visitor<'de> for CheckedVisitor<N> {
    type Value = Checked<N>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Checked<N>, E> {
        Ok(Checked(PhantomData))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Checked<N>, E> {
        Ok(Checked(PhantomData))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Checked<N>, E> {
        Ok(Checked(PhantomData))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Checked<N>, E> {
        Ok(Checked(PhantomData))
    }

    fn visit_str<E>(self, _: &str) -> Result<Checked<N>, E> {
        Ok(Checked(PhantomData))
    }

    fn visit_unit<E>(self) -> Result<Checked<N>, E> {
        Ok(Checked(PhantomData))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked<N>, A::Error> {
        while items.next_element::<Checked<N>>()?.is_some() {}
        Ok(Checked(PhantomData))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Checked<N>, A::Error> {
        let mut seen = N::Seen::default();
        while let Some(name) = members.next_key::<N::Name<'de>>()? {
            if !N::admits(&mut seen, name) {
                return Err(A::Error::custom("a name is given twice"));
            }
            members.next_value::<Checked<N>>()?;
        }
        Ok(Checked(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Bounded, Unambiguous};

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

    #[rstest]
    #[case("{\"a\":1,\"b\":[{\"a\":1},{\"a\":2}]}", true)]
    #[case("{\"a\":1,\"a\":1}", false)]
    #[case("{\"a\":1,\"\\u0061\":1}", false)]
    #[case("{\"x\":[{\"a\":1,\"a\":1}]}", false)]
    fn a_name_given_twice_is_ambiguous_at_any_depth(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(serde_json::from_str::<Unambiguous>(text).is_ok(), expected);
        assert!(serde_json::from_str::<Bounded>(text).is_ok());
    }
}
