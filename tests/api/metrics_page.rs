//! `docs/metrics.md` tells the truth, for its table is what a running daemon says of its metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::keys;
use crate::support::{TARGET, TestApp, built_in_provider};

/// What stands around the table.
const BEGIN: &str = "<!-- The table is made by `cargo test --test api metrics_page`. -->\n";
const END: &str = "<!-- End of the table. -->\n";

struct Family {
    kind: String,
    help: String,
    labels: BTreeSet<String>,
}

/// A daemon that has something to say of everything: all providers, a certificate, and a call that was answered.
async fn metrics() -> String {
    let pair = keys::rsa(0).serialize_pem() + &keys::certificate(keys::rsa(0), 2100);
    let provider = built_in_provider().await;
    let values = provider.variables();
    let played = values.iter().map(|(name, value)| (*name, value.expose()));
    let environment: Vec<_> = [("BIND_ADDRESS", "127.0.0.1:0")]
        .into_iter()
        .chain(played)
        .collect();
    let certificate = [
        ("AZURE_APP_CLIENT_SECRET", ""),
        ("AZURE_APP_CERTIFICATE", &*pair),
    ];
    let app = TestApp::run(provider, &environment, &certificate).await;
    app.token(TARGET).await;
    let expiry = r#"laredo_credential_expiry_timestamp_seconds{identity_provider="entra_id"}"#;
    app.until(async || app.metric(expiry).await > 0.0).await;
    app.operations("/metrics").await.text()
}

fn families(text: &str) -> BTreeMap<String, Family> {
    let mut families = BTreeMap::new();
    let mut latest = String::new();
    for line in text.lines() {
        if let Some((name, help)) = line
            .strip_prefix("# HELP ")
            .and_then(|rest| rest.split_once(' '))
        {
            latest = name.to_owned();
            let family = Family {
                kind: String::new(),
                help: help.to_owned(),
                labels: BTreeSet::new(),
            };
            families.insert(latest.clone(), family);
            continue;
        }
        let family = families.get_mut(&latest).unwrap();
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            family.kind = kind.rsplit(' ').next().unwrap().to_owned();
        } else if let Some((_, labels)) = line.split_once('{') {
            let names = labels
                .split("\",")
                .map(|pair| pair.split('=').next().unwrap());
            let own = names.filter(|name| *name != "le" && !name.starts_with('}'));
            family.labels.extend(own.map(str::to_owned));
        }
    }
    families
}

fn table(text: &str) -> String {
    let mut table = "| metric | type | labels | meaning |\n|---|---|---|---|\n".to_owned();
    for (name, family) in families(text) {
        let labels: Vec<_> = family
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = if labels.is_empty() {
            "–".to_owned()
        } else {
            labels.join(", ")
        };
        writeln!(
            table,
            "| `{name}` | {} | {labels} | {} |",
            family.kind, family.help
        )
        .unwrap();
    }
    table
}

#[tokio::test]
async fn the_committed_page_has_the_metrics_of_a_running_daemon() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let committed = std::fs::read_to_string(page).unwrap();
    let (before, rest) = committed.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let made = format!("{before}{BEGIN}\n{}\n{END}{after}", table(&metrics().await));

    let renewed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("metrics.md");
    std::fs::write(&renewed, &made).unwrap();

    assert!(
        committed == made,
        "the metrics have changed; to renew their page: cp {} docs/metrics.md",
        renewed.display()
    );
}
