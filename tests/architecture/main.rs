//! The layers hold: imports run downwards only, each crate stays where it belongs, and `ARCHITECTURE.md` says so too.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

mod paths;
mod source;
mod table;

use std::collections::BTreeSet;

use source::{File, product};
use table::{FENCES, LAYERS};

fn layer(module: &str) -> Option<&'static [&'static str]> {
    let mut rows = LAYERS.iter();
    rows.find(|(name, _)| *name == module)
        .map(|(_, imports)| *imports)
}

/// The top-level modules that `file` names beside its own, each with the whole path.
fn imports(file: &File) -> Vec<(String, String)> {
    let inside = file.paths.iter().filter_map(|path| path.inside_crate());
    inside
        .map(|path| (path.first().cloned().unwrap_or_default(), path.join("::")))
        .filter(|(module, _)| module != file.layer())
        .collect()
}

#[test]
fn no_file_imports_what_its_layer_may_not() {
    let mut wrong = BTreeSet::new();

    for file in product() {
        let allowed = layer(file.layer()).unwrap_or_default();
        let imports = imports(&file).into_iter();
        let forbidden = imports.filter(|(module, _)| !allowed.contains(&module.as_str()));
        for (_, path) in forbidden {
            wrong.insert(format!("{} imports crate::{path}", file.name));
        }
    }

    assert!(wrong.is_empty(), "not in the table: {wrong:#?}");
}

#[test]
fn every_layer_imports_only_from_those_below_it() {
    for (index, (module, imports)) in LAYERS.iter().enumerate() {
        let below: Vec<_> = LAYERS[..index].iter().map(|(name, _)| name).collect();
        for import in *imports {
            assert!(
                below.contains(&import),
                "{module} imports upwards: {import}"
            );
        }
    }
}

#[test]
fn the_table_allows_no_more_than_is_used() {
    let files = product();
    for (module, allowed) in LAYERS {
        let of_layer = files.iter().filter(|file| file.layer() == *module);
        let used: BTreeSet<_> = of_layer
            .flat_map(imports)
            .map(|(import, _)| import)
            .collect();
        for import in *allowed {
            assert!(
                used.contains(*import),
                "{module} no longer imports {import}"
            );
        }
    }
}

#[test]
fn every_top_level_module_has_a_row() {
    for file in product().iter().filter(|file| file.name != "src/lib.rs") {
        assert!(layer(file.layer()).is_some(), "no row for {}", file.name);
    }
}

#[test]
fn every_crate_stays_behind_its_fence() {
    let mut wrong = BTreeSet::new();

    for file in product() {
        let module = file.module.join("::");
        for (fenced, homes) in FENCES {
            let is_home = homes.iter().any(|home| is_within(&module, home));
            if !is_home && file.paths.iter().any(|path| path.begins_with(fenced)) {
                wrong.insert(format!("{} uses {fenced}", file.name));
            }
        }
    }

    assert!(wrong.is_empty(), "outside its fence: {wrong:#?}");
}

fn is_within(module: &str, home: &str) -> bool {
    module == home || module.starts_with(&format!("{home}::"))
}

#[test]
fn architecture_md_shows_this_table() {
    let text = std::fs::read_to_string(source::root().join("ARCHITECTURE.md")).unwrap();
    for (module, imports) in LAYERS {
        let begin = format!("| `{module}` |");
        let row = text.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {module}"));
        let quoted: Vec<_> = imports.iter().map(|name| format!("`{name}`")).collect();
        let last = if quoted.is_empty() {
            "–".to_owned()
        } else {
            quoted.join(", ")
        };
        assert!(
            row.ends_with(&format!("| {last} |")),
            "{module}: should end in {last}"
        );
    }
}

#[test]
fn architecture_md_shows_these_fences() {
    let text = std::fs::read_to_string(source::root().join("ARCHITECTURE.md")).unwrap();
    for (fenced, homes) in FENCES {
        let homes: Vec<_> = homes.iter().map(|home| format!("`{home}`")).collect();
        let row = format!("| `{fenced}` | {} |", homes.join(", "));
        assert!(text.contains(&row), "ARCHITECTURE.md lacks: {row}");
    }
}
