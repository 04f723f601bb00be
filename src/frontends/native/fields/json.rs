//! A body as JSON: every byte is read, only the known fields are kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Field, Fields, Known, Route, Seen};
use crate::frontends::native::problem::Problem;
use crate::json::{Bounded, Name};

/// Reads one JSON object.
pub(super) fn read(body: &[u8], route: Route) -> Result<Fields<'_>, Problem> {
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::request("the body is not a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let fields = OfRoute(route).deserialize(&mut deserializer);
    let fields = fields.and_then(|fields| deserializer.end().map(|()| fields));
    fields.map_err(|error| {
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

/// Reads the fields that a route knows.
struct OfRoute(Route);

impl<'de> DeserializeSeed<'de> for OfRoute {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OfRoute {
    type Value = Fields<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        let mut seen = Seen::default();
        while let Some(name) = members.next_key::<Name<'de>>()? {
            match Known::parse(&name.0, self.0) {
                Some(known) => {
                    seen.note(known).map_err(de::Error::custom)?;
                    *fields.place(known) = match known {
                        Known::AuthorizationDetails => members.next_value::<Written<'de>>()?.0,
                        _ => members.next_value()?,
                    };
                }
                None => {
                    members.next_value::<Bounded>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// The one field that is kept as it was written, for its numbers and names must stay what they are. Whoever uses it
/// sees whether it is sound.
struct Written<'a>(Field<'a>);

impl<'de> Deserialize<'de> for Written<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = <&RawValue>::deserialize(deserializer)?.get();
        Ok(Self(match serde_json::from_str(written) {
            Err(_) | Ok(Field::Other(_)) => Field::Other(written),
            Ok(simple) => simple,
        }))
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

/// Of what is neither text nor a boolean nothing is kept.
const OTHER: Field<'static> = Field::Other("");

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

    fn visit_i64<E>(self, _: i64) -> Result<Field<'de>, E> {
        Ok(OTHER)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Field<'de>, E> {
        Ok(OTHER)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field<'de>, E> {
        Ok(OTHER)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field<'de>, A::Error> {
        while items.next_element::<Bounded>()?.is_some() {}
        Ok(OTHER)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Field<'de>, A::Error> {
        while members.next_entry::<Bounded, Bounded>()?.is_some() {}
        Ok(OTHER)
    }
}
