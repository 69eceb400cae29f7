//! A mistake in a file that a person wrote: where it is, what is wrong, what to do.
//!
//! Loading never stops at the first one: it returns every [`Problem`] it finds.

use std::fmt;

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// How bad a mistake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Severity {
    /// What it is in cannot be used.
    #[default]
    Error,
    /// It can be used, and should be looked at: `check` tells of it, nothing else stops at it.
    Warning,
    /// It is as somebody wanted it, and should be remembered: `check` tells of it and passes.
    Notice,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the person named it; an environment variable is written `$NAME`.
    pub file: String,
    /// Where in it, if it is about a place.
    pub position: Option<Position>,
    /// The key or rule, such as `upstream.url` or `baseline/max-duration`.
    pub at: String,
    /// The offending line, to be shown under the message. Empty where it could hold a secret.
    pub line: String,
    /// What is wrong: a lower-case fragment without a full stop.
    pub what: String,
    /// What to do, if that can be said.
    pub hint: Option<String>,
}

impl Problem {
    /// An error of a file as a whole, or of something in it that has no place.
    pub fn of_file(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.into(),
            position: None,
            at: String::new(),
            line: String::new(),
            what: what.into(),
            hint: None,
        }
    }

    /// An error of the configuration that is told by its key alone: nobody here knows from which file it came.
    pub fn of_key(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            ..Self::of_file("configuration", what)
        }
    }
}

impl fmt::Display for Problem {
    /// One line: `file:line:column: at: what (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str(": ")?;
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

/// The nearest of the known names, if one is near enough to be what was meant.
///
/// ```
/// use meeting_gateway::model::problem::nearest;
///
/// assert_eq!(nearest("encryptmode", ["encryptMode", "length"]), Some("encryptMode"));
/// assert_eq!(nearest("ulr", ["url", "length"]), Some("url"));
/// assert_eq!(nearest("colour", ["encryptMode", "length"]), None);
/// ```
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = wrong.to_lowercase();
    let score = |name: &str| {
        let name = name.to_lowercase();
        // In short names one slip weighs too much for the first measure: `ulr`, `url`.
        let one_slip = name.len() > 2
            && name.len().abs_diff(folded.len()) <= char::MAX.len_utf8()
            && strsim::osa_distance(&folded, &name) == 1;
        let floor = if one_slip { 0.86 } else { 0.0 };
        strsim::jaro_winkler(&folded, &name).max(floor)
    };
    let scored = known.into_iter().map(|name| (score(name), name));
    scored
        .filter(|(score, _)| *score > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
