//! Secrets, which come in a variable or in a file that a variable names.

use std::path::PathBuf;

use super::problem::{Noted, Problems};
use super::variables::Given;
use crate::secret::{Secret, SecretSource};

/// The secret that `text` holds or that is in the file that `file` names; both being set is a problem.
pub(super) fn secret(
    text: &Given<Secret>,
    file: &Given<String>,
    problems: &mut Problems,
) -> Result<Option<SecretSource>, Noted> {
    let (variable, source) = match (&text.value, &file.value) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let complaint = format!("is set, and {} is too: only one may be", file.name);
            return Err(problems.note(text.name, complaint));
        }
        (Some(value), None) => (text.name, SecretSource::of_variable(text.name, value)),
        (None, Some(path)) => {
            let path = PathBuf::from(path);
            (file.name, SecretSource::of_file(file.name, path))
        }
    };
    let noted = source.map_err(|why| problems.note(variable, why.to_string()));
    noted.map(Some)
}
