//! The daemon and its command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    laredo::cli::run(std::env::args_os(), std::env::vars_os())
}
