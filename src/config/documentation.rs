//! `docs/configuration.md`, made from the catalogue.

use super::catalogue::CATALOGUE;
use super::generic;
use super::variables::Variable;

const INTRODUCTION: &str = "\
# Configuration

Laredo is configured by environment variables alone. They are read once, at start; files that hold secrets are read again
while it runs, and a change is used within 60 seconds. A wrong configuration ends in exit code 2, with every problem
listed, one line each, by variable and never by value.

- An empty value counts as not set. Variables that are not listed here are ignored.
- Switches are `true` or `false`, in any case. Numbers are decimal digits. Entries of comma lists are trimmed, and empty
  ones left out.
- URLs are `https`, or plain `http` to loopback (127.0.0.0/8, ::1, `localhost`) and to the names in
  `LAREDO_PLAIN_HTTP_HOSTS`; without user, password and fragment.
- Every secret, key and certificate can come in a file: set the variable that ends in `_FILE` to its path, and not the other
  one too. One trailing line break is dropped. If a new version of a file cannot be used, the last good one stays in use and an error
  is logged and counted.
- A provider is on if its `_ENABLED` says so or, where that is not set, if its client id is set.

This page is made from the source: `cargo test --test configuration_docs` says how to renew it.
";

/// The whole of `docs/configuration.md`.
#[must_use]
pub fn documentation() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut group = "";
    for variable in CATALOGUE.iter().chain(generic::CATALOGUE) {
        if variable.group != group {
            group = variable.group;
            page.push_str(&heading(group));
        }
        page.push_str(&row(variable));
    }
    page
}

fn heading(group: &str) -> String {
    format!("\n## {group}\n\n| variable | default | meaning |\n|---|---|---|\n")
}

fn row(variable: &Variable) -> String {
    let name = variable.name;
    let default = variable
        .default
        .map_or("–".to_owned(), |text| format!("`{text}`"));
    let secret = if variable.secret { " (secret)" } else { "" };
    let description = variable.description;
    format!("| `{name}`{secret} | {default} | {description} |\n")
}
