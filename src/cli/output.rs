//! Words for whoever typed the command. A closed standard output is no reason to fail.

use std::io::{self, Write as _};

/// Writes a line, or several, to standard output.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{}", text.trim_end());
}

/// Writes a line, or several, to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}
