//! `docs/limits.md` is true: each bound is in the source with its value, and each test exists (S23).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/limits.md";
/// Bounds that no test of ours can hold; the page says why.
const MOST_UNTESTED: usize = 5;

struct Row {
    constant: String,
    value: String,
    file: String,
    test: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let rows: Vec<Vec<String>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| what is"))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect();
    rows.into_iter()
        .map(|cells| {
            let [_, constant, value, file, test] = cells.try_into().unwrap();
            Row {
                constant,
                value,
                file,
                test,
            }
        })
        .collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_source() -> String {
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        rust_files(&root().join(folder), &mut files);
    }
    files
        .into_iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

/// Whether a line of the source gives this name this value.
fn sets(source: &str, row: &Row) -> bool {
    source.lines().any(|line| {
        let names = line.contains(&format!("{}:", row.constant));
        let is = |before: &str| line.contains(&format!("{before} {}", row.value));
        names && (is("=") || is(":"))
    })
}

/// A variable's default is written behind its name.
fn defaults_to(source: &str, row: &Row) -> bool {
    let name = row.constant.to_uppercase();
    source
        .lines()
        .any(|line| line.contains(&name) && line.contains(&row.value))
        || source.split(&name).skip(1).any(|behind| {
            behind
                .chars()
                .take(200)
                .collect::<String>()
                .contains(&row.value)
        })
}

#[test]
fn s23_each_bound_is_in_its_file_with_its_value() {
    for row in rows() {
        let source = fs::read_to_string(root().join(&row.file))
            .unwrap_or_else(|_| panic!("there is no {}", row.file));
        let is_true = match row.value.as_str() {
            "–" => source.contains(&row.constant),
            _ => sets(&source, &row) || defaults_to(&source, &row),
        };
        assert!(
            is_true,
            "{}: {} is not {} there",
            row.file, row.constant, row.value
        );
    }
}

#[test]
fn s23_each_bound_has_a_test() {
    let source = all_source();
    for row in rows() {
        let test = format!("fn {}(", row.test);
        assert!(
            source.contains(&test) || row.test.starts_with("not tested: "),
            "there is no {}",
            row.test
        );
    }
}

#[test]
fn s23_few_bounds_are_without_a_test() {
    let untested = rows()
        .into_iter()
        .filter(|row| row.test.starts_with("not tested: "));

    assert!(untested.count() <= MOST_UNTESTED);
}
