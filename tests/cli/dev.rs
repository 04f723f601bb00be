//! `laredo dev`: what it prints is what a newcomer pastes.

use rstest::rstest;

use crate::program::{Daemon, access_token, command, finish, has, skip};

const ANYWHERE: [(&str, &str); 1] = [("BIND_ADDRESS", "127.0.0.1:0")];

async fn welcome(daemon: &Daemon) -> String {
    daemon.log().line_with("expires_in=20").await;
    daemon.log().text()
}

#[tokio::test]
async fn dev_prints_the_variables_that_apps_read() {
    let daemon = Daemon::of(command(&["dev"], &ANYWHERE)).await;

    let welcome = welcome(&daemon).await;

    let api = daemon.api;
    for line in [
        format!("NAIS_TOKEN_ENDPOINT=http://{api}/api/v1/token"),
        format!("NAIS_TOKEN_EXCHANGE_ENDPOINT=http://{api}/api/v1/token/exchange"),
        format!("NAIS_TOKEN_INTROSPECTION_ENDPOINT=http://{api}/api/v1/introspect"),
    ] {
        let printed = welcome.lines().filter(|text| text.ends_with(&line)).count();
        assert_eq!(printed, 1, "{line}: {welcome}");
    }
}

#[tokio::test]
async fn dev_serves_tokens_without_any_configuration() {
    let daemon = Daemon::of(command(&["dev"], &ANYWHERE)).await;

    let answer = daemon.ask("api://cluster.namespace.app/.default").await;

    access_token(&answer.unwrap());
}

#[rstest]
#[case::first("curl -s http://", 1)]
#[case::of_every_provider("Exchange a user's token", 2)]
#[tokio::test]
async fn the_printed_curl_gets_a_token(#[case] begin: &str, #[case] tokens: usize) {
    if !has("curl") {
        return skip("the_printed_curl_gets_a_token", "there is no curl");
    }
    let daemon = Daemon::of(command(&["dev"], &ANYWHERE)).await;
    let welcome = welcome(&daemon).await;
    let begin = welcome.find(begin).unwrap();
    let begin = begin + welcome[begin..].find("curl -s http://").unwrap();
    let pasted = welcome[begin..].split("\n\n").next().unwrap();
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", pasted]).kill_on_drop(true);

    let outcome = finish(shell).await;

    assert_eq!(outcome.code, Some(0), "{pasted}: {outcome:?}");
    let got = outcome.stdout.matches("\"access_token\"").count();
    assert_eq!(got, tokens, "{outcome:?}");
}

#[tokio::test]
async fn dev_leads_to_no_other_provider() {
    let foreign = [
        ("BIND_ADDRESS", "127.0.0.1:0"),
        ("AZURE_APP_CLIENT_ID", "someone-else"),
        ("AZURE_APP_CLIENT_SECRET", "theirs"),
        ("AZURE_APP_TENANT_ID", "example.com"),
        ("IDPORTEN_WELL_KNOWN_URL", "https://example.com"),
        ("LAREDO_PROVIDERS", "theirs"),
        ("LAREDO_GENERIC_CLIENT_SECRET_FILE", "/nowhere"),
    ];
    let daemon = Daemon::of(command(&["dev"], &foreign)).await;

    daemon.token().await;
}
