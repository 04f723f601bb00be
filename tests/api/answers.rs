//! What the provider writes into a token answer, and what the app gets of it (F25–F33, F36).

use laredo::dev::Fault;
use rstest::rstest;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{TARGET, TestApp};
use crate::upstream::OTHER;

/// `expires_in` as JSON text; empty text leaves it out.
fn lifetime(expires_in: &str) -> Fault {
    Fault {
        expires_in: Some(expires_in.to_owned()),
        ..Fault::default()
    }
}

fn access_token(text: &str) -> Fault {
    Fault {
        access_token: Some(text.to_owned()),
        ..Fault::default()
    }
}

fn token_type(text: &str) -> Fault {
    Fault {
        token_type: Some(text.to_owned()),
        ..Fault::default()
    }
}

#[tokio::test]
async fn f25_a_renewal_with_a_shorter_life_does_not_replace_the_held_token() {
    let app = TestApp::start().await;
    let held = app.token(TARGET).await;
    app.break_provider(lifetime("60"));
    app.advance_secs(2500);

    app.token(TARGET).await;
    app.calls_ended(2).await;
    let after = app.token(TARGET).await;

    assert_eq!(after.access_token(), held.access_token());
    assert!(after.expires_in() > 60);
}

#[tokio::test]
async fn f25_after_a_renewal_without_gain_the_next_try_comes_30_s_later() {
    let app = TestApp::start().await;
    app.token(TARGET).await;
    app.break_provider(lifetime("60"));
    app.advance_secs(2500);
    app.token(TARGET).await;
    app.calls_ended(2).await;

    for _ in 0..10 {
        app.token(TARGET).await;
        app.advance_secs(2);
    }
    let calls_within_pause = app.provider.calls().count();
    app.advance_secs(10);
    app.token(TARGET).await;
    app.calls_ended(3).await;

    assert_eq!(calls_within_pause, 2);
}

#[rstest]
#[case::missing("")]
#[case::null("null")]
#[case::f30_word("\"soon\"")]
#[case::f30_space("\" 3599\"")]
#[case::f30_unit("\"3599s\"")]
#[case::f30_boolean("true")]
#[case::f30_array("[]")]
#[tokio::test]
async fn f26_a_token_without_a_readable_life_lives_a_minute(#[case] expires_in: &str) {
    let app = TestApp::with_fault(lifetime(expires_in)).await;

    let first = app.token(TARGET).await;
    app.advance_secs(60);
    let second = app.token(TARGET).await;

    assert!((50..=60).contains(&first.expires_in()), "{first:?}");
    assert_ne!(second.access_token(), first.access_token());
    let metric = r#"laredo_upstream_lifetimes_missing_total{identity_provider="entra_id"}"#;
    assert_eq!(app.metric(metric).await.to_bits(), 2.0_f64.to_bits());
}

#[rstest]
#[tokio::test]
async fn f27_a_life_may_be_written_as_digits_or_a_float(
    #[values("3599", "\"3599\"", "3599.0", "3599.9")] expires_in: &str,
) {
    let app = TestApp::with_fault(lifetime(expires_in)).await;

    let answer = app.token(TARGET).await;

    assert!((3590..=3599).contains(&answer.expires_in()), "{answer:?}");
}

#[rstest]
#[tokio::test]
async fn f28_a_token_without_life_is_delivered_as_0_and_not_kept(
    #[values("0", "-1", "-3599.5")] expires_in: &str,
) {
    let app = TestApp::with_fault(lifetime(expires_in)).await;

    let first = app.token(TARGET).await;
    let second = app.token(TARGET).await;

    assert_eq!((first.expires_in(), second.expires_in()), (0, 0));
    assert_ne!(second.access_token(), first.access_token());
    assert_eq!(app.provider.calls().count(), 2);
}

#[rstest]
#[tokio::test]
async fn f29_short_lives_are_served_and_cost_at_most_a_call_a_second(
    #[values(1, 2, 5, 10, 19, 20, 21)] seconds: u64,
) {
    let app = TestApp::with_fault(lifetime(&seconds.to_string())).await;
    let begun = Instant::now();

    for _ in 0..20 {
        assert!(app.token(TARGET).await.expires_in() <= seconds);
    }

    // A life of 1 s is over after 0.9 s, so count a little more than the seconds that went by.
    let most = 2 + 2 * begun.elapsed().as_secs();
    assert!(app.provider.calls().count() as u64 <= most);
}

#[rstest]
#[tokio::test]
async fn f29_a_short_life_ends(#[values(1, 2, 5, 10, 19, 20, 21)] seconds: u64) {
    let app = TestApp::with_fault(lifetime(&seconds.to_string())).await;
    let first = app.token(TARGET).await;

    app.advance_secs(seconds);
    let second = app.token(TARGET).await;

    assert_ne!(second.access_token(), first.access_token());
}

#[rstest]
#[tokio::test]
async fn f30_a_huge_life_is_kept_for_a_day(
    #[values("1000000000", "9223372036854775808", "18446744073709551616")] expires_in: &str,
) {
    let app = TestApp::with_fault(lifetime(expires_in)).await;
    let first = app.token(TARGET).await;
    app.break_provider(Fault {
        outage: true,
        ..Fault::default()
    });

    app.advance_secs(24 * 60 * 60 - 60);
    let within_a_day = app.token(TARGET).await;
    app.advance_secs(60);
    let after_a_day = app.token(TARGET).await;

    assert!(first.expires_in() > 999_999_000);
    assert_eq!(within_a_day.access_token(), first.access_token());
    after_a_day.assert_failed(503, "temporarily_unavailable");
}

#[tokio::test]
async fn f30_a_number_out_of_range_is_no_json() {
    let app = TestApp::with_fault(lifetime("1e400")).await;

    let answer = app.token(TARGET).await;

    answer.assert_failed(502, "server_error");
}

#[rstest]
#[tokio::test]
async fn f31_the_token_type_is_answered_as_bearer(
    #[values("\"bearer\"", "\"BEARER\"", "\"Bearer\"")] written: &str,
) {
    let app = TestApp::with_fault(token_type(written)).await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.json()["token_type"], json!("Bearer"));
}

#[rstest]
#[tokio::test]
async fn f32_another_token_type_is_a_502_and_nothing_is_kept(
    #[values("", "null", "1", "\"DPoP\"", "\"mac\"", "\"N_A\"", "\"Bearer \"")] written: &str,
) {
    let app = TestApp::with_fault(token_type(written)).await;
    let before = app.token(TARGET).await;

    app.mend_provider();
    let after = app.token(TARGET).await;

    before.assert_failed(502, "server_error");
    assert_eq!(after.status, 200);
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f32_the_error_names_the_token_type_as_the_cause() {
    let app = TestApp::with_fault(token_type("\"DPoP\"")).await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.error().2, "unsupported token type");
}

#[rstest]
#[case::missing("")]
#[case::empty("\"\"")]
#[case::null("null")]
#[case::number("7")]
#[case::object("{}")]
#[case::line_break(r#""canary\r\nX-Injected: canary""#)]
#[case::line_feed(r#""canary\ncanary""#)]
#[case::nul(r#""canary\u0000""#)]
#[case::not_ascii("\"canaryé\"")]
#[case::space("\"canary canary\"")]
#[tokio::test]
async fn f33_what_no_header_could_hold_is_a_502_and_nothing_is_kept(#[case] written: &str) {
    let app = TestApp::with_fault(access_token(written)).await;
    let before = app.token(TARGET).await;

    app.mend_provider();
    let after = app.token(TARGET).await;

    before.assert_failed(502, "server_error");
    assert!(!before.text().contains("canary"));
    assert_eq!(after.status, 200);
    assert_eq!(app.provider.calls().count(), 2);
}

#[rstest]
#[case::the_longest(64 * 1024, 200)]
#[case::too_long(64 * 1024 + 1, 502)]
#[tokio::test]
async fn f33_a_token_has_at_most_64_kib(#[case] length: usize, #[case] expected: u16) {
    let app = TestApp::with_fault(access_token(&format!("\"{}\"", "t".repeat(length)))).await;

    let answer = app.token(TARGET).await;

    assert_eq!(answer.status, expected);
}

#[tokio::test]
async fn f36_a_narrower_scope_is_kept_for_the_requested_target_only() {
    let narrower = Fault {
        scope: Some(format!("\"{OTHER}\"")),
        ..Fault::default()
    };
    let app = TestApp::with_fault(narrower).await;

    let first = app.token(TARGET).await;
    let again = app.token(TARGET).await;
    let other = app.token(OTHER).await;

    assert_eq!(again.access_token(), first.access_token());
    assert_ne!(other.access_token(), first.access_token());
    assert_eq!(app.provider.calls().count(), 2);
}

#[tokio::test]
async fn f36_nothing_but_the_token_its_type_and_its_life_is_passed_on() {
    let app = TestApp::with_fault(Fault {
        scope: Some("\"wide wider\"".to_owned()),
        refresh_in: Some("1800".to_owned()),
        ..Fault::default()
    })
    .await;

    let answer = app.token(TARGET).await.json();

    let members: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["access_token", "expires_in", "token_type"]);
}
