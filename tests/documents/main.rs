//! The documents tell the truth: links and paths lead somewhere, constants are where they are said to be, and what
//! the README says to type works.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

mod blocks;
mod daemon;
#[path = "../support/keys.rs"]
mod keys;
mod markdown;

use std::path::Path;

use blocks::Block;
use daemon::Daemon;
use markdown::{Document, documents, root};

#[test]
fn relative_links_lead_to_files() {
    let mut dead = Vec::new();

    for document in documents() {
        let folder = document.path.parent().unwrap();
        for link in document.links() {
            let is_elsewhere = link.contains("://") || link.starts_with("mailto:");
            let file = link.split('#').next().unwrap_or_default();
            if !is_elsewhere && !folder.join(file).exists() {
                dead.push(format!("{}: {link}", document.path.display()));
            }
        }
    }

    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn paths_that_are_named_exist() {
    let mut dead = Vec::new();

    for document in documents() {
        let names_path = |text: &&str| {
            let folders = ["src/", "tests/", "docs/", "benches/", "charts/", "deploy/"];
            folders.iter().any(|folder| text.starts_with(folder))
        };
        for path in document.quoted().into_iter().filter(names_path) {
            if !root().join(path).exists() {
                dead.push(format!("{}: {path}", document.path.display()));
            }
        }
    }

    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn constants_are_where_they_are_said_to_be() {
    let caching = Document::read(&root().join("docs/caching.md"));
    let mut rows = 0;

    for line in caching.text.lines().filter(|line| line.contains(".rs` |")) {
        let quoted = markdown::quoted(line);
        let (constant, file) = (quoted[0], quoted[1]);
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(
            source.contains(&format!("const {constant}: ")),
            "{constant} is not in {file}"
        );
        rows += 1;
    }

    assert!(rows > 20, "only {rows} rows");
}

#[test]
fn each_alert_has_its_runbook_and_each_runbook_its_alert() {
    let rules = std::fs::read_to_string(root().join("charts/laredo/files/alerts.yaml")).unwrap();
    let runbooks = Document::read(&root().join("docs/runbooks.md"));
    let after = |text: &str, prefix: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim_start);
        lines
            .filter_map(|line| line.strip_prefix(prefix).map(str::to_owned))
            .collect()
    };

    let alerts = after(&rules, "- alert: ");
    let references = after(&rules, "runbook: ");

    assert!(alerts.len() >= 6, "only {alerts:?}");
    assert_eq!(alerts, after(&runbooks.text, "## "));
    let sections = alerts.iter().map(|alert| alert.to_lowercase());
    let sections: Vec<_> = sections
        .map(|section| format!("docs/runbooks.md#{section}"))
        .collect();
    assert_eq!(references, sections);
}

#[test]
fn decisions_are_half_a_page() {
    for document in documents() {
        let is_decision = document.path.parent() == Some(Path::new(&root().join("docs/decisions")));
        let lines = document.text.lines().count();
        assert!(
            !is_decision || lines < 40,
            "{}: {lines}",
            document.path.display()
        );
    }
}

/// Those for whose language there is no interpreter on this machine, or no `curl`, are left out.
#[test]
fn what_the_readme_says_to_run_works() {
    let readme = Document::read(&root().join("README.md"));
    let daemon = Daemon::start();

    let blocks = readme.runnable();
    for (language, code) in &blocks {
        if let Some(output) = daemon.run(language, code) {
            assert!(!output.trim().is_empty(), "says nothing: {code}");
            assert!(!output.contains("\"error\""), "{output}\nfrom: {code}");
        }
    }

    assert!(blocks.len() >= 4, "only {} blocks", blocks.len());
}

#[test]
fn every_block_of_variables_is_a_configuration_that_serves_something() {
    let page = Document::read(&root().join("docs/providers.md"));

    let blocks = page.blocks("env");
    for code in &blocks {
        let block = Block::read(code);
        assert!(
            block.unknown().is_empty(),
            "{:?} in:\n{code}",
            block.unknown()
        );
        let config = block.config();
        assert!(
            config.warnings.is_empty(),
            "{:?} in:\n{code}",
            config.warnings
        );
        for provider in config.providers.iter() {
            assert!(provider.introspection.is_some(), "no introspection: {code}");
        }
    }

    assert!(blocks.len() >= 20, "only {} blocks", blocks.len());
}
