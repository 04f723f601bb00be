//! As much of Markdown as these tests need.

use std::path::{Path, PathBuf};

/// One `.md` file.
pub struct Document {
    pub path: PathBuf,
    pub text: String,
}

/// Where the project lies.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Those at the project's root and everywhere below docs, charts and deploy.
pub fn documents() -> Vec<Document> {
    let mut documents = in_folder(root());
    let mut folders: Vec<_> = ["docs", "charts", "deploy"]
        .map(|name| root().join(name))
        .into();
    while let Some(folder) = folders.pop() {
        documents.extend(in_folder(&folder));
        folders.extend(entries(&folder).into_iter().filter(|path| path.is_dir()));
    }
    assert!(documents.len() > 10, "only {} documents", documents.len());
    documents
}

fn in_folder(folder: &Path) -> Vec<Document> {
    let files = entries(folder).into_iter();
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| Document::read(&path))
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

impl Document {
    pub fn read(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            text: std::fs::read_to_string(path).unwrap(),
        }
    }

    /// The targets of `[text](target)`.
    pub fn links(&self) -> Vec<&str> {
        let prose = self.prose().flat_map(|line| line.split("](").skip(1));
        prose.filter_map(|rest| rest.split(')').next()).collect()
    }

    /// Everything between backticks.
    pub fn quoted(&self) -> Vec<&str> {
        self.prose().flat_map(quoted).collect()
    }

    /// Lines outside code blocks.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut is_code = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
    }

    /// The code of each block in that language.
    pub fn blocks(&self, language: &str) -> Vec<&str> {
        let blocks = self.text.split("\n```").skip(1).step_by(2);
        let in_language = blocks.filter_map(|block| {
            let (found, code) = block.split_once('\n')?;
            (found == language).then_some(code)
        });
        in_language.collect()
    }

    /// Language and code of each block that begins with ` ```language runnable`.
    pub fn runnable(&self) -> Vec<(&str, &str)> {
        let blocks = self.text.split("\n```").skip(1).step_by(2);
        blocks
            .filter_map(|block| {
                let (language, code) = block.split_once(" runnable\n")?;
                (!language.contains('\n')).then_some((language, code))
            })
            .collect()
    }
}

/// Everything between backticks in a line.
pub fn quoted(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}
