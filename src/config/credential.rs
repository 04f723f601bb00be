//! Credentials, which come in a variable or in a file that a variable names.

use std::path::PathBuf;

use super::problem::{Noted, Problems};
use super::variables::Given;
use crate::client_auth::{CredentialKind, CredentialSource, CredentialTexts, Origin, Part};
use crate::secret::Secret;

/// The credential of that kind, if its variables are set.
pub(super) fn credential(
    kind: CredentialKind,
    text: &Given<Secret>,
    file: &Given<String>,
    problems: &mut Problems,
) -> Result<Option<CredentialSource>, Noted> {
    let main = part(text, file, problems)?;
    main.map(|main| load(kind, main, None, problems))
        .transpose()
}

/// The text that `text` holds or that is in the file that `file` names; both being set is a problem.
pub(super) fn part(
    text: &Given<Secret>,
    file: &Given<String>,
    problems: &mut Problems,
) -> Result<Option<Part>, Noted> {
    match (&text.value, &file.value) {
        (Some(_), Some(_)) => {
            let complaint = format!("is set, and {} is too: only one may be", file.name);
            Err(problems.note(text.name, complaint))
        }
        (Some(value), None) => Ok(Some(Part {
            variable: text.name,
            origin: Origin::Variable(value.clone()),
        })),
        (None, _) => Ok(part_in_file(file)),
    }
}

/// The text in the file that `file` names.
pub(super) fn part_in_file(file: &Given<String>) -> Option<Part> {
    let path = file.value.as_ref()?;
    Some(Part {
        variable: file.name,
        origin: Origin::File(PathBuf::from(path)),
    })
}

/// What is there at start.
pub(super) fn load(
    kind: CredentialKind,
    main: Part,
    key: Option<Part>,
    problems: &mut Problems,
) -> Result<CredentialSource, Noted> {
    let source = CredentialSource::load(CredentialTexts { kind, main, key });
    source.map_err(|fault| problems.note(fault.variable, fault.defect.to_string()))
}
