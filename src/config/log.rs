//! `telemetry.log`: where the log goes, and how much of it.

use crate::config::kind::{Kind, choice, parsed};
use crate::config::section::section;

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Pretty,
}

/// Where log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogOutput {
    /// To standard error.
    Stderr,
    /// To standard output.
    Stdout,
}

section! {
    /// The log of the process.
    pub struct Log {
        /// Where lines are written: stderr, or stdout, where the audit log must not go, too.
        output: LogOutput =
            choice(&[("stderr", LogOutput::Stderr), ("stdout", LogOutput::Stdout)]).or("stderr"),
        /// json for machines, pretty for people.
        format: LogFormat =
            choice(&[("json", LogFormat::Json), ("pretty", LogFormat::Pretty)]).or("json"),
        /// The least level that is written and sent: off, error, warn, info, debug or trace; or such levels
        /// by module, as in `info,meeting_gateway=debug`.
        level: String = parsed(
            read_level,
            "level",
            "write off, error, warn, info, debug or trace, or `info,module=debug`",
        ).or("info"),
    }
}

/// Whether a text is a level, or levels by module.
pub(crate) fn is_level(text: &str) -> bool {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    text.split(',').all(|directive| {
        let (module, level) = directive.rsplit_once('=').unwrap_or(("any", directive));
        let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-');
        !module.is_empty() && module.bytes().all(named) && levels.contains(&level)
    })
}

fn read_level(text: &str) -> Option<String> {
    is_level(text).then(|| text.to_owned())
}
