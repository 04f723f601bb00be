//! What is logged, and how.

use tracing_subscriber::filter::Targets;

use super::catalogue::Variables;
use super::problem::{Complaint, Noted, Problems};

/// The log.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Which events are logged, from `RUST_LOG`.
    pub filter: Targets,
    /// In which form.
    pub format: LogFormat,
}

/// The form of the log's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// JSON, one object for each line.
    Json,
    /// Text for people.
    Text,
    /// Text where standard output is a terminal, else JSON.
    ByTerminal,
}

impl LogConfig {
    pub(super) fn read(variables: &Variables, problems: &mut Problems) -> Result<Self, Noted> {
        let filter = variables.rust_log.required(problems, filter);
        let format = variables.laredo_log_format.optional(problems, format);
        Ok(Self {
            filter: filter?,
            format: format?.unwrap_or(LogFormat::ByTerminal),
        })
    }
}

fn filter(text: &str) -> Result<Targets, Complaint> {
    text.parse()
        .map_err(|_| "is not a level or a comma list of module=level".into())
}

fn format(text: &str) -> Result<LogFormat, Complaint> {
    match text {
        "json" => Ok(LogFormat::Json),
        "text" => Ok(LogFormat::Text),
        _ => Err("is neither `json` nor `text`".into()),
    }
}
