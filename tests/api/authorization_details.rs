//! `authorization_details`: what it may be, and what of it makes two requests different.

use rstest::rstest;
use serde_json::{Value, json};

use crate::bad_input::{MARKER, refused_json};
use crate::parameters::{FORM, ask_with, body_with};
use crate::support::{TARGET, TestApp};

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
