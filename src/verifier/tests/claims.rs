//! Claims held against rules, without a token around them.

use rstest::rstest;

use super::*;

fn rules() -> Rules {
    Rules {
        issuers: vec!["i".to_owned(), "j".to_owned()],
        audience: Audience::OneOf(vec!["a".to_owned(), "b".to_owned()]),
        algorithms: vec![Algorithm::Rs256],
    }
}

/// What is said at 1 000 s about these claims.
fn check_with(rules: &Rules, payload: &str) -> Result<(), Reason> {
    let claims = Claims::read(payload.as_bytes()).ok_or(Reason::Claims)?;
    let now = NumericDate::of(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000));
    claims.check(rules, |issuer| issuer != "j", now).map(|_| ())
}

fn check(payload: &str) -> Result<(), Reason> {
    check_with(&rules(), payload)
}

/// The claims for each of which a reason is looked for, from the first to the last.
const ROWS: [(&str, &str, Reason); 10] = [
    ("iss", "null", Reason::Missing("iss")),
    ("exp", "null", Reason::Missing("exp")),
    ("iat", "null", Reason::Missing("iat")),
    ("aud", "null", Reason::Missing("aud")),
    ("exp", "940", Reason::Expired),
    ("iat", "1061", Reason::Immature),
    ("nbf", "1061", Reason::Immature),
    ("iss", "\"k\"", Reason::Issuer),
    ("aud", "\"c\"", Reason::Audience),
    ("nbf", "\"0\"", Reason::Claims),
];

fn payload(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("iss", "\"i\""),
        ("exp", "2000"),
        ("iat", "0"),
        ("aud", "\"a\""),
    ];
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = usual.into_iter().filter(|(name, _)| !is_changed(name));
    let members: Vec<_> = kept
        .chain(changes.iter().copied())
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn the_first_reason_that_holds_is_told() {
    assert_eq!(check(&payload(&[])), Ok(()));
    for (index, (name, value, reason)) in ROWS.iter().enumerate() {
        assert_eq!(check(&payload(&[(name, value)])), Err(*reason));
        for (other, other_value, _) in &ROWS[index..] {
            if other != name {
                let both = payload(&[(other, other_value), (name, value)]);
                assert_eq!(check(&both), Err(*reason), "{both}");
            }
        }
    }
}

#[test]
fn a_key_of_another_issuer_is_told_before_the_audience() {
    let both = payload(&[("iss", "\"j\""), ("aud", "\"c\"")]);

    assert_eq!(check(&both), Err(Reason::Issuer));
}

#[rstest]
#[case::of_no_type("", Err(Reason::Audience))]
#[case::none("[]", Err(Reason::Audience))]
#[case::ours("[\"x\",\"b\"]", Ok(()))]
#[case::another_case("\"A\"", Err(Reason::Audience))]
#[case::with_one_number("[\"a\",1]", Err(Reason::Missing("aud")))]
#[case::nested("[[\"a\"]]", Err(Reason::Missing("aud")))]
#[case::object("{\"a\":1}", Err(Reason::Missing("aud")))]
fn j32_the_audience_is_a_text_or_texts(#[case] value: &str, #[case] expected: Result<(), Reason>) {
    let value = if value.is_empty() { "\"\"" } else { value };

    assert_eq!(check(&payload(&[("aud", value)])), expected);
}

#[rstest]
fn where_the_audience_is_not_checked_it_may_be_anything(
    #[values("null", "1", "\"c\"", "[1]")] value: &str,
) {
    let rules = Rules {
        audience: Audience::Anybody,
        ..rules()
    };

    assert_eq!(check_with(&rules, &payload(&[("aud", value)])), Ok(()));
}

#[rstest]
#[case(&[("exp", "1e300")])]
#[case(&[("exp", "253402300800")])]
#[case(&[("iat", "-1")])]
#[case(&[("nbf", "-1")])]
#[case(&[("nbf", "null")])]
#[case(&[("exp", "1010"), ("iat", "1011")])]
fn what_makes_no_sense_is_an_invalid_claim(#[case] changes: &[(&str, &str)]) {
    assert_eq!(check(&payload(changes)), Err(Reason::Claims));
}

#[rstest]
#[case::array("[]")]
#[case::text("\"{}\"")]
#[case::null("null")]
#[case::nothing("")]
#[case::two("{}{}")]
#[case::byte_order_mark("\u{feff}{}")]
#[case::twice(r#"{"x":1,"x":1}"#)]
#[case::twice_by_an_escape(r#"{"iss":"i","\u0069ss":"i"}"#)]
#[case::twice_below(r#"{"x":{"y":1,"y":1}}"#)]
#[case::lone_surrogate(r#"{"x":"\ud800"}"#)]
#[case::out_of_range(r#"{"x":1e400}"#)]
#[case::a_number_that_is_none(r#"{"x":01}"#)]
fn j23_j25_what_is_not_one_plain_object_is_no_claims(#[case] payload: &str) {
    assert!(Claims::read(payload.as_bytes()).is_none());
}

#[test]
fn j1_j33_j34_the_answer_has_the_claims_as_they_were_written() {
    let payload = r#"{ "sub":[1.50, 1E2], "\u0061ctive":false,"n":12345678901234567890123,"error":"e","\"":null }"#;

    let answer = Claims::read(payload.as_bytes()).unwrap().answer();

    assert_eq!(
        answer,
        r#"{"active":true,"sub":[1.50, 1E2],"n":12345678901234567890123,"\"":null}"#
    );
}
