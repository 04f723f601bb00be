//! No value of any variable shows in a problem, and no secret in `Debug`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::*;

const MARKER: &str = "q7Zk2XvR9mWc4LtB8nHy5PdG1sJf6Ua3";
const WINDOW: usize = 8;

/// Every way to be wrong that some variable has.
fn bad_forms() -> Vec<Vec<u8>> {
    let texts = [
        MARKER.to_owned(),
        format!("{MARKER}\n{MARKER}"),
        format!("{MARKER}\u{0}"),
        format!(" {MARKER} "),
        format!("https://{MARKER}:{MARKER}@{MARKER}/{MARKER}#{MARKER}"),
        format!("http://{MARKER}.test/{MARKER}?{MARKER}"),
        format!("ftp://{MARKER}"),
        format!("{MARKER}:99999,{MARKER}:80"),
        format!("localhost:{MARKER}"),
        format!("{MARKER}={MARKER},entra_id={MARKER}\t"),
        format!("/{MARKER}/{MARKER}"),
        format!("../{MARKER}"),
        format!("-{MARKER}"),
        format!("{MARKER}.{MARKER}.{MARKER}="),
        format!(r#"{{"kty":"{MARKER}","{MARKER}":"{MARKER}"}}"#),
        format!(r#"{{"kty":"RSA","kid":"{MARKER}\\n","alg":"{MARKER}"}}"#),
        format!(r#"{{"kty":"RSA","n":"{MARKER}","e":"AQAB","d":"{MARKER}"}}"#),
        format!(r#"{{"kty":"EC","crv":"{MARKER}","d":"{MARKER}"}}"#),
        format!("-----BEGIN CERTIFICATE-----\n{MARKER}\n-----END CERTIFICATE-----"),
        format!("-----BEGIN PRIVATE KEY-----\n{MARKER}\n-----END {MARKER}-----"),
        MARKER.repeat(4000),
    ];
    let mut forms: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    forms.push([MARKER.as_bytes(), &[0xff]].concat());
    forms
}

fn shows_marker(text: &str) -> bool {
    let lower = text.to_lowercase();
    let marker = MARKER.to_lowercase();
    let windows = marker.as_bytes().windows(WINDOW);
    windows
        .into_iter()
        .any(|window| lower.contains(std::str::from_utf8(window).unwrap()))
}

/// With what is needed so that the variable is looked at at all.
fn with(name: &str, value: Vec<u8>) -> Vec<(OsString, OsString)> {
    let mut environment = entra([]);
    if name.ends_with("_FILE") {
        environment.push((name.trim_end_matches("_FILE").into(), "".into()));
    }
    environment.push((name.into(), OsString::from_vec(value)));
    environment
}

/// Every variable, those of one generic provider among them.
fn names() -> impl Iterator<Item = String> {
    let known = catalogue::CATALOGUE.iter().chain(generic::CATALOGUE);
    known.map(|variable| variable.name.replace("<NAME>", "ACME"))
}

/// With the providers on that the variable could be of.
fn with_others(name: &str, value: Vec<u8>) -> Vec<(OsString, OsString)> {
    let mut environment = environment([
        ("MASKINPORTEN_ENABLED", "true"),
        ("TOKEN_X_ENABLED", "true"),
        ("IDPORTEN_ENABLED", "true"),
        ("LAREDO_PROVIDERS", "acme"),
        ("LAREDO_ACME_CLIENT_ID", "acme"),
        ("LAREDO_ACME_CLIENT_AUTH", "private_key_jwt"),
    ]);
    environment.extend(with(name, value));
    environment
}

#[test]
fn s20_no_problem_repeats_a_value() {
    let mut refused = 0;
    for name in names() {
        for form in bad_forms() {
            let environments = [with(&name, form.clone()), with_others(&name, form)];
            for problems in environments.map(read).into_iter().filter_map(Result::err) {
                refused += 1;
                assert!(!shows_marker(&problems.to_string()), "{name}");
                assert!(!shows_marker(&format!("{problems:?}")), "{name}");
            }
        }
    }
    assert!(refused > 200, "{refused}");
}

#[test]
fn s20_no_problem_repeats_what_a_file_holds_or_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(MARKER);
    let files = names().filter(|name| name.ends_with("_FILE") && name != "LAREDO_CA_FILE");
    let files: Vec<_> = files.collect();
    for content in [format!("{MARKER}\n{MARKER}"), String::new()] {
        std::fs::write(&path, content).unwrap();
        for name in &files {
            let path = path.to_str().unwrap().as_bytes().to_vec();
            let environment = match name.starts_with("AZURE") {
                true => with(name, path),
                false => with_others(name, path),
            };

            let problems = read(environment).unwrap_err();

            let begin = format!("{name} ");
            let text = problems.to_string();
            // What a secret is, is the provider's business; that it is empty is not.
            let is_secret = name.ends_with("CLIENT_SECRET_FILE") && name.contains("ACME");
            assert!(
                is_secret || text.lines().any(|line| line.starts_with(&begin)),
                "{name}: {text}"
            );
            assert!(!shows_marker(&format!("{problems} {problems:?}")));
        }
    }
}

#[test]
fn s2_debug_output_of_a_configuration_hides_every_secret() {
    let proxy = format!("http://{MARKER}:{MARKER}@proxy.test");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{MARKER}.{MARKER}.{MARKER}")).unwrap();
    let variables = [
        ("AZURE_FEDERATED_TOKEN_FILE", file.path().to_str().unwrap()),
        ("AZURE_APP_CLIENT_AUTH", "federated_token"),
        ("AZURE_APP_CLIENT_SECRET", MARKER),
        ("AZURE_APP_NEXT_CLIENT_SECRET", MARKER),
        ("LAREDO_PROVIDERS", "acme"),
        ("LAREDO_ACME_CLIENT_ID", "acme"),
        ("LAREDO_ACME_CLIENT_SECRET", MARKER),
        ("LAREDO_ACME_TOKEN_ENDPOINT", "https://acme.test/token"),
        ("HTTPS_PROXY", &proxy),
        ("http_proxy", &proxy),
    ];

    let config = read(entra(variables)).unwrap();

    assert!(!shows_marker(&format!("{config:?} {config:#?}")));
}
