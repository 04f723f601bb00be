//! What a token endpoint answered, read strictly (RFC 6749 §5): a token, a refusal, or nonsense.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::json::Bounded;
use crate::oauth::{Error, Refusal};
use crate::secret::Secret;

/// What is assumed where `expires_in` is missing or unreadable.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(60);
/// The longest token that fits into a request header of any server.
const LONGEST_TOKEN: usize = 64 * 1024;
/// The longest `error_description` that is passed on, in bytes.
const LONGEST_DESCRIPTION: usize = 1024;
/// The longest `error` code.
const LONGEST_CODE: usize = 64;
/// The longest claims challenge, in bytes of its JSON.
const LONGEST_CLAIMS: usize = 16 * 1024;
/// Members of an error answer that are passed on as they are, if they are not longer than a description.
const FURTHER_MEMBERS: [&str; 5] = [
    "error_codes",
    "error_uri",
    "suberror",
    "correlation_id",
    "trace_id",
];
/// A pause after 429 for which the provider named no readable time.
const ASSUMED_RETRY_AFTER: Duration = Duration::from_secs(5);

/// An issued token, as the provider stated it.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) access_token: Secret,
    /// `None`: missing or unreadable; [`Issued::lifetime`] assumes one.
    expires_in: Option<Duration>,
    pub(super) refresh_in: Option<Duration>,
}

impl Issued {
    /// How long the token lives, counted from when it was asked for.
    pub(super) fn lifetime(&self) -> Duration {
        self.expires_in.unwrap_or(ASSUMED_LIFETIME)
    }

    pub(super) fn states_no_lifetime(&self) -> bool {
        self.expires_in.is_none()
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
    token_type: Value,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_in: Value,
}

/// Reads an answer. `retry_after` is what its header asked for, 1–300 s.
///
/// # Errors
/// Whatever was answered in place of a token.
pub(super) fn read(
    status: u16,
    body: &[u8],
    retry_after: Option<Duration>,
) -> Result<Issued, Error> {
    match status {
        200 => read_token(body),
        300..=399 => nonsense("the identity provider answered with a redirect"),
        429 => Err(Error::Throttled {
            retry_after: retry_after.unwrap_or(ASSUMED_RETRY_AFTER),
        }),
        400..=499 => match read_refusal(status, body) {
            Some(refusal) => Err(Error::Refused(Box::new(refusal))),
            None => nonsense("the identity provider refused without saying why"),
        },
        500..=599 => Err(read_server_error(status, body, retry_after)),
        _ => nonsense("the identity provider answered with a status that means nothing here"),
    }
}

fn nonsense<T>(text: &'static str) -> Result<T, Error> {
    Err(Error::Nonsense(Cow::Borrowed(text)))
}

fn read_token(body: &[u8]) -> Result<Issued, Error> {
    if serde_json::from_slice::<Bounded>(body).is_err() {
        return nonsense("the identity provider's answer is not JSON");
    }
    let Ok(answer) = serde_json::from_slice::<TokenAnswer>(body) else {
        return nonsense("the identity provider's answer holds no token");
    };
    let is_bearer = |text: &str| text.eq_ignore_ascii_case("bearer");
    if !answer.token_type.as_str().is_some_and(is_bearer) {
        return nonsense("unsupported token type");
    }
    if answer.access_token.expose().len() > LONGEST_TOKEN {
        return nonsense("the identity provider's token is too long");
    }
    Ok(Issued {
        access_token: answer.access_token,
        expires_in: seconds(&answer.expires_in),
        refresh_in: seconds(&answer.refresh_in),
    })
}

/// Whole seconds from an integer, a float or digits in a string; what is below zero is zero.
fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(seconds), _) => Some(Duration::from_secs(seconds)),
            (None, Some(seconds)) => {
                let whole = seconds.max(0.0).trunc();
                Some(Duration::try_from_secs_f64(whole).unwrap_or(Duration::MAX))
            }
            (None, None) => None,
        },
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    }
}

fn read_server_error(status: u16, body: &[u8], retry_after: Option<Duration>) -> Error {
    let retry_after = retry_after.filter(|_| status == 503);
    match (read_refusal(status, body), retry_after) {
        (None, None) => Error::Nonsense(Cow::Borrowed(
            "the identity provider has a fault of its own and does not say which",
        )),
        (refusal, retry_after) => {
            let description = refusal.and_then(|refusal| refusal.description);
            let description = description.map_or(
                Cow::Borrowed("the identity provider is temporarily unavailable"),
                Cow::Owned,
            );
            Error::Unavailable {
                retry_after,
                description,
            }
        }
    }
}

/// Reads an OAuth error answer (RFC 6749 §5.2); `None` if it is not one.
fn read_refusal(status: u16, body: &[u8]) -> Option<Refusal> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return None;
    };
    let error = cleaned(members.get("error")?.as_str()?, LONGEST_CODE);
    if error.is_empty() {
        return None;
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let description = text("error_description").map(|text| cleaned(text, LONGEST_DESCRIPTION));
    Some(Refusal {
        status,
        error,
        description,
        further: further_members(&members),
    })
}

fn further_members(members: &Map<String, Value>) -> Map<String, Value> {
    let limits = FURTHER_MEMBERS.map(|name| (name, LONGEST_DESCRIPTION));
    limits
        .into_iter()
        .chain([("claims", LONGEST_CLAIMS)])
        .filter_map(|(name, limit)| {
            let value = members.get(name)?;
            let fits = !value.is_null() && value.to_string().len() <= limit;
            fits.then(|| (name.to_owned(), value.clone()))
        })
        .collect()
}

/// The text without control characters, cut to at most `limit` bytes.
fn cleaned(text: &str, limit: usize) -> String {
    let cut = text
        .get(..text.floor_char_boundary(limit))
        .unwrap_or_default();
    cut.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn issued(body: &str) -> Issued {
        read(200, body.as_bytes(), None).unwrap()
    }

    fn with(member: &str, value: &str) -> String {
        let mut answer = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3599});
        answer[member] = json!("MEMBER");
        answer.to_string().replace("\"MEMBER\"", value)
    }

    #[rstest]
    #[case("3599", 3599)]
    #[case("\"3599\"", 3599)]
    #[case("3599.0", 3599)]
    #[case("3599.9", 3599)]
    fn f27_expires_in_as_digits_or_a_float(#[case] written: &str, #[case] expected: u64) {
        assert_eq!(
            issued(&with("expires_in", written)).lifetime(),
            Duration::from_secs(expected)
        );
    }

    #[rstest]
    #[case("{\"access_token\":\"t\",\"token_type\":\"Bearer\"}".to_owned())]
    #[case(with("expires_in", "null"))]
    #[case(with("expires_in", "\"soon\""))]
    #[case(with("expires_in", "\" 3599\""))]
    #[case(with("expires_in", "\"3599s\""))]
    #[case(with("expires_in", "\"\""))]
    #[case(with("expires_in", "true"))]
    #[case(with("expires_in", "[]"))]
    fn f26_f30_no_readable_expires_in_counts_as_a_minute(#[case] body: String) {
        let issued = issued(&body);

        assert!(issued.states_no_lifetime());
        assert_eq!(issued.lifetime(), Duration::from_secs(60));
    }

    #[rstest]
    #[case("0")]
    #[case("-1")]
    #[case("-1e300")]
    fn f28_expires_in_of_zero_or_less_is_zero(#[case] written: &str) {
        assert_eq!(
            issued(&with("expires_in", written)).lifetime(),
            Duration::ZERO
        );
    }

    #[rstest]
    #[case("1000000000")]
    #[case("9223372036854775808")]
    #[case("18446744073709551616")]
    #[case("\"99999999999999999999999\"")]
    fn f30_a_huge_expires_in_is_readable(#[case] written: &str) {
        assert!(
            issued(&with("expires_in", written)).lifetime() >= Duration::from_secs(1_000_000_000)
        );
    }

    #[rstest]
    #[case("bearer")]
    #[case("BEARER")]
    fn f31_the_token_type_is_read_in_any_case(#[case] written: &str) {
        issued(&with("token_type", &format!("\"{written}\"")));
    }

    #[rstest]
    #[case::f30_number_out_of_range(with("expires_in", "1e400"))]
    #[case::f32_other_type(with("token_type", "\"DPoP\""))]
    #[case::f32_mac(with("token_type", "\"mac\""))]
    #[case::f32_not_applicable(with("token_type", "\"N_A\""))]
    #[case::f32_number(with("token_type", "1"))]
    #[case::f32_missing(json!({"access_token": "t"}).to_string())]
    #[case::f33_missing(json!({"token_type": "Bearer"}).to_string())]
    #[case::f33_null(with("access_token", "null"))]
    #[case::f33_number(with("access_token", "7"))]
    #[case::f33_too_long(with("access_token", &format!("\"{}\"", "t".repeat(LONGEST_TOKEN + 1))))]
    #[case::f22_cut(with("x", "1").trim_end_matches('}').to_owned())]
    #[case::f22_trailing_bytes(with("x", "1") + "x")]
    #[case::f22_byte_order_mark(format!("\u{feff}{}", with("x", "1")))]
    #[case::f22_utf_16(with("x", "1").encode_utf16().map(|u| (u as u8) as char).map(|c| format!("{c}\0")).collect())]
    #[case::f24_too_deep("[".repeat(100_000))]
    #[case::f24_too_deep_inside(with("x", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))))]
    #[case::not_an_object("[]".to_owned())]
    #[case::twice(r#"{"access_token":"t","access_token":"u","token_type":"Bearer"}"#.to_owned())]
    fn an_answer_that_is_no_token_answer_is_nonsense(#[case] body: String) {
        assert!(matches!(
            read(200, body.as_bytes(), None),
            Err(Error::Nonsense(_))
        ));
    }

    #[rstest]
    fn other_statuses_are_nonsense(
        #[values(100, 201, 204, 206, 301, 302, 303, 304, 307, 308, 600)] status: u16,
    ) {
        let answer = read(status, with("x", "1").as_bytes(), None);

        assert!(matches!(answer, Err(Error::Nonsense(_))));
    }

    #[rstest]
    fn f21_an_error_without_oauth_body_is_nonsense(
        #[values(400, 401, 403, 404, 418, 500, 502)] status: u16,
        #[values("", "<html>", "{}", "{\"error\":7}", "{\"error\":\"\"}", "[]")] body: &str,
    ) {
        assert!(matches!(
            read(status, body.as_bytes(), None),
            Err(Error::Nonsense(_))
        ));
    }

    #[test]
    fn a_refusal_is_passed_on_with_what_entra_adds() {
        let body = json!({
            "error": "invalid_grant",
            "error_description": "AADSTS50105: no\r\nTrace ID: 7",
            "error_codes": [50105],
            "suberror": "basic_action",
            "claims": "{\"access_token\":{}}",
            "trace_id": "7",
            "timestamp": "2026-01-01",
        });

        let Err(Error::Refused(refusal)) = read(400, body.to_string().as_bytes(), None) else {
            panic!("not a refusal");
        };

        assert_eq!(
            (refusal.status, refusal.error.as_str()),
            (400, "invalid_grant")
        );
        assert_eq!(
            refusal.description.as_deref(),
            Some("AADSTS50105: no  Trace ID: 7")
        );
        assert_eq!(
            Value::Object(refusal.further),
            json!({"error_codes": [50105], "suberror": "basic_action", "trace_id": "7",
                   "claims": "{\"access_token\":{}}"})
        );
    }

    #[test]
    fn s16_a_description_is_cut_to_a_kibibyte_between_characters() {
        let body = json!({"error": "x", "error_description": "é".repeat(2000)}).to_string();

        let refusal = read_refusal(400, body.as_bytes()).unwrap();

        assert_eq!(refusal.description.unwrap(), "é".repeat(512));
    }

    #[test]
    fn claims_are_whole_or_absent() {
        let body = json!({"error": "x", "claims": "c".repeat(LONGEST_CLAIMS)}).to_string();

        assert!(
            read_refusal(400, body.as_bytes())
                .unwrap()
                .further
                .is_empty()
        );
    }

    #[rstest]
    #[case(429, None, Some(5))]
    #[case(429, Some(7), Some(7))]
    #[case(503, Some(7), Some(7))]
    fn throttling_tells_when_to_come_back(
        #[case] status: u16,
        #[case] header: Option<u64>,
        #[case] expected: Option<u64>,
    ) {
        let error = read(status, b"<html>", header.map(Duration::from_secs)).unwrap_err();

        assert_eq!(error.retry_after(), expected.map(Duration::from_secs));
    }

    #[test]
    fn a_server_error_in_oauth_terms_is_an_outage_with_its_description() {
        let body = br#"{"error":"temporarily_unavailable","error_description":"AADSTS90033"}"#;

        let error = read(500, body, Some(Duration::from_secs(9))).unwrap_err();

        assert!(matches!(
            error,
            Error::Unavailable { retry_after: None, description } if description == "AADSTS90033"
        ));
    }
}
