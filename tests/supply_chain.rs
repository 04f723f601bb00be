//! What the daemon is made of: locked, few crates, each for a reason, one cryptographic library (S18). Licences,
//! sources and known vulnerabilities are looked at by cargo-deny and cargo-audit in `.ci/run`.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The crates of others whose code is in the program, without those that only run while it is built.
fn crates_in_the_program() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "--target=x86_64-unknown-linux-gnu",
        ])
        .args([
            "--prefix=none",
            "--edges=normal,no-proc-macro",
            "--format={p}",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .filter(|line| !line.starts_with("laredo "))
        .collect()
}

#[test]
fn s18_each_direct_dependency_gives_its_reason() {
    let manifest = text("Cargo.toml");
    let begin = manifest.find("[dependencies]\n").unwrap();
    let end = manifest.find("[dev-dependencies]\n").unwrap();
    let lines = manifest[begin..end].lines().skip(1);

    for line in lines.filter(|line| line.contains(" = ")) {
        let reason = line.split_once('#').map(|(_, reason)| reason.trim());

        assert!(reason.is_some_and(|reason| reason.len() > 3), "{line}");
    }
}

#[test]
fn s18_every_crate_is_locked_with_its_checksum() {
    let lock = text("Cargo.lock");
    let packages = lock.split("[[package]]").skip(1);

    for package in packages.filter(|package| !package.contains("name = \"laredo\"")) {
        assert!(package.contains("source = \"registry+"), "{package}");
        assert!(package.contains("checksum = "), "{package}");
    }
}

#[rstest]
#[case("ring")]
#[case("rsa")]
#[case("openssl")]
#[case("native-tls")]
#[case("boring")]
fn s18_there_is_one_cryptographic_library(#[case] other: &str) {
    let crates = crates_in_the_program();
    let has = |name: &str| {
        let start = format!("{name} v");
        crates.iter().any(|package| package.starts_with(&start))
    };

    assert!(has("aws-lc-rs"));
    assert!(!has(other));
}

#[rstest]
#[case("deny.toml")]
#[case(".ci/run")]
fn s18_no_known_vulnerability_is_ignored(#[case] file: &str) {
    assert!(!text(file).contains("ignore = ["));
    assert!(!text(file).contains("--ignore"));
}

#[test]
fn s18_the_crates_are_counted_in_the_documents() {
    let counted = format!("{} crates of others", crates_in_the_program().len());

    assert!(text("SECURITY.md").contains(&counted), "{counted}");
}

/// Major and minor of a version that follows `before`.
fn version_after(before: &str, text: &str) -> (u32, u32) {
    let rest = text.split_once(before).unwrap().1;
    let mut numbers = rest.split(|character: char| !character.is_ascii_digit());
    let mut number = || numbers.next().unwrap().parse().unwrap();
    (number(), number())
}

#[test]
fn s19_the_image_is_built_with_a_rust_that_the_manifest_lets_in() {
    let used = version_after("ARG RUST_IMAGE=rust:", &text("Dockerfile"));

    assert!(used >= version_after("rust-version = \"", &text("Cargo.toml")));
}
