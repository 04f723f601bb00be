//! A body as a form (RFC 6749 appendix B). Every value is text, and one without text is absent (§3.2).

use std::borrow::Cow;

use url::form_urlencoded;

use super::{Field, Fields, NAMES, Seen};
use crate::frontends::native::problem::Problem;

/// Reads a form.
pub(super) fn read(body: &[u8]) -> Result<Fields<'_>, Problem> {
    let mut fields = Fields::default();
    let mut seen = Seen::default();
    for (name, value) in form_urlencoded::parse(body) {
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
