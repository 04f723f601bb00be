//! What a text or a file must be like to be a secret.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::Secret;

/// Nothing that Laredo reads as a secret is longer than this, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a secret looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One line without control characters, as a client secret or a token.
    Line,
    /// One or more lines, as PEM or JSON.
    Lines,
}

/// Why a text or a file is no secret to work with. The text names neither content nor path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It cannot be opened or read.
    Unreadable,
    /// It is a directory, a pipe or a device.
    NotAFile,
    /// It is over 64 KiB.
    TooLong,
    /// Nothing is in it.
    Empty,
    /// It is not UTF-8.
    NotUtf8,
    /// A control character is in it.
    ControlCharacter,
}

impl Secret {
    /// What the file holds now, without one trailing line break. Blocks.
    ///
    /// # Errors
    /// The file cannot be read, or its content is not of that shape.
    pub fn read(path: &Path, shape: Shape) -> Result<Self, Unusable> {
        // Opening a pipe would block until somebody writes to it.
        let about = std::fs::metadata(path).map_err(|_| Unusable::Unreadable)?;
        if !about.is_file() {
            return Err(Unusable::NotAFile);
        }
        let one_more = LONGEST.saturating_add(1);
        // All the room at once: growing would leave copies behind.
        let mut content = Zeroizing::new(Vec::with_capacity(one_more));
        let limit = u64::try_from(one_more).unwrap_or(u64::MAX);
        File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut content))
            .map_err(|_| Unusable::Unreadable)?;
        let text = std::str::from_utf8(&content).map_err(|_| Unusable::NotUtf8)?;
        tidy(text, shape)
    }

    /// The secret without one trailing line break.
    ///
    /// # Errors
    /// It is not of that shape.
    pub fn tidied(&self, shape: Shape) -> Result<Self, Unusable> {
        tidy(self.expose(), shape)
    }
}

fn tidy(text: &str, shape: Shape) -> Result<Secret, Unusable> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.trim().is_empty() {
        Err(Unusable::Empty)
    } else if line.len() > LONGEST {
        Err(Unusable::TooLong)
    } else if line.chars().any(|character| shape.forbids(character)) {
        Err(Unusable::ControlCharacter)
    } else {
        Ok(Secret::from(line.to_owned()))
    }
}

impl Shape {
    fn forbids(self, character: char) -> bool {
        let breaks_or_indents = matches!(character, '\n' | '\r' | '\t');
        character.is_control() && !(self == Self::Lines && breaks_or_indents)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreadable => "cannot be read",
            Self::NotAFile => "is not a regular file",
            Self::TooLong => "is longer than 64 KiB",
            Self::Empty => "is empty",
            Self::NotUtf8 => "is not valid UTF-8",
            Self::ControlCharacter => {
                "has a control character in it, or a second line where one is expected"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(content: &[u8]) -> Result<String, Unusable> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        Secret::read(file.path(), Shape::Line).map(|secret| secret.expose().to_owned())
    }

    #[rstest]
    #[case(b"hunter2", "hunter2")]
    #[case(b"hunter2\n", "hunter2")]
    #[case(b"hunter2\r\n", "hunter2")]
    #[case(b" hunter2 ", " hunter2 ")]
    fn one_trailing_line_break_is_dropped(#[case] content: &[u8], #[case] secret: &str) {
        assert_eq!(read(content).as_deref(), Ok(secret));
    }

    #[rstest]
    #[case(b"", Unusable::Empty)]
    #[case(b" \n", Unusable::Empty)]
    #[case(b"hunter2\n\n", Unusable::ControlCharacter)]
    #[case(b"hunter\x002", Unusable::ControlCharacter)]
    #[case(b"hunter\xff2", Unusable::NotUtf8)]
    #[case(&[b'x'; LONGEST + 1], Unusable::TooLong)]
    fn what_is_no_secret_is_refused(#[case] content: &[u8], #[case] why: Unusable) {
        assert_eq!(read(content), Err(why));
    }

    #[test]
    fn lines_are_taken_where_they_are_expected() {
        let secret = Secret::from("{\n\t\"kty\": 1\r\n}\n".to_owned());

        let tidied = secret.tidied(Shape::Lines).unwrap();

        assert_eq!(tidied.expose(), "{\n\t\"kty\": 1\r\n}");
        assert_eq!(secret.tidied(Shape::Line), Err(Unusable::ControlCharacter));
        let bell = Secret::from("{\u{7}}".to_owned());
        assert_eq!(bell.tidied(Shape::Lines), Err(Unusable::ControlCharacter));
    }

    #[test]
    fn a_missing_file_is_unreadable() {
        let folder = tempfile::tempdir().unwrap();

        let outcome = Secret::read(&folder.path().join("absent"), Shape::Line);

        assert_eq!(outcome, Err(Unusable::Unreadable));
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();

        assert_eq!(
            Secret::read(folder.path(), Shape::Line),
            Err(Unusable::NotAFile)
        );
    }
}
