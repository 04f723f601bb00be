use std::ffi::OsString;

use super::*;

pub(super) fn environment<'a>(
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(OsString, OsString)> {
    let variables = variables.into_iter();
    variables
        .map(|(name, text)| (name.into(), text.into()))
        .collect()
}

/// The least that Entra needs, and then what the test is about.
pub(super) fn entra<'a>(
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(OsString, OsString)> {
    let least = [
        ("AZURE_APP_CLIENT_ID", "app"),
        ("AZURE_APP_TENANT_ID", "contoso.test"),
        ("AZURE_APP_CLIENT_SECRET", "hunter2"),
    ];
    environment(least.into_iter().chain(variables))
}

pub(super) fn read(environment: Vec<(OsString, OsString)>) -> Result<Config, Problems> {
    // As the last one wins, a test can empty what `entra` sets.
    let unique: std::collections::BTreeMap<_, _> = environment.into_iter().collect();
    Config::read(unique)
}

pub(super) fn problems(environment: Vec<(OsString, OsString)>) -> String {
    read(environment).unwrap_err().to_string()
}

#[test]
fn f72_all_problems_are_listed_one_line_each() {
    let variables = [
        ("BIND_ADDRESS", "here"),
        ("LAREDO_CACHE_MAX_BYTES", "much"),
        ("LAREDO_HTTP_TIMEOUT_MILLIS", "soon"),
        ("RUST_LOG", "laredo=loud"),
        ("AZURE_APP_CLIENT_AUTH", "password"),
        ("AZURE_AUTHORITY_HOST", "login.test"),
        ("LAREDO_PREFETCH", "entra_id"),
        ("LAREDO_SHUTDOWN_DELAY", "later"),
    ];

    let text = problems(entra(variables));

    for (name, _) in variables {
        let lines = text.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(lines, 1, "{name} in:\n{text}");
    }
    assert_eq!(text.lines().count(), variables.len());
}

#[test]
fn loopback_https_and_a_provider_give_no_warning() {
    assert!(read(entra([])).unwrap().warnings.is_empty());
}

#[test]
fn what_is_risky_is_warned_about() {
    let variables = [
        ("BIND_ADDRESS", "0.0.0.0:3000"),
        ("LAREDO_PLAIN_HTTP_HOSTS", "mock.test"),
    ];

    let warnings = read(entra(variables)).unwrap().warnings;

    for name in [
        "BIND_ADDRESS is",
        "LAREDO_ALLOWED_HOSTS is",
        "LAREDO_PLAIN_HTTP_HOSTS is",
    ] {
        assert!(warnings.iter().any(|text| text.starts_with(name)), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn f72_a_value_that_is_not_utf8_is_named_once() {
    use std::os::unix::ffi::OsStringExt as _;

    for variable in catalogue::CATALOGUE {
        let mut environment = entra([]);
        environment.push((variable.name.into(), OsString::from_vec(vec![b'a', 0xff])));

        let text = problems(environment);

        let named = format!("{} is not valid UTF-8", variable.name);
        let lines = text
            .lines()
            .filter(|line| line.starts_with(&format!("{} ", variable.name)));
        assert_eq!(lines.collect::<Vec<_>>(), [named]);
    }
}

#[test]
fn unknown_variables_are_ignored() {
    let odd = [
        ("LAREDO_UNHEARD_OF", "x"),
        ("Azure_Enabled", "x"),
        ("rust_log", "a=b"),
    ];

    assert!(read(entra(odd)).is_ok());
}

#[path = "canary_tests.rs"]
mod canary;
