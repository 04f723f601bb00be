//! What the chart says in several places is the same everywhere. Helm's own checks are in `tests/chart/run`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

mod values;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use values::{Value, table, values};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn chart_values() -> Vec<Value> {
    values(&text("charts/laredo/values.yaml"))
}

/// The paths of everything that has a description, which is what a user may set.
fn settable() -> BTreeSet<String> {
    let values = chart_values().into_iter();
    let described = values.filter(|value| !value.description.is_empty());
    described.map(|value| value.path).collect()
}

#[test]
fn the_table_in_the_readme_is_the_one_made_from_the_values() {
    let committed = text("charts/laredo/README.md");
    let (before, _) = committed
        .split_once("| value |")
        .unwrap_or((&committed, ""));
    let made = format!("{before}{}", table(&chart_values()));

    let renewed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chart-readme.md");
    fs::write(&renewed, &made).unwrap();

    assert!(
        committed == made,
        "the values have changed; to renew their table: cp {} charts/laredo/README.md",
        renewed.display()
    );
}

#[test]
fn the_schema_knows_the_values_and_no_others() {
    let schema: Json = serde_json::from_str(&text("charts/laredo/values.schema.json")).unwrap();
    let mut known = BTreeSet::new();

    for (group, rules) in schema["properties"].as_object().unwrap() {
        let members = rules["properties"].as_object();
        match members.filter(|_| !settable().contains(group)) {
            Some(members) => known.extend(members.keys().map(|key| format!("{group}.{key}"))),
            None => drop(known.insert(group.clone())),
        }
    }

    known.remove("global");
    assert_eq!(known, settable());
}

#[test]
fn each_value_is_set_in_some_value_set() {
    let mut set = BTreeSet::new();

    for entry in fs::read_dir(root().join("charts/laredo/ci")).unwrap() {
        let yaml = fs::read_to_string(entry.unwrap().path()).unwrap();
        set.extend(values(&yaml).into_iter().map(|value| value.path));
    }

    let missing: Vec<_> = settable().difference(&set).cloned().collect();
    assert!(
        missing.is_empty(),
        "in no file of charts/laredo/ci: {missing:?}"
    );
}

#[test]
fn the_versions_are_the_programs() {
    let chart = values(&text("charts/laredo/Chart.yaml"));
    let example = text("charts/example/Chart.yaml");
    let version = env!("CARGO_PKG_VERSION");

    let said = |key: &str| {
        chart
            .iter()
            .find(|value| value.path == key)
            .unwrap()
            .text
            .clone()
    };

    assert_eq!(said("version"), version);
    assert_eq!(said("appVersion"), version);
    assert!(example.contains(&format!("- name: laredo\n    version: {version}\n")));
}

#[test]
fn the_variables_of_the_container_are_in_the_documents() {
    let documented = text("docs/configuration.md");
    let template = text("charts/laredo/templates/_container.tpl");
    let names = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- name: "));
    let is_variable = |name: &&str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let container = template.split("laredo.env").next().unwrap();

    let variables: BTreeSet<_> = names.filter(is_variable).collect();
    for name in variables.iter().filter(|name| container.contains(**name)) {
        assert!(documented.contains(&format!("| `{name}` ")), "{name}");
    }
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        assert!(documented.contains(&format!("| `{name}` ")), "{name}");
    }

    assert!(variables.len() >= 8, "{variables:?}");
}

#[test]
fn ports_are_the_same_everywhere() {
    let folder = root().join("charts/laredo/templates");
    let templates = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let others = [
        folder.join("tests/injected.yaml"),
        root().join("docs/kubernetes.md"),
    ];
    let mut places = 0;

    for file in templates.chain(others).filter(|path| path.is_file()) {
        let text = fs::read_to_string(&file).unwrap();
        for (before, expected) in [
            ("127.0.0.1:", &["7164", "7165"][..]),
            ("\"*:", &["7165"]),
            ("containerPort: ", &["7165"]),
        ] {
            for after in text.split(before).skip(1) {
                let port = after.split(|c: char| !c.is_ascii_digit()).next().unwrap();
                assert!(
                    expected.contains(&port),
                    "{}: {before}{port}",
                    file.display()
                );
                places += 1;
            }
        }
    }

    assert!(places >= 5, "only {places} places");
}
