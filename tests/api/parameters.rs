//! The optional fields, and which requests may share a token.

use rstest::rstest;
use serde_json::{Value, json};

use crate::refusals::{MARKER, refused_form, refused_json};
use crate::support::{Answer, TARGET, TestApp};

const FORM: &str = "identity_provider=azuread&target=a%2F.default";

fn body_with(field: &str, value: &Value) -> Value {
    let mut body = json!({"identity_provider": "azuread", "target": TARGET});
    body[field] = value.clone();
    body
}

async fn ask_with(app: &TestApp, field: &str, value: &Value) -> Answer {
    let answer = app.post_json(&body_with(field, value)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// `levels` arrays and objects within each other, the outermost an array.
fn details_of_depth(levels: usize) -> Value {
    let mut details = json!({"type": MARKER});
    for level in 2..levels {
        details = if level % 2 == 0 {
            json!([details])
        } else {
            json!({"m4rk3r": details})
        };
    }
    match details {
        Value::Array(_) => json!([{"m4rk3r": details[0]}]),
        object => json!([object]),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[rstest]
#[case::text(json!("true"))]
#[case::text_false(json!("false"))]
#[case::empty(json!(""))]
#[case::one(json!(1))]
#[case::zero(json!(0))]
#[case::float(json!(1.0))]
#[case::list(json!([true]))]
#[case::object(json!({"m4rk3r": true}))]
#[case::word(json!("m4rk3r"))]
#[tokio::test]
async fn t7_skip_cache_in_json_is_a_boolean_or_a_bad_request(#[case] value: Value) {
    let app = TestApp::start().await;

    let answer = refused_json(&app, body_with("skip_cache", &value).to_string()).await;

    assert_eq!(
        answer.error().2,
        "field `skip_cache` is neither true nor false"
    );
}

#[rstest]
#[case::true_renews(json!(true), 2)]
#[case::false_does_not(json!(false), 1)]
#[case::null_does_not(json!(null), 1)]
#[tokio::test]
async fn t7_skip_cache_in_json_is_heeded(#[case] value: Value, #[case] calls: usize) {
    let app = TestApp::start().await;

    app.token(TARGET).await;
    ask_with(&app, "skip_cache", &value).await;

    assert_eq!(app.provider.calls().count(), calls);
}

#[rstest]
#[tokio::test]
async fn t7_skip_cache_in_a_form_is_spelled_true_or_false(
    #[values(
        "1",
        "0",
        "TRUE",
        "True",
        "yes",
        "on",
        "null",
        "true+",
        "%22true%22",
        "m4rk3r"
    )]
    value: &str,
) {
    let app = TestApp::start().await;

    let answer = refused_form(&app, &format!("{FORM}&skip_cache={value}")).await;

    assert_eq!(
        answer.error().2,
        "field `skip_cache` is neither true nor false"
    );
}

#[rstest]
#[case::true_renews("true", 2)]
#[case::false_does_not("false", 1)]
#[case::nothing_does_not("", 1)]
#[tokio::test]
async fn t7_skip_cache_in_a_form_is_heeded(#[case] value: &str, #[case] calls: usize) {
    let app = TestApp::start().await;

    app.post_form(FORM).await;
    let answer = app.post_form(&format!("{FORM}&skip_cache={value}")).await;

    assert_eq!(answer.status, 200);
    assert_eq!(app.provider.calls().count(), calls);
}

#[rstest]
#[case::uri(json!("https://m4rk3r.example/a?b=c&d"))]
#[case::not_a_uri(json!("m4rk3r \u{e6}\u{202e} %zz"))]
#[case::control_characters(json!("m4rk3r\r\n\u{0}\t"))]
#[case::long(json!(MARKER.repeat(10_000)))]
#[case::blank(json!("  "))]
#[tokio::test]
async fn t8_any_text_is_a_resource_and_goes_into_the_key_alone(#[case] resource: Value) {
    let app = TestApp::start().await;

    let plain = app.token(TARGET).await;
    let with = ask_with(&app, "resource", &resource).await;
    let again = ask_with(&app, "resource", &resource).await;

    assert_ne!(with.access_token(), plain.access_token());
    assert_eq!(again.access_token(), with.access_token());
    assert!(!with.text().contains(MARKER));
    for call in app.provider.calls().all() {
        assert_eq!(call.field("resource"), None);
        assert!(call.form.iter().all(|(_, value)| !value.contains(MARKER)));
    }
}

#[rstest]
#[case::number(json!(4242))]
#[case::boolean(json!(true))]
#[case::list(json!(["m4rk3r"]))]
#[case::object(json!({"m4rk3r": 1}))]
#[tokio::test]
async fn t8_a_resource_that_is_no_text_is_a_bad_request(#[case] resource: Value) {
    let app = TestApp::start().await;

    refused_json(&app, body_with("resource", &resource).to_string()).await;
}

#[rstest]
#[case::object(json!({"type": "m4rk3r"}))]
#[case::number(json!(4242))]
#[case::boolean(json!(false))]
#[case::list_of_text(json!(["m4rk3r"]))]
#[case::list_of_lists(json!([[{"type": "m4rk3r"}]]))]
#[case::list_with_null(json!([{"type": "m4rk3r"}, null]))]
#[case::text(json!("m4rk3r"))]
#[case::empty_text(json!(""))]
#[case::text_of_an_object(json!("{\"type\":\"m4rk3r\"}"))]
#[case::text_of_null(json!("null"))]
#[case::text_of_text(json!("\"[{}]\""))]
#[case::text_cut_short(json!("[{\"type\":\"m4rk3r\"}"))]
#[case::text_of_two(json!("[][]"))]
#[case::text_of_odd_json(json!("[{\"m4rk3r\":NaN,}]"))]
#[case::too_deep(details_of_depth(17))]
#[case::too_deep_as_text(json!(details_of_depth(17).to_string()))]
#[case::far_too_deep_as_text(json!(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))))]
#[tokio::test]
async fn t8_details_that_are_no_array_of_objects_are_a_bad_request(#[case] details: Value) {
    let app = TestApp::start().await;

    let body = body_with("authorization_details", &details);
    let answer = refused_json(&app, body.to_string()).await;

    let description = answer.error().2;
    assert!(description.starts_with("field `authorization_details` is "));
}

#[rstest]
#[case::none(json!([]))]
#[case::empty_objects(json!([{}, {}]))]
#[case::usual(json!([{"type": "urn:altinn:systemuser", "systemuser_id": ["m4rk3r"]}]))]
#[case::deep(details_of_depth(16))]
#[case::long(json!([{"type": "m4rk3r".repeat(10_000)}]))]
#[case::wide(json!(vec![json!({"type": "m4rk3r"}); 3_000]))]
#[tokio::test]
async fn t8_details_go_into_the_key_in_either_spelling_and_not_to_entra(#[case] details: Value) {
    let app = TestApp::start().await;
    assert!(depth(&details) <= 16);

    let plain = app.token(TARGET).await;
    let with = ask_with(&app, "authorization_details", &details).await;
    let as_text = if details.to_string().len() < 30_000 {
        ask_with(&app, "authorization_details", &json!(details.to_string())).await
    } else {
        with.clone()
    };

    assert_ne!(with.access_token(), plain.access_token());
    assert_eq!(as_text.access_token(), with.access_token());
    for call in app.provider.calls().all() {
        assert_eq!(call.field("authorization_details"), None);
    }
}

#[test]
fn the_deepest_details_of_these_tests_are_that_deep() {
    assert_eq!(depth(&details_of_depth(16)), 16);
    assert_eq!(depth(&details_of_depth(17)), 17);
}

#[tokio::test]
async fn t8_the_order_of_names_does_not_split_the_key() {
    let app = TestApp::start().await;
    let spellings = [
        r#"[{"type":"a","locations":["x","y"],"sub":{"b":1,"c":[{"d":2,"e":null}]}}]"#,
        r#"[{"sub":{"c":[{"e":null,"d":2}],"b":1},"locations":["x","y"],"type":"a"}]"#,
        "[ {\"locations\" : [\"\\u0078\",\"y\"] ,\n\"type\":\"\\u0061\", \"sub\":{\"b\":1,\"c\":[{\"e\":null,\"d\":2}]}} ]",
    ];

    for details in spellings {
        let body = format!(
            r#"{{"authorization_details":{details},"identity_provider":"azuread","target":"a/.default"}}"#
        );
        assert_eq!(app.post("application/json", &body).await.status, 200);
        let details: String = url::form_urlencoded::byte_serialize(details.as_bytes()).collect();
        let form = format!("{FORM}&authorization_details={details}");
        assert_eq!(app.post_form(&form).await.status, 200);
    }

    assert_eq!(app.provider.calls().count(), 1);
}

#[tokio::test]
async fn t8_different_details_never_share_a_key() {
    let app = TestApp::start().await;
    let different = [
        json!(null),
        json!([]),
        json!([{}]),
        json!([{"type": "a"}]),
        json!([{"type": "b"}]),
        json!([{"type": "a"}, {"type": "b"}]),
        json!([{"type": "b"}, {"type": "a"}]),
        json!([{"type": "a", "n": 1}]),
        json!([{"type": "a", "n": 1.5}]),
        json!([{"type": "a", "n": "1"}]),
        json!([{"type": "a", "n": true}]),
        json!([{"type": "a", "n": null}]),
        json!([{"type": "a", "n": ["x", "y"]}]),
        json!([{"type": "a", "n": ["y", "x"]}]),
        json!([{"type": "a", "m": 1}]),
        json!([{"type": "a ", "n": 1}]),
        json!([{"type": "\u{e9}"}]),
        json!([{"type": "e\u{301}"}]),
    ];

    for details in &different {
        ask_with(&app, "authorization_details", details).await;
    }

    assert_eq!(app.provider.calls().count(), different.len());
}

#[tokio::test]
async fn t8_details_do_not_pass_for_a_resource() {
    let app = TestApp::start().await;

    let details = ask_with(&app, "authorization_details", &json!("[]")).await;
    let resource = ask_with(&app, "resource", &json!("[]")).await;

    assert_ne!(resource.access_token(), details.access_token());
}

#[rstest]
#[tokio::test]
async fn t9_a_held_token_is_for_its_own_provider(
    #[values("maskinporten", "tokenx", "idporten")] other: &str,
) {
    let app = TestApp::start().await;
    let held = app.token(TARGET).await.access_token();

    let answer = app
        .post_json(&json!({"identity_provider": other, "target": TARGET}))
        .await;

    assert_eq!(answer.status, 400);
    assert!(!answer.text().contains(&held));
}

#[tokio::test]
async fn t9_a_user_token_does_not_get_a_token_for_the_app_from_the_exchange() {
    let app = TestApp::start().await;
    let held = app.token(TARGET).await.access_token();
    let body = json!({"identity_provider": "azuread", "target": TARGET, "user_token": "m4rk3r"});
    let body = body.to_string();
    let request = format!(
        "POST /api/v1/token/exchange HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );

    let answer = app.send(request).await;

    assert!(answer.status >= 400, "{}", answer.text());
    assert!(!answer.text().contains(&held) && !answer.text().contains(MARKER));
}
