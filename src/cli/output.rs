//! Words for whoever typed the command. A closed standard output is no reason to fail.

use std::borrow::Cow;
use std::io::{self, Write as _};

/// Writes a line, or several, to standard output.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{}", harmless(text.trim_end()));
}

/// Writes a line, or several, to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", harmless(text.trim_end()));
}

/// What others wrote may be in it, which must not steer the terminal.
fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n';
    if text.contains(steers) {
        Cow::Owned(text.replace(steers, " "))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{9b}c\r\nd"), "a [2Jb c \nd");
        assert_eq!(harmless("two\nlines"), "two\nlines");
    }
}
