//! Where a credential comes from: variables, or files that variables name.

use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};

use super::{ClientAuth, CredentialKind, Defect, Fault};
use crate::secret::{Secret, Shape};

/// The credentials that an app has for one provider, the first choice first.
#[derive(Clone, Debug)]
pub struct CredentialSources {
    /// The one to use.
    pub first: CredentialSource,
    /// Those to use when the provider refuses it, in their order.
    pub next: Vec<CredentialSource>,
}

/// A credential as it was at start, and where to look for a newer one.
#[derive(Clone, Debug)]
pub struct CredentialSource {
    kind: CredentialKind,
    main: Part,
    /// A certificate's key where it is apart.
    key: Option<Part>,
    credential: Arc<ClientAuth>,
    fingerprint: [u8; 32],
}

/// One text of a credential.
#[derive(Clone, Debug)]
pub struct Part {
    /// The variable that holds it or names its file.
    pub variable: &'static str,
    /// Where it is.
    pub origin: Origin,
}

/// Where a text is.
#[derive(Clone, Debug)]
pub enum Origin {
    /// In the variable.
    Variable(Secret),
    /// In this file.
    File(PathBuf),
}

/// The texts of a credential, as they were read.
#[derive(Debug)]
pub struct Contents {
    main: Secret,
    key: Option<Secret>,
}

impl CredentialSource {
    /// The credential that is there now. Blocks.
    ///
    /// # Errors
    /// There is none that can be used.
    pub fn load(kind: CredentialKind, main: Part, key: Option<Part>) -> Result<Self, Fault> {
        let contents = contents(kind, &main, key.as_ref())?;
        Ok(Self {
            credential: Arc::new(parsed(kind, &main, key.as_ref(), &contents)?),
            fingerprint: contents.fingerprint(),
            kind,
            main,
            key,
        })
    }

    /// What its texts are now. Blocks.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn contents(&self) -> Result<Contents, Fault> {
        contents(self.kind, &self.main, self.key.as_ref())
    }

    /// What these texts make.
    ///
    /// # Errors
    /// They make no credential.
    pub fn parsed(&self, contents: &Contents) -> Result<ClientAuth, Fault> {
        parsed(self.kind, &self.main, self.key.as_ref(), contents)
    }

    /// The credential as it was at start.
    #[must_use]
    pub fn at_start(&self) -> &Arc<ClientAuth> {
        &self.credential
    }

    /// The fingerprint of the texts at start.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// The variable that it is called by.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.main.variable
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// Whether it can change while the process runs.
    #[must_use]
    pub fn has_files(&self) -> bool {
        let mut parts = [Some(&self.main), self.key.as_ref()].into_iter().flatten();
        parts.any(|part| matches!(part.origin, Origin::File(_)))
    }
}

impl Contents {
    /// The same for the same texts, and only for them.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        for text in [Some(&self.main), self.key.as_ref()].into_iter().flatten() {
            context.update(text.expose().as_bytes());
            // No text has a NUL in it.
            context.update(&[0]);
        }
        context.finish().as_ref().try_into().unwrap_or_default()
    }
}

impl Part {
    fn text(&self, shape: Shape) -> Result<Secret, Fault> {
        let text = match &self.origin {
            Origin::Variable(text) => text.tidied(shape),
            Origin::File(path) => Secret::read(path, shape),
        };
        text.map_err(|unusable| self.fault(unusable.into()))
    }

    fn fault(&self, defect: Defect) -> Fault {
        let variable = self.variable;
        Fault { variable, defect }
    }
}

fn contents(kind: CredentialKind, main: &Part, key: Option<&Part>) -> Result<Contents, Fault> {
    Ok(Contents {
        main: main.text(kind.shape())?,
        key: key.map(|key| key.text(kind.shape())).transpose()?,
    })
}

fn parsed(
    kind: CredentialKind,
    main: &Part,
    key: Option<&Part>,
    contents: &Contents,
) -> Result<ClientAuth, Fault> {
    let credential = kind.parsed(&contents.main, contents.key.as_ref());
    credential.map_err(|defect| match (key, defect) {
        (Some(key), Defect::MalformedKey | Defect::NoPrivateKey) => key.fault(defect),
        _ => main.fault(defect),
    })
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
