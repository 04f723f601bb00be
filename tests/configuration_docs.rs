//! `docs/configuration.md` tells the truth, for it is made from the catalogue of variables.

use std::path::Path;

#[test]
fn the_committed_page_is_the_one_made_from_the_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = std::fs::read_to_string(root.join("docs/configuration.md")).unwrap_or_default();
    let made = laredo::config::documentation();

    let renewed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("configuration.md");
    std::fs::write(&renewed, &made).unwrap();

    assert!(
        committed == made,
        "the variables have changed; to renew their page: cp {} docs/configuration.md",
        renewed.display()
    );
}
