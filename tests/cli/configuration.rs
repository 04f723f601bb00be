//! Wrong configurations: exit code 2, every problem on a line of its own, and no value shown.

use rstest::rstest;

use crate::program::run;

const VALUE: &str = "q7Zk2XvR9mWc4LtB";

#[tokio::test]
async fn f72_every_problem_is_listed_one_line_each() {
    let outcome = run(
        &[],
        &[
            ("BIND_ADDRESS", VALUE),
            ("AZURE_APP_CLIENT_ID", "id"),
            ("AZURE_OPENID_CONFIG_TOKEN_ENDPOINT", "http://idp.example/x"),
            ("LAREDO_SHUTDOWN_DELAY", VALUE),
        ],
    )
    .await;

    assert_eq!(outcome.code, Some(2));
    assert_eq!(outcome.stdout, "");
    let named: Vec<_> = outcome
        .stderr
        .lines()
        .map(|line| line.split([' ', ',', ':']).next().unwrap())
        .collect();
    for variable in [
        "BIND_ADDRESS",
        "AZURE_APP_CLIENT_SECRET",
        "AZURE_OPENID_CONFIG_TOKEN_ENDPOINT",
        "LAREDO_SHUTDOWN_DELAY",
    ] {
        let lines = named.iter().filter(|name| **name == variable).count();
        assert_eq!(lines, 1, "{variable}: {}", outcome.stderr);
    }
    assert_eq!(named.len(), 4, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains(VALUE));
}

#[rstest]
#[case("serve")]
#[case("check")]
#[case("token")]
#[case("healthcheck")]
#[tokio::test]
async fn f72_s20_every_command_names_the_variable_and_hides_its_value(#[case] command: &str) {
    let arguments: &[&str] = if command == "token" {
        &["token", "target"]
    } else {
        &[command]
    };

    let outcome = run(arguments, &[("BIND_ADDRESS", VALUE)]).await;

    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("BIND_ADDRESS"));
    assert!(!outcome.stderr.contains(VALUE));
}

#[tokio::test]
async fn f72_with_nothing_set_the_text_points_to_dev() {
    let outcome = run(&[], &[]).await;

    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("laredo dev"), "{}", outcome.stderr);
}
