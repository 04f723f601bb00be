//! A body as a form (RFC 6749 appendix B). Every value is text, and one without text is absent (§3.2).

use std::borrow::Cow;

use url::form_urlencoded;

use super::{Field, Fields, Known, Route, Seen};
use crate::frontends::native::problem::Problem;

/// Reads a form.
pub(super) fn read(body: &[u8], route: Route) -> Result<Fields<'_>, Problem> {
    let mut fields = Fields::default();
    let mut seen = Seen::default();
    for (name, value) in form_urlencoded::parse(body) {
        let Some(known) = Known::parse(&name, route) else {
            continue;
        };
        seen.note(known).map_err(Problem::Request)?;
        if value.contains(char::REPLACEMENT_CHARACTER) {
            let name = known.as_str();
            return Err(Problem::Request(format!("field `{name}` is not UTF-8")));
        }
        *fields.place(known) = field(known, value);
    }
    Ok(fields)
}

/// In a form, the one boolean is spelled out.
fn field(known: Known, value: Cow<'_, str>) -> Field<'_> {
    match (value.as_ref(), known) {
        // An empty token is one that is not valid.
        ("", Known::Token) => Field::Text(value),
        ("", _) => Field::Absent,
        ("true", Known::SkipCache) => Field::Boolean(true),
        ("false", Known::SkipCache) => Field::Boolean(false),
        _ => Field::Text(value),
    }
}
