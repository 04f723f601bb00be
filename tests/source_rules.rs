//! What the source must not contain, whoever writes it (S9, S17).

#![allow(clippy::panic, clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use rstest::rstest;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Every line of the daemon's source, with the place where it is.
fn source_lines() -> Vec<(String, String)> {
    let files = rust_files(&root().join("src"));
    assert!(files.len() > 50);
    let lines = files.into_iter().flat_map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines
            .into_iter()
            .enumerate()
            .map(move |(number, line)| (format!("{name}:{}", number.saturating_add(1)), line))
    });
    lines.collect()
}

fn assert_nowhere(word: &str) {
    for (place, line) in source_lines() {
        let line = line.to_lowercase();
        assert!(!line.contains(word), "{place} has `{word}`");
    }
}

/// S9: nothing in it could switch off the verification of certificates and names.
#[rstest]
#[case("danger")]
#[case("insecure")]
#[case("tls_built_in_root_certs(false")]
#[case("with_custom_certificate_verifier")]
#[case("servercertverifier")]
#[case("skip_verify")]
#[case("sslkeylogfile")]
#[case("key_log")]
fn s9_no_switch_weakens_tls(#[case] word: &str) {
    assert_nowhere(word);
}

/// S17: a lint that the manifest denies stays denied; what truly cannot happen is `expect`ed with its reason.
#[test]
fn s17_no_lint_is_allowed_in_the_daemon() {
    for (place, line) in source_lines() {
        let line = line.replace(' ', "");
        let allows = ["#[allow(", "#![allow(", "allow(clippy", "allow(unsafe"];
        assert!(allows.iter().all(|text| !line.contains(text)), "{place}");
    }
}

#[test]
fn s17_what_is_expected_gives_its_reason() {
    let lines = source_lines();
    for (index, (place, line)) in lines.iter().enumerate() {
        if line.trim_start().starts_with("#[expect(") || line.trim_start().starts_with("#![expect(")
        {
            let attribute = lines.iter().skip(index).take(6);
            let has_reason = attribute
                .clone()
                .any(|(_, line)| line.contains("reason = \""));
            assert!(has_reason, "{place} gives no reason");
        }
    }
}

#[rstest]
#[case("unsafe_code = \"forbid\"")]
#[case("arithmetic_side_effects = \"deny\"")]
#[case("expect_used = \"deny\"")]
#[case("indexing_slicing = \"deny\"")]
#[case("panic = \"deny\"")]
#[case("unwrap_used = \"deny\"")]
fn s17_the_manifest_denies_what_could_crash(#[case] lint: &str) {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();

    assert!(manifest.lines().any(|line| line == lint));
}

#[test]
fn s17_no_line_has_unsafe_code() {
    for (place, line) in source_lines() {
        let code = line.split("//").next().unwrap_or_default();
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(!words.any(|word| word == "unsafe"), "{place}");
    }
}

/// S1: what shows the text of a secret is called only where bytes leave the process or their shape is checked.
#[test]
fn s1_secrets_are_exposed_in_few_known_places() {
    let known = [
        "src/app/providers.rs",
        // Tests, whose tokens are made up.
        "src/cache/in_time/users.rs",
        "src/client_auth/",
        "src/cli/dev.rs",
        "src/cli/introspect.rs",
        "src/cli/token.rs",
        "src/config/",
        "src/dev/",
        "src/http_client.rs",
        "src/oauth/",
        "src/provider/answer.rs",
        "src/provider/credential",
        "src/secret",
    ];
    for (place, line) in source_lines() {
        if line.contains(".expose()") {
            let is_known = known.iter().any(|known| place.starts_with(known));
            assert!(is_known, "{place} is new: is it where bytes leave?");
        }
    }
}
