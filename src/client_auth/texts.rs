//! The texts that make a credential: in variables, or in files that variables name.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use super::{ClientAuth, CredentialKind, Defect, Fault};
use crate::secret::{Secret, Shape};

/// Where the texts of one credential are.
#[derive(Clone, Debug)]
pub struct CredentialTexts {
    /// What they make.
    pub kind: CredentialKind,
    /// The credential, or all of it but the key.
    pub main: Part,
    /// A certificate's key where it is apart.
    pub key: Option<Part>,
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

impl CredentialTexts {
    /// What they are now. Blocks.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn read(&self) -> Result<Contents, Fault> {
        let shape = self.kind.shape();
        let key = self.key.as_ref().map(|key| key.text(shape));
        Ok(Contents {
            main: self.main.text(shape)?,
            key: key.transpose()?,
        })
    }

    /// What these texts make.
    ///
    /// # Errors
    /// They make no credential.
    pub fn parsed(&self, contents: &Contents) -> Result<ClientAuth, Fault> {
        let credential = self.kind.parsed(&contents.main, contents.key.as_ref());
        credential.map_err(|defect| match (&self.key, defect) {
            (Some(key), Defect::MalformedKey | Defect::NoPrivateKey) => key.fault(defect),
            _ => self.main.fault(defect),
        })
    }

    /// Whether they can change while the process runs.
    #[must_use]
    pub fn are_in_files(&self) -> bool {
        let mut parts = [Some(&self.main), self.key.as_ref()].into_iter().flatten();
        parts.any(|part| matches!(part.origin, Origin::File(_)))
    }
}

impl Contents {
    /// The same for the same texts: it tells whether a file has changed, and nothing else depends on it. Cryptography
    /// for that at every start would bring its pages into the memory of pods that never need them.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for text in [Some(&self.main), self.key.as_ref()].into_iter().flatten() {
            text.expose().hash(&mut hasher);
        }
        hasher.finish()
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
