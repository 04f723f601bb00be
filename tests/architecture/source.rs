//! The files below src/ that make up the product: found as the compiler finds them, tests left out.

use std::path::{Path, PathBuf};

use crate::paths::{Found, Path as CodePath, read};

/// One file of the product.
pub struct File {
    /// As a reader would call it: `src/cache/slot.rs`.
    pub name: String,
    /// Its module's path within the crate; `["main"]` for the program, empty for the library's root.
    pub module: Vec<String>,
    /// Every path that it names.
    pub paths: Vec<CodePath>,
}

impl File {
    /// The top-level module that it belongs to.
    pub fn layer(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }
}

/// Where the project lies.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the product.
pub fn product() -> Vec<File> {
    let mut files = Vec::new();
    collect("src/main.rs".into(), vec!["main".to_owned()], &mut files);
    collect("src/lib.rs".into(), Vec::new(), &mut files);
    assert!(files.len() > 50, "only {} files found", files.len());
    files
}

fn collect(name: PathBuf, module: Vec<String>, files: &mut Vec<File>) {
    let text = std::fs::read_to_string(root().join(&name));
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", name.display()));
    let Found { paths, submodules } = read(&text, &module);
    let folder = match name.file_stem().unwrap().to_str() {
        Some("main" | "lib") => name.with_file_name(""),
        _ => name.with_extension(""),
    };
    for submodule in submodules {
        let file = folder.join(format!("{submodule}.rs"));
        let module = module.iter().cloned().chain([submodule]).collect();
        collect(file, module, files);
    }
    files.push(File {
        name: name.display().to_string(),
        module,
        paths,
    });
}
