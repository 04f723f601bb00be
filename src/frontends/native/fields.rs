//! The fields of a request as they came, JSON or form, before they mean anything.

mod form;
mod json;

use std::borrow::Cow;

use super::media_type::MediaType;
use super::problem::Problem;

/// One field's value.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Field<'a> {
    /// Not there, or `null`.
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Boolean(bool),
    /// Anything else: a number, an array, an object. Of `authorization_details` this is what was written.
    Other(&'a str),
}

/// The fields of a route; what else came was read and dropped.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) identity_provider: Field<'a>,
    pub(super) target: Field<'a>,
    pub(super) resource: Field<'a>,
    pub(super) authorization_details: Field<'a>,
    pub(super) skip_cache: Field<'a>,
    pub(super) token: Field<'a>,
    pub(super) user_token: Field<'a>,
}

/// The fields that are known, each to some routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    IdentityProvider,
    Target,
    Resource,
    AuthorizationDetails,
    SkipCache,
    UserToken,
    Token,
}

/// The fields that one route knows.
pub(super) type Route = &'static [Known];

/// `POST /api/v1/token`.
pub(super) const TOKEN: Route = &[
    Known::IdentityProvider,
    Known::Target,
    Known::Resource,
    Known::AuthorizationDetails,
    Known::SkipCache,
];

/// `POST /api/v1/token/exchange`.
pub(super) const EXCHANGE: Route = &[
    Known::IdentityProvider,
    Known::Target,
    Known::UserToken,
    Known::SkipCache,
];

/// `POST /api/v1/introspect`.
pub(super) const INTROSPECT: Route = &[Known::IdentityProvider, Known::Token];

impl Known {
    const COUNT: usize = Self::Token as usize + 1;

    /// The name on the wire.
    const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityProvider => "identity_provider",
            Self::Target => "target",
            Self::Resource => "resource",
            Self::AuthorizationDetails => "authorization_details",
            Self::SkipCache => "skip_cache",
            Self::UserToken => "user_token",
            Self::Token => "token",
        }
    }

    fn parse(name: &str, route: Route) -> Option<Self> {
        let mut known = route.iter().copied();
        known.find(|known| known.as_str() == name)
    }
}

impl<'a> Fields<'a> {
    /// Reads a body.
    pub(super) fn read(
        media_type: MediaType,
        body: &'a [u8],
        route: Route,
    ) -> Result<Self, Problem> {
        match media_type {
            MediaType::Json => json::read(body, route),
            MediaType::Form => form::read(body, route),
        }
    }

    fn place(&mut self, known: Known) -> &mut Field<'a> {
        match known {
            Known::IdentityProvider => &mut self.identity_provider,
            Known::Target => &mut self.target,
            Known::Resource => &mut self.resource,
            Known::AuthorizationDetails => &mut self.authorization_details,
            Known::SkipCache => &mut self.skip_cache,
            Known::UserToken => &mut self.user_token,
            Known::Token => &mut self.token,
        }
    }
}

/// Which known fields have come, for none may come twice: two readers could disagree on which counts.
#[derive(Default)]
struct Seen([bool; Known::COUNT]);

impl Seen {
    fn note(&mut self, known: Known) -> Result<(), String> {
        match self.0.get_mut(known as usize) {
            Some(seen) if !*seen => {
                *seen = true;
                Ok(())
            }
            _ => Err(format!("field `{}` is given twice", known.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::Value;

    use super::*;

    fn json_fields(body: &str) -> Result<Fields<'_>, Problem> {
        Fields::read(MediaType::Json, body.as_bytes(), TOKEN)
    }

    fn form_fields(body: &str) -> Result<Fields<'_>, Problem> {
        Fields::read(MediaType::Form, body.as_bytes(), TOKEN)
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
        assert_eq!(fields.authorization_details, Field::Other(r#"[{"b":1}]"#));
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
            assert!(Fields::read(MediaType::Json, body, TOKEN).is_err());
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

    #[rstest]
    #[case("TokenRequest", TOKEN)]
    #[case("TokenExchangeRequest", EXCHANGE)]
    #[case("IntrospectRequest", INTROSPECT)]
    fn the_api_description_has_every_known_field_and_no_other(
        #[case] schema: &str,
        #[case] route: Route,
    ) {
        let document: Value =
            serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
        let described = &document["components"]["schemas"][schema]["properties"];
        let mut described: Vec<_> = described.as_object().unwrap().keys().collect();
        let mut known: Vec<_> = route.iter().map(|known| known.as_str()).collect();

        described.sort();
        known.sort_unstable();
        assert_eq!(described, known);
    }

    #[test]
    fn what_another_route_knows_is_ignored() {
        assert!(json_fields(r#"{"token":"a","token":1}"#).is_ok());
        assert!(form_fields("token=a&token=b").is_ok());
    }
}
