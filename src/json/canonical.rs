//! JSON in one spelling, so that texts which say the same are the same text: names sorted, no white space, strings
//! without needless escapes. Numbers stay as they were written: who they are for may tell `1.0` from `1`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Bounded, Unambiguous};

/// Why a text has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCanonical {
    /// It is not JSON.
    Malformed,
    /// It has a name twice in one object.
    Ambiguous,
    /// It is nested deeper than it may be.
    TooDeep,
}

/// The text in its one spelling. `levels`: of arrays and objects, how many may lie in each other.
///
/// # Errors
/// If it has none.
pub fn canonical(json: &str, levels: usize) -> Result<String, NotCanonical> {
    serde_json::from_str::<Bounded>(json).map_err(|_| NotCanonical::Malformed)?;
    serde_json::from_str::<Unambiguous>(json).map_err(|_| NotCanonical::Ambiguous)?;
    let mut text = String::with_capacity(json.len());
    write(json.trim_ascii(), levels, &mut text)?;
    Ok(text)
}

fn write(json: &str, levels: usize, text: &mut String) -> Result<(), NotCanonical> {
    let inner = levels.checked_sub(1).ok_or(NotCanonical::TooDeep);
    match json.bytes().next() {
        Some(b'[') => {
            let (inner, items) = (inner?, read::<Vec<&RawValue>>(json)?);
            text.push('[');
            for (number, item) in items.into_iter().enumerate() {
                separate(number, text);
                write(item.get(), inner, text)?;
            }
            text.push(']');
        }
        Some(b'{') => {
            let (inner, members) = (inner?, read::<BTreeMap<String, &RawValue>>(json)?);
            text.push('{');
            for (number, (name, value)) in members.into_iter().enumerate() {
                separate(number, text);
                text.push_str(&quoted(name));
                text.push(':');
                write(value.get(), inner, text)?;
            }
            text.push('}');
        }
        Some(b'"') => text.push_str(&quoted(read(json)?)),
        _ => text.push_str(json),
    }
    Ok(())
}

fn separate(number: usize, text: &mut String) {
    if number > 0 {
        text.push(',');
    }
}

fn quoted(string: String) -> String {
    serde_json::Value::from(string).to_string()
}

fn read<'a, T: serde::Deserialize<'a>>(json: &'a str) -> Result<T, NotCanonical> {
    serde_json::from_str(json).map_err(|_| NotCanonical::Malformed)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        r#" [ { "b" : 1 , "a" : [ true , null ] } ] "#,
        r#"[{"a":[true,null],"b":1}]"#
    )]
    #[case(r#"{"\u0061":"\u00e9\/"}"#, r#"{"a":"é/"}"#)]
    #[case(
        "[1.0,1,1e2,12345678901234567890123]",
        "[1.0,1,1e2,12345678901234567890123]"
    )]
    #[case("[]", "[]")]
    #[case("{}", "{}")]
    fn t8_texts_that_say_the_same_become_the_same(#[case] json: &str, #[case] expected: &str) {
        assert_eq!(canonical(json, 16).as_deref(), Ok(expected));
    }

    #[rstest]
    #[case("", NotCanonical::Malformed)]
    #[case("[1,]", NotCanonical::Malformed)]
    #[case("[] []", NotCanonical::Malformed)]
    #[case(r#"[{"a":1,"a":1}]"#, NotCanonical::Ambiguous)]
    #[case(r#"[{"a":1,"\u0061":1}]"#, NotCanonical::Ambiguous)]
    fn t8_what_can_be_read_in_two_ways_has_no_canonical_form(
        #[case] json: &str,
        #[case] expected: NotCanonical,
    ) {
        assert_eq!(canonical(json, 16), Err(expected));
    }

    #[test]
    fn t8_levels_are_counted_from_the_outermost() {
        assert!(canonical(r#"[{"a":[]}]"#, 3).is_ok());
        assert_eq!(canonical(r#"[{"a":[]}]"#, 2), Err(NotCanonical::TooDeep));
    }
}
