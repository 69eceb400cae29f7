//! Shows problems in files: as text with the offending line, or as one JSON array for machines.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::model::problem::{Problem, Severity};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// All problems for people, each with its line; ends with their number.
pub fn text(problems: &[Problem]) -> String {
    let renderer = Renderer::plain();
    let mut out = String::new();
    for problem in problems {
        out.push_str(&one(&renderer, problem));
        out.push_str("\n\n");
    }
    let is_notice = |problem: &&Problem| problem.severity == Severity::Notice;
    let notices = problems.iter().filter(is_notice).count();
    let counted = |count: usize, what: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {what}{ending}")
    };
    let mut counts = Vec::new();
    if problems.len() > notices {
        counts.push(counted(problems.len() - notices, "problem"));
    }
    if notices > 0 {
        counts.push(counted(notices, "note"));
    }
    out.push_str(&counts.join(", "));
    out
}

fn one(renderer: &Renderer, problem: &Problem) -> String {
    let at = if problem.at.is_empty() {
        String::new()
    } else {
        format!("{}: ", problem.at)
    };
    let title = format!("{at}{}", problem.what);
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Notice => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(title.as_str()));
    match problem.position {
        Some(position) if !problem.line.is_empty() => {
            let start = problem
                .line
                .char_indices()
                .nth(position.column.saturating_sub(1))
                .map_or(problem.line.len(), |(at, _)| at);
            let end = problem.line[start..]
                .find(|c: char| c.is_whitespace() || c == ':')
                .map_or(problem.line.len(), |length| start + length);
            group = group.element(
                Snippet::source(problem.line.as_str())
                    .line_start(position.line)
                    .path(problem.file.as_str())
                    .annotation(AnnotationKind::Primary.span(start..end.max(start))),
            );
        }
        Some(position) => {
            group = group.element(
                Origin::path(problem.file.as_str())
                    .line(position.line)
                    .char_column(position.column),
            );
        }
        None => group = group.element(Origin::path(problem.file.as_str())),
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    renderer.render(&[group])
}

/// A problem, as it is written in JSON.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    severity: &'static str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    at: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

/// All problems as one JSON array.
pub fn json(problems: &[Problem]) -> String {
    serde_json::to_string_pretty(&entries(problems)).unwrap_or_default()
}

/// The problems, as they are written in JSON.
pub fn entries(problems: &[Problem]) -> Vec<Entry<'_>> {
    problems.iter().map(Entry::of).collect()
}

impl<'a> Entry<'a> {
    fn of(problem: &'a Problem) -> Self {
        Self {
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Notice => "note",
            },
            file: &problem.file,
            line: problem.position.map(|position| position.line),
            column: problem.position.map(|position| position.column),
            at: &problem.at,
            what: &problem.what,
            hint: problem.hint.as_deref(),
        }
    }
}
