//! What can be typed.

use rstest::rstest;

use crate::program::run;

#[tokio::test]
async fn help_lists_the_commands() {
    let help = run(&["--help"], &[]).await;

    assert_eq!(help.code, Some(0));
    for command in ["serve", "dev", "token", "check", "healthcheck"] {
        assert!(help.stdout.contains(command), "{command}: {}", help.stdout);
    }
}

#[tokio::test]
async fn version_is_printed() {
    let version = run(&["--version"], &[]).await;

    assert_eq!(version.code, Some(0));
    assert_eq!(
        version.stdout,
        concat!("laredo ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[rstest]
#[case(&["brew"])]
#[case(&["serve", "tea"])]
#[case(&["--brew"])]
#[case(&["token"])]
#[tokio::test]
async fn what_is_no_command_ends_with_2(#[case] arguments: &[&str]) {
    let outcome = run(arguments, &[]).await;

    assert_eq!(outcome.code, Some(2));
    assert_eq!(outcome.stdout, "");
    assert!(!outcome.stderr.is_empty());
}
