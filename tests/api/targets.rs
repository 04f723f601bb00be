//! What may be asked for, and of whom: `target` and `identity_provider`.

use laredo::dev::Fault;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bad_input::{MARKER, refused_form, refused_json};
use crate::log::Log;
use crate::support::{TARGET, TestApp};

/// Lets the provider issue a token for whatever it is asked for.
fn issue_for_any_target(app: &TestApp) {
    let body = r#"{"access_token":"token","token_type":"Bearer","expires_in":3600}"#;
    let fault = Fault {
        status: Some(200),
        body: Some(body.to_owned()),
        ..Fault::default()
    };
    app.provider.faults().set([fault]).unwrap();
}

fn scopes_asked_for(app: &TestApp) -> Vec<String> {
    let calls = app.provider.calls().all();
    calls
        .iter()
        .map(|call| call.field("scope").unwrap().to_owned())
        .collect()
}

#[rstest]
#[case::missing(json!({"identity_provider": "azuread"}))]
#[case::null(json!({"identity_provider": "azuread", "target": null}))]
#[case::number(json!({"identity_provider": "azuread", "target": 4242}))]
#[case::boolean(json!({"identity_provider": "azuread", "target": false}))]
#[case::list(json!({"identity_provider": "azuread", "target": ["m4rk3r/.default"]}))]
#[case::empty(json!({"identity_provider": "azuread", "target": ""}))]
#[case::spaces(json!({"identity_provider": "azuread", "target": "   "}))]
#[case::unicode_spaces(json!({"identity_provider": "azuread", "target": "\u{a0}\u{2003}\u{3000}"}))]
#[case::tab(json!({"identity_provider": "azuread", "target": "\t"}))]
#[tokio::test]
async fn t1_a_target_that_says_nothing_is_a_bad_request(#[case] body: Value) {
    let app = TestApp::start().await;

    let answer = refused_json(&app, body.to_string()).await;

    assert!(answer.error().2.starts_with("field `target` "));
}

#[rstest]
#[tokio::test]
async fn t1_a_forms_target_that_says_nothing_is_a_bad_request(
    #[values("", "&target", "&target=", "&target=+%20+")] target: &str,
) {
    let app = TestApp::start().await;

    let answer = refused_form(&app, &format!("identity_provider=azuread{target}")).await;

    assert!(answer.error().2.starts_with("field `target` "));
}

#[rstest]
#[case::further_parameter("m4rk3r&client_id=x")]
#[case::escaped_parameter("m4rk3r%26client_id%3Dx")]
#[case::escaped_twice("m4rk3r%2526")]
#[case::plus_and_equals("m4rk3r+a=b")]
#[case::semicolon_and_hash("m4rk3r;a#b?c")]
#[case::double_quotes("\"m4rk3r\"")]
#[case::single_quotes("'m4rk3r'")]
#[case::back_slash("m4rk3r\\n\\u0000")]
#[case::json("{\"m4rk3r\":[1]}")]
#[case::escaped_control_characters("m4rk3r%00%0d%0a")]
#[case::right_to_left_override("m4rk3r\u{202e}gpj")]
#[case::right_to_left_isolate("m4rk3r\u{2067}a\u{2069}\u{200f}")]
#[case::zero_width("m4rk3r\u{200b}\u{feff}")]
#[case::line_separators("m4rk3r\u{2028}\u{2029}")]
#[case::composed("m4rk3r\u{e9}")]
#[case::decomposed("m4rk3re\u{301}")]
#[case::beyond_the_first_plane("m4rk3r\u{1f511}\u{10ffff}")]
#[case::outer_spaces("  m4rk3r  ")]
#[case::path("../../m4rk3r")]
#[case::format_string("m4rk3r%s%n{}{0}${x}")]
#[tokio::test]
async fn t2_an_odd_target_arrives_byte_by_byte(#[case] target: &str) {
    let app = TestApp::start().await;
    issue_for_any_target(&app);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("identity_provider", "azuread")
        .append_pair("target", target)
        .append_pair("skip_cache", "true")
        .finish();

    app.token(target).await;
    app.post_form(&form).await;

    let calls = app.provider.calls().all();
    assert_eq!(calls.len(), 2);
    for call in calls {
        let mut names: Vec<_> = call.form.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["client_id", "client_secret", "grant_type", "scope"]);
        assert_eq!(call.field("scope"), Some(target));
        assert_eq!(call.field("client_id"), Some(app.provider.client_id()));
    }
}

#[rstest]
#[tokio::test]
async fn t2_a_target_with_a_control_character_is_a_bad_request(
    #[values(
        "m4rk3r\r\n",
        "m4rk3r\n",
        "\rm4rk3r",
        "m4rk3r\0",
        "m4rk3r\t",
        "m4rk3r\u{1b}[2J",
        "m4rk3r\u{7f}",
        "m4rk3r\u{80}",
        "m4rk3r\u{85}",
        "m4rk3r\u{9f}"
    )]
    target: &str,
) {
    let app = TestApp::start().await;
    let form: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let body = json!({"identity_provider": "azuread", "target": target});

    refused_json(&app, body.to_string()).await;
    refused_form(&app, &format!("identity_provider=azuread&target={form}")).await;
}

#[tokio::test]
async fn t2_composed_and_decomposed_letters_are_different_targets() {
    let app = TestApp::start().await;

    let composed = app.token("api://\u{e9}/.default").await;
    let decomposed = app.token("api://e\u{301}/.default").await;

    assert_ne!(decomposed.access_token(), composed.access_token());
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn t3_a_target_of_4_kib_is_passed_on() {
    let app = TestApp::start().await;
    let target = format!("{}/.default", "a".repeat(4 * 1024 - "/.default".len()));

    let answer = app.token(&target).await;

    assert_eq!(answer.status, 200);
    assert_eq!(scopes_asked_for(&app), [target]);
}

#[rstest]
#[case::by_a_byte("a".repeat(4 * 1024 + 1))]
#[case::in_bytes_not_letters("\u{e6}".repeat(2 * 1024 + 1))]
#[case::by_far(MARKER.repeat(10 * 1024))]
#[case::by_spaces(format!("{MARKER}{}", " ".repeat(4 * 1024)))]
#[tokio::test]
async fn t3_a_longer_target_is_a_bad_request(#[case] target: String) {
    let app = TestApp::start().await;
    let body = json!({"identity_provider": "azuread", "target": target});

    let answer = refused_json(&app, body.to_string()).await;

    assert_eq!(answer.error().2, "field `target` is longer than 4 KiB");
}

#[tokio::test]
async fn t4_several_scopes_are_passed_as_they_are_and_each_spelling_has_its_own_token() {
    let app = TestApp::start().await;
    issue_for_any_target(&app);
    let spellings = [
        "a/.default b/.default",
        "b/.default a/.default",
        "a/.default  b/.default",
        " a/.default b/.default",
        "a/.default b/.default ",
        "a/.default a/.default b/.default",
        "A/.default b/.default",
    ];

    for target in [spellings, spellings].concat() {
        assert_eq!(app.token(target).await.status, 200);
    }

    assert_eq!(scopes_asked_for(&app), spellings);
}

#[rstest]
#[case::missing(json!({"target": TARGET}))]
#[case::null(json!({"identity_provider": null, "target": TARGET}))]
#[case::empty(json!({"identity_provider": "", "target": TARGET}))]
#[case::unknown(json!({"identity_provider": "m4rk3r", "target": TARGET}))]
#[case::capitals(json!({"identity_provider": "AzureAD", "target": TARGET}))]
#[case::canonical_in_capitals(json!({"identity_provider": "ENTRA_ID", "target": TARGET}))]
#[case::hyphen(json!({"identity_provider": "entra-id", "target": TARGET}))]
#[case::outer_space(json!({"identity_provider": " azuread", "target": TARGET}))]
#[case::trailing_nul(json!({"identity_provider": "azuread\u{0}", "target": TARGET}))]
#[case::number(json!({"identity_provider": 4242, "target": TARGET}))]
#[case::boolean(json!({"identity_provider": true, "target": TARGET}))]
#[case::list(json!({"identity_provider": ["azuread"], "target": TARGET}))]
#[case::object(json!({"identity_provider": {"m4rk3r": "azuread"}, "target": TARGET}))]
#[case::token_by_mistake(json!({"identity_provider": "eyJhbGciOiJSUzI1NiJ9.m4rk3r.c2ln", "target": TARGET}))]
#[case::secret_by_mistake(json!({"identity_provider": "m4r~8Q~m4rk3r", "target": TARGET}))]
#[case::long(json!({"identity_provider": MARKER.repeat(9_000), "target": TARGET}))]
#[tokio::test]
async fn t5_another_provider_is_a_bad_request_and_is_neither_repeated_nor_logged(
    #[case] body: Value,
) {
    let log = Log::begin();
    let app = TestApp::start().await;

    let answer = refused_json(&app, body.to_string()).await;

    assert!(answer.error().2.starts_with("field `identity_provider` "));
    assert!(!log.text().is_empty());
    for value in [MARKER, "eyJ", "4242"] {
        assert!(!log.text().contains(value), "{}", log.text());
        assert!(!answer.text().contains(value), "{}", answer.text());
    }
}

#[rstest]
#[tokio::test]
async fn t5_another_provider_in_a_form_is_a_bad_request(
    #[values(
        "",
        "identity_provider=",
        "identity_provider=m4rk3r",
        "identity_provider=Azuread",
        "Identity_Provider=azuread"
    )]
    provider: &str,
) {
    let app = TestApp::start().await;

    let answer = refused_form(&app, &format!("{provider}&target=a%2F.default")).await;

    assert!(answer.error().2.starts_with("field `identity_provider` "));
}

#[rstest]
#[case("maskinporten", "maskinporten")]
#[case("tokenx", "tokenx")]
#[case("idporten", "idporten")]
#[tokio::test]
async fn t6_a_provider_that_is_off_is_named_in_a_fixed_text(
    #[case] asked: &str,
    #[case] canonical: &str,
) {
    let app = TestApp::start().await;
    let body = json!({"identity_provider": asked, "target": MARKER});

    let answer = refused_json(&app, body.to_string()).await;

    let text = format!("identity provider '{canonical}' is not enabled");
    assert_eq!(answer.error().2, text);
}

#[rstest]
#[tokio::test]
async fn t6_entra_switched_off_is_named_by_its_canonical_name(
    #[values("azuread", "entra_id")] asked: &str,
) {
    let app = TestApp::start_with(&[("AZURE_ENABLED", "false")]).await;
    let body = json!({"identity_provider": asked, "target": MARKER, "skip_cache": true});

    let answer = refused_json(&app, body.to_string()).await;

    assert_eq!(
        answer.error().2,
        "identity provider 'entra_id' is not enabled"
    );
}

#[tokio::test]
async fn t6_a_provider_that_cannot_do_this_says_so() {
    let app = TestApp::start_with(&[("AZURE_APP_CLIENT_AUTH", "none")]).await;
    let body = json!({"identity_provider": "azuread", "target": MARKER});

    let answer = refused_json(&app, body.to_string()).await;

    assert_eq!(
        answer.error().2,
        "identity provider 'entra_id' does not support token requests"
    );
}
