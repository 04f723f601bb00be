//! Every odd answer that a token endpoint was seen to give.

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
    assert!(issued(&with("expires_in", written)).lifetime() >= Duration::from_secs(1_000_000_000));
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
