//! Answers that are no key set: what is known stays (K7–K9, K11).

use rstest::rstest;

use super::stage::{Reply, Stage, Told};
use crate::http_client::{Cause, Failure};

#[rstest]
#[case::k7_no_keys(|| Reply::body("{}"))]
#[case::k7_null(|| Reply::body(r#"{"keys":null}"#))]
#[case::k7_object(|| Reply::body(r#"{"keys":{}}"#))]
#[case::k7_empty(|| Reply::body(r#"{"keys":[]}"#))]
#[case::k7_nothing_usable(|| Reply::body(r#"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#))]
#[case::k7_keys_twice(|| Reply::body(r#"{"keys":[],"keys":[]}"#))]
#[case::k8_html(|| Reply::body("<!doctype html>"))]
#[case::k8_gzip(|| Reply::body([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]))]
#[case::k8_not_modified(|| Reply::status(304, ""))]
#[case::k8_not_found(|| Reply::status(404, "{}"))]
#[case::k8_error_with_keys(|| Reply::status(500, crate::verifier::published::set(&[])))]
#[case::k8_no_content(|| Reply::status(204, ""))]
#[case::k8_cut_short(|| Reply::fails(Failure::Truncated))]
#[case::k8_no_http(|| Reply::fails(Failure::Malformed))]
#[case::k9_too_large(|| Reply::fails(Failure::TooLarge))]
#[case::k11_redirect(|| Reply::status(302, ""))]
#[case::f39_no_name(|| Reply::fails(Failure::Unreachable(Cause::NameNotResolved)))]
#[tokio::test(start_paused = true)]
async fn k8_what_is_no_key_set_leaves_the_old_one_and_is_asked_for_again_soon(
    #[case] reply: fn() -> Reply,
) {
    let stage = Stage::with_keys(&["a"], move |_| reply()).await;

    stage.until(361).await;
    assert!(stage.endpoint.count() >= 2);
    assert_eq!(stage.ask("a").await, Told::There);
    stage.endpoint.follow(|_| Reply::keys(&["b"]));
    stage.until(361 + 31).await;

    assert_eq!(stage.ask("b").await, Told::There, "it was not asked again");
    assert_eq!(stage.ask("a").await, Told::Absent);
}

#[tokio::test(start_paused = true)]
async fn k8_a_status_other_than_200_counts_whatever_comes_with_it() {
    let whole = crate::verifier::published::set(&[crate::verifier::published::rsa("b")]);
    let stage = Stage::with_keys(&["a"], move |_| Reply::status(500, whole.clone())).await;

    let told = stage.ask("b").await;

    assert!(told.is_unavailable(), "{told:?}");
}
