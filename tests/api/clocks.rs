//! The provider's clock and ours do not agree (F67).

use std::time::Duration;

use laredo::clock::Clock;
use laredo::dev::Fault;
use rstest::rstest;

use crate::support::{TARGET, TestApp};

#[rstest]
#[case::ahead(120)]
#[case::behind(-120)]
#[tokio::test]
async fn f67_a_provider_whose_clock_is_off_gives_a_token_for_its_whole_life(#[case] seconds: i64) {
    let app = TestApp::start().await;
    let now = Clock::system().now().wall();
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let date = if seconds > 0 {
        now + distance
    } else {
        now - distance
    };
    app.break_provider(Fault {
        headers: Some(format!("Date: {}", httpdate::fmt_http_date(date))),
        ..Fault::default()
    });

    let first = app.token(TARGET).await;
    let second = app.token(TARGET).await;
    let skew = app
        .metric("laredo_clock_skew_seconds{identity_provider=\"entra_id\"}")
        .await;

    assert!(first.expires_in() > 3500, "{first:?}");
    assert_eq!(first.access_token(), second.access_token());
    assert!((skew - seconds as f64).abs() < 60.0, "{skew}");
}
