//! The fields of a request as they came, JSON or form, before they mean anything.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::media_type::MediaType;
use super::problem::Problem;
use crate::json::Bounded;

/// One field's value.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Field<'a> {
    /// Not there, or `null`.
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Boolean(bool),
    /// Anything else: a number, an array, an object.
    Other(Value),
}

/// Every field that is known; what else came was read and dropped.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) identity_provider: Field<'a>,
    pub(super) target: Field<'a>,
    pub(super) resource: Field<'a>,
    pub(super) authorization_details: Field<'a>,
    pub(super) skip_cache: Field<'a>,
}

/// The names of the fields, as on the wire.
pub(super) const NAMES: [&str; 5] = [
    "identity_provider",
    "target",
    "resource",
    "authorization_details",
    "skip_cache",
];

impl<'a> Fields<'a> {
    /// Reads a body. In a form every value is text, and one without text is absent (RFC 6749 §3.2).
    pub(super) fn read(media_type: MediaType, body: &'a [u8]) -> Result<Self, Problem> {
        match media_type {
            MediaType::Json => Self::read_json(body),
            MediaType::Form => Self::read_form(body),
        }
    }

    fn read_json(body: &'a [u8]) -> Result<Self, Problem> {
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::request("the body is not a JSON object"));
        }
        serde_json::from_slice(body).map_err(|error| {
            let reason = match error.classify() {
                serde_json::error::Category::Data => error.to_string(),
                _ => format!(
                    "the body is not valid JSON at line {} column {}",
                    error.line(),
                    error.column()
                ),
            };
            Problem::Request(reason)
        })
    }

    fn read_form(body: &'a [u8]) -> Result<Self, Problem> {
        let pairs: Vec<(Cow<'a, str>, Cow<'a, str>)> = serde_urlencoded::from_bytes(body)
            .map_err(|_| Problem::request("the body is not a form"))?;
        let mut fields = Self::default();
        let mut seen = Seen::default();
        for (name, value) in pairs {
            let Some((position, field)) = fields.by_name(&name) else {
                continue;
            };
            seen.note(position).map_err(Problem::Request)?;
            if value.contains(char::REPLACEMENT_CHARACTER) {
                let name = NAMES.get(position).copied().unwrap_or_default();
                return Err(Problem::Request(format!("field `{name}` is not UTF-8")));
            }
            *field = form_field(position, value);
        }
        Ok(fields)
    }

    fn by_name(&mut self, name: &str) -> Option<(usize, &mut Field<'a>)> {
        let position = NAMES.iter().position(|known| *known == name)?;
        let field = match position {
            0 => &mut self.identity_provider,
            1 => &mut self.target,
            2 => &mut self.resource,
            3 => &mut self.authorization_details,
            _ => &mut self.skip_cache,
        };
        Some((position, field))
    }
}

/// In a form, the one boolean is spelled out.
fn form_field(position: usize, value: Cow<'_, str>) -> Field<'_> {
    let is_boolean = NAMES.get(position) == Some(&"skip_cache");
    match value.as_ref() {
        "" => Field::Absent,
        "true" if is_boolean => Field::Boolean(true),
        "false" if is_boolean => Field::Boolean(false),
        _ => Field::Text(value),
    }
}

/// Which known fields have come, for none may come twice: two readers could disagree on which counts.
#[derive(Default)]
struct Seen([bool; NAMES.len()]);

impl Seen {
    fn note(&mut self, position: usize) -> Result<(), String> {
        match self.0.get_mut(position) {
            Some(seen) if !*seen => {
                *seen = true;
                Ok(())
            }
            _ => Err(format!(
                "field `{}` is given twice",
                NAMES.get(position).copied().unwrap_or_default()
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        let mut seen = Seen::default();
        while let Some(name) = members.next_key::<Name<'de>>()? {
            match fields.by_name(&name.0) {
                Some((position, field)) => {
                    seen.note(position).map_err(de::Error::custom)?;
                    *field = members.next_value()?;
                }
                None => drop(members.next_value::<Bounded>()?),
            }
        }
        Ok(fields)
    }
}

/// A member's name, borrowed unless it holds escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(FieldVisitor)? {
            Field::Text(text) => Ok(Self(text)),
            _ => Err(de::Error::custom("a name is not a string")),
        }
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Field<'de>, E> {
        Ok(Field::Boolean(value))
    }

    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Absent)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field<'de>, E> {
        Ok(Field::Other(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field<'de>, E> {
        Ok(Field::Other(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field<'de>, E> {
        Ok(Field::Other(number.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Field<'de>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Field<'de>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(Field::Other)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn json_fields(body: &str) -> Result<Fields<'_>, Problem> {
        Fields::read(MediaType::Json, body.as_bytes())
    }

    fn form_fields(body: &str) -> Result<Fields<'_>, Problem> {
        Fields::read(MediaType::Form, body.as_bytes())
    }

    fn reason(result: Result<Fields<'_>, Problem>) -> String {
        match result {
            Err(Problem::Request(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fields_keep_their_json_types() {
        let fields = json_fields(
            r#"{"target":"t","resource":null,"skip_cache":true,"authorization_details":[{"b":1}]}"#,
        )
        .unwrap();

        assert_eq!(fields.target, Field::Text("t".into()));
        assert_eq!(fields.resource, Field::Absent);
        assert_eq!(fields.skip_cache, Field::Boolean(true));
        assert_eq!(
            fields.authorization_details,
            Field::Other(json!([{"b": 1}]))
        );
        assert_eq!(fields.identity_provider, Field::Absent);
    }

    #[rstest]
    #[case(r#"{"target":"a","target":"b"}"#)]
    #[case(r#"{"target":"a","t\u0061rget":"a"}"#)]
    #[case(r#"{"target":null,"target":"b"}"#)]
    fn h11_a_known_field_given_twice_is_refused(#[case] body: &str) {
        assert!(reason(json_fields(body)).starts_with("field `target` is given twice"));
    }

    #[rstest]
    #[case::empty("")]
    #[case::array("[]")]
    #[case::not_a_number(r#"{"a":NaN}"#)]
    #[case::trailing_comma(r#"{"a":1,}"#)]
    #[case::comment("{/**/}")]
    #[case::byte_order_mark("\u{feff}{}")]
    #[case::two_documents("{}{}")]
    #[case::lone_surrogate(r#"{"a":"\ud800"}"#)]
    #[case::deep_unknown_field(&format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)))]
    #[case::deep_known_field(&format!("{{\"target\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)))]
    fn h11_odd_json_is_refused(#[case] body: &str) {
        assert!(reason(json_fields(body)).starts_with("the body is not"));
    }

    #[test]
    fn h11_invalid_utf_8_is_refused() {
        for body in [
            &b"{\"target\":\"\xff\"}"[..],
            b"{\"x\":\"\xff\"}",
            b"{\"\xff\":1}",
        ] {
            assert!(Fields::read(MediaType::Json, body).is_err());
        }
    }

    #[test]
    fn h12_forms_are_decoded_once() {
        let fields = form_fields("target=a+b%20c%2526&resource=&=x&a=b").unwrap();

        assert_eq!(fields.target, Field::Text("a b c%26".into()));
        assert_eq!(fields.resource, Field::Absent);
    }

    #[rstest]
    #[case("target=a&target=b")]
    #[case("target=a&t%61rget=a")]
    fn h12_a_known_field_given_twice_in_a_form_is_refused(#[case] body: &str) {
        assert_eq!(reason(form_fields(body)), "field `target` is given twice");
    }

    #[test]
    fn h12_a_form_field_that_is_not_utf_8_is_refused() {
        assert_eq!(
            reason(form_fields("target=%ff")),
            "field `target` is not UTF-8"
        );
    }

    #[test]
    fn t7_the_boolean_of_a_form_is_spelled_out() {
        assert_eq!(
            form_fields("skip_cache=true").unwrap().skip_cache,
            Field::Boolean(true)
        );
        assert_eq!(
            form_fields("skip_cache=false").unwrap().skip_cache,
            Field::Boolean(false)
        );
        assert_eq!(
            form_fields("skip_cache=1").unwrap().skip_cache,
            Field::Text("1".into())
        );
    }

    #[test]
    fn h13_unknown_fields_are_ignored() {
        assert!(json_fields(r#"{"x":1,"x":{"y":[2]}}"#).is_ok());
        assert!(form_fields(&"x=1&".repeat(10_000)).is_ok());
    }
}
