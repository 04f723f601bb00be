//! The two media types in which a request may come (RFC 9110 §8.3).

use axum::http::{HeaderMap, header::CONTENT_TYPE};

use super::problem::Problem;

/// The longest part of a foreign media type that an answer repeats.
const LONGEST_REPEATED: usize = 64;

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    Json,
    Form,
}

/// Reads `Content-Type`: the exact type in any case, in UTF-8 where it says.
pub(super) fn read(headers: &HeaderMap) -> Result<MediaType, Problem> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| unsupported(""))?,
        (None, _) => return Err(unsupported("")),
        (Some(_), Some(_)) => return Err(Problem::request("Content-Type is given twice")),
    };
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let essence = essence.trim_matches([' ', '\t']);
    let media_type = if essence.eq_ignore_ascii_case("application/json") {
        MediaType::Json
    } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        MediaType::Form
    } else {
        return Err(unsupported(essence));
    };
    if parameters.split(';').all(is_utf_8_or_no_charset) {
        Ok(media_type)
    } else {
        Err(Problem::request(
            "Content-Type: the only charset understood is utf-8",
        ))
    }
}

fn is_utf_8_or_no_charset(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    let charset = value.trim_matches([' ', '\t', '"']);
    !name
        .trim_matches([' ', '\t'])
        .eq_ignore_ascii_case("charset")
        || charset.eq_ignore_ascii_case("utf-8")
}

/// The text that Texas' users know. Of the type only token characters are repeated (RFC 9110 §5.6.2).
fn unsupported(essence: &str) -> Problem {
    let is_repeated = |c: &char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(*c);
    let shown: String = essence
        .chars()
        .take(LONGEST_REPEATED)
        .filter(is_repeated)
        .collect();
    Problem::Request(format!(
        "unsupported media type: {shown}: expected one of `application/json`, \
         `application/x-www-form-urlencoded`"
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values
            .iter()
            .map(|value| {
                (
                    CONTENT_TYPE,
                    HeaderValue::from_bytes(value.as_bytes()).unwrap(),
                )
            })
            .collect()
    }

    #[rstest]
    #[case("application/json", MediaType::Json)]
    #[case("Application/JSON", MediaType::Json)]
    #[case("application/json;charset=UTF-8", MediaType::Json)]
    #[case("application/json ; charset=\"utf-8\" ; x=y", MediaType::Json)]
    #[case("application/x-www-form-urlencoded", MediaType::Form)]
    #[case("application/x-www-form-urlencoded; charset=utf-8", MediaType::Form)]
    fn h8_spelling_and_parameters_are_free(#[case] value: &str, #[case] expected: MediaType) {
        assert_eq!(read(&headers(&[value])).ok(), Some(expected));
    }

    #[rstest]
    #[case(&[])]
    #[case(&["text/plain"])]
    #[case(&["multipart/form-data"])]
    #[case(&["application/jsonp"])]
    #[case(&["application/json-patch+json"])]
    #[case(&["application/json", "application/json"])]
    #[case(&["application/json; charset=utf-16"])]
    #[case(&["application/json, text/plain"])]
    #[case(&["\u{e9}"])]
    fn h7_anything_else_is_refused(#[case] values: &[&str]) {
        assert!(read(&headers(values)).is_err());
    }

    #[test]
    fn the_refusal_repeats_no_more_than_the_type() {
        let Err(Problem::Request(text)) = read(&headers(&["te(x)t/plain; secret=1"])) else {
            panic!("accepted");
        };

        assert_eq!(
            text,
            "unsupported media type: text/plain: expected one of `application/json`, \
             `application/x-www-form-urlencoded`"
        );
    }
}
