//! Why a saved request cannot be read: where, what is wrong, what to do. Never a value of a header or of a body.

use std::fmt;

use crate::model::problem::{Position, Problem, Severity};

use super::Format;

/// Why a text is no request that can be read. It names options, headers and members, and never shows their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What the text was taken for; none where it could be nothing.
    pub format: Option<Format>,
    /// Where in the text, if it is about a place. Lines and columns count from 1.
    pub position: Option<Position>,
    /// The JSON member, such as `log.entries[0].request.url`; empty outside of JSON.
    pub member: String,
    /// What is wrong: a lower-case fragment without a full stop.
    pub what: String,
    /// What to do, if that can be said.
    pub hint: Option<String>,
}

impl Unreadable {
    pub(super) fn new(format: impl Into<Option<Format>>, what: impl Into<String>) -> Self {
        Self {
            format: format.into(),
            position: None,
            member: String::new(),
            what: what.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Places it at a byte of the text.
    pub(super) fn at(mut self, text: &[u8], byte: usize) -> Self {
        self.position = Some(position(text, byte));
        self
    }

    /// The same as a problem of a file, so that it is shown like every other.
    pub fn in_file(self, file: &str) -> Problem {
        Problem {
            severity: Severity::Error,
            file: file.to_owned(),
            position: self.position,
            at: self.subject(),
            line: String::new(), // it may hold a credential
            what: self.what,
            hint: self.hint,
        }
    }

    fn subject(&self) -> String {
        if self.member.is_empty() {
            self.format.map(|it| it.to_string()).unwrap_or_default()
        } else {
            self.member.clone()
        }
    }
}

impl fmt::Display for Unreadable {
    /// One line: `line:column: what it is: what is wrong (what to do)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}: ")?;
        }
        let subject = self.subject();
        if !subject.is_empty() {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Line and column of a byte; the column counts characters.
fn position(text: &[u8], byte: usize) -> Position {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let in_line = before.get(line_start..).unwrap_or_default();
    Position {
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: String::from_utf8_lossy(in_line).chars().count() + 1,
    }
}
