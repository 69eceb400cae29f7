//! Reading a mapping key by key while every mistake is noted: the reader goes on, and says at the end what was wrong.

use std::mem;

use crate::model::json::Value;
use crate::model::problem::{Position, Problem, Severity, nearest};
use crate::model::until::{NotADate, Until};
use crate::model::yaml_lines;

use super::patterns::Patterns;
use super::scalar_position::position_in;
use super::verb::Placed;
use super::yaml::{Content, Entry, Node};

/// Mistakes of one file that are listed; the others are counted.
const MAX_PROBLEMS: usize = 1_000;
/// The longest line, in bytes, that is shown under a mistake.
const MAX_LINE: usize = 1_000;
/// Names, values or exemptions that one list of a rule may have. Every one is held against those of other rules.
const MAX_ITEMS: usize = 1_000;

/// The file that is read, and the mistakes found so far.
#[derive(Debug)]
pub(super) struct Sheet<'t> {
    file: &'t str,
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// The rule or key that is being read: where the next problems belong.
    pub(super) at: String,
    /// The regular expressions of the file.
    pub(super) patterns: Patterns,
    problems: Vec<Problem>,
    /// Mistakes that are not listed.
    more: usize,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            lines: yaml_lines::starts(text),
            at: String::new(),
            patterns: Patterns::default(),
            problems: Vec::new(),
            more: 0,
        }
    }

    /// Notes a mistake at a place.
    pub(super) fn note(
        &mut self,
        position: Option<Position>,
        what: impl Into<String>,
        hint: Option<String>,
    ) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let problem = self.problem(position, what.into(), hint);
        self.problems.push(problem);
    }

    /// A mistake at a place, which is not noted.
    pub(super) fn problem(
        &self,
        position: Option<Position>,
        what: String,
        hint: Option<String>,
    ) -> Problem {
        let line = position.and_then(|place| self.line(place.line));
        let line = line.filter(|line| line.len() <= MAX_LINE);
        Problem {
            severity: Severity::Error,
            file: self.file.to_owned(),
            position,
            at: self.at.clone(),
            line: line.unwrap_or_default().to_owned(),
            what,
            hint,
        }
    }

    /// Notes a mistake inside a text of the file, at a byte of it.
    pub(super) fn note_within(
        &mut self,
        text: &Placed<String>,
        offset: usize,
        what: impl Into<String>,
        hint: Option<String>,
    ) {
        if self.is_full() {
            return self.note(None, what, hint);
        }
        let start = text.position;
        let from = self.line_on(start.line).unwrap_or_default();
        let column = from.char_indices().nth(start.column.saturating_sub(1));
        let from = column.map_or("", |(at, _)| &from[at..]);
        let place = position_in(from, start, &text.value, offset);
        self.note(Some(place), what, hint);
    }

    /// Whether no more mistakes are listed.
    const fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    fn line(&self, line: usize) -> Option<&'t str> {
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        yaml_lines::lines(self.text.get(start..end)?).next()
    }

    /// The file, a line and all behind it.
    fn line_on(&self, line: usize) -> Option<&'t str> {
        let start = self.lines.get(line.checked_sub(1)?)?;
        self.text.get(*start..)
    }

    /// An end date; anything else is noted.
    pub(super) fn until(&mut self, node: Node, name: &str) -> Option<Placed<Until>> {
        let (text, position) = self.text(node, name)?;
        match text.parse() {
            Ok(value) => Some(Placed { value, position }),
            Err(fault) => {
                let what = format!("`{name}` is no date: `{text}`");
                let hint: &NotADate = &fault;
                self.note(Some(position), what, Some(hint.to_string()));
                None
            }
        }
    }

    /// Everything noted, from the top of the file to the bottom.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.position);
        self.problems.dedup();
        if self.more > 0 {
            self.problems.push(Problem {
                severity: Severity::Error,
                file: self.file.to_owned(),
                // With the last of those that are listed, so that it stays behind them.
                position: self.problems.last().and_then(|last| last.position),
                at: String::new(),
                line: String::new(),
                what: format!("{} more mistakes are not listed", self.more),
                hint: None,
            });
        }
        self.problems
    }

    /// A mapping; anything else is noted.
    pub(super) fn mapping(&mut self, node: Node, name: &str, example: &str) -> Option<Mapping> {
        if let Content::Mapping(entries) = node.content {
            let position = node.position;
            return Some(Mapping { position, entries });
        }
        let hint = Some(format!("for example `{example}`"));
        self.note(
            Some(node.position),
            format!("{name} must be a mapping"),
            hint,
        );
        None
    }

    /// A text that is not empty; anything else is noted.
    pub(super) fn text(&mut self, node: Node, name: &str) -> Option<(String, Position)> {
        match node.content {
            Content::Scalar(Value::String(text)) if !text.trim().is_empty() => {
                Some((text.into(), node.position))
            }
            _ => {
                let hint = Some("put numbers, booleans and dates in quotes".to_owned());
                self.note(
                    Some(node.position),
                    format!("`{name}` must be a text"),
                    hint,
                );
                None
            }
        }
    }

    /// A whole number within bounds; anything else is noted.
    pub(super) fn whole(&mut self, node: &Node, name: &str, bounds: (i64, i64)) -> Option<i64> {
        let (low, high) = bounds;
        let number = match &node.content {
            Content::Scalar(value) => value.as_i64(),
            _ => None,
        };
        let fits = number.filter(|n| (low..=high).contains(n));
        if fits.is_none() {
            let what = if number.is_some() && low > i64::MIN {
                format!("`{name}` must be between {low} and {high}")
            } else {
                format!("`{name}` must be a whole number")
            };
            self.note(Some(node.position), what, None);
        }
        fits
    }

    /// One of a few words; anything else is noted, with the nearest.
    pub(super) fn word<T: Copy>(
        &mut self,
        node: Node,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let (text, position) = self.text(node, name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let all: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let what = format!("`{name}` must be {}, not `{text}`", all.join(" or "));
            self.note(
                Some(position),
                what,
                suggestion(&text, words.iter().map(|w| w.0)),
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// `true` or `false`; anything else is noted.
    pub(super) fn boolean(&mut self, node: &Node, name: &str) -> Option<bool> {
        let Content::Scalar(Value::Bool(value)) = node.content else {
            let what = format!("`{name}` must be true or false");
            self.note(Some(node.position), what, None);
            return None;
        };
        Some(value)
    }

    /// Texts, at least one; anything else is noted.
    pub(super) fn texts(&mut self, node: Node, name: &str) -> Vec<(String, Position)> {
        let (nodes, _) = self.list(node, name).unzip();
        let nodes = nodes.into_iter().flatten();
        nodes.filter_map(|node| self.text(node, name)).collect()
    }

    /// A list, which may be empty; anything else is noted.
    pub(super) fn items(&mut self, node: Node, name: &str) -> Vec<Node> {
        match node.content {
            Content::List(items) if items.is_empty() => items,
            _ => self
                .list(node, name)
                .map_or_else(Vec::new, |(items, _)| items),
        }
    }

    /// A list with at least one item and not too many of them; anything else is noted. Of a longer one the beginning is taken, so that
    /// nothing wrong is said of the rule beside that.
    pub(super) fn short_list(&mut self, node: Node, name: &str) -> Option<(Vec<Node>, Position)> {
        let (mut items, position) = self.list(node, name)?;
        if items.len() > MAX_ITEMS {
            let count = items.len();
            let what = format!("`{name}` has {count} items, and {MAX_ITEMS} are the most");
            self.note(Some(position), what, None);
            items.truncate(MAX_ITEMS);
        }
        Some((items, position))
    }

    /// A list with at least one item; anything else is noted.
    pub(super) fn list(&mut self, node: Node, name: &str) -> Option<(Vec<Node>, Position)> {
        match node.content {
            Content::List(items) if !items.is_empty() => Some((items, node.position)),
            Content::List(_) => {
                self.note(Some(node.position), format!("`{name}` is empty"), None);
                None
            }
            _ => {
                let hint = Some(format!("write `{name}: [...]`"));
                self.note(
                    Some(node.position),
                    format!("`{name}` must be a list"),
                    hint,
                );
                None
            }
        }
    }
}

/// A mapping from which keys are taken; what is left at the end was not expected.
#[derive(Debug)]
pub(super) struct Mapping {
    pub(super) position: Position,
    entries: Vec<Entry>,
}

impl Mapping {
    /// Takes an entry out.
    pub(super) fn entry(&mut self, key: &str) -> Option<Entry> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(index))
    }

    /// Takes a value out.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        self.entry(key).map(|entry| entry.value)
    }

    /// Takes a value out that must be there.
    pub(super) fn need(&mut self, sheet: &mut Sheet<'_>, key: &str) -> Option<Node> {
        let node = self.take(key);
        if node.is_none() {
            sheet.note(Some(self.position), format!("`{key}` is missing"), None);
        }
        node
    }

    /// Takes the entries whose keys are among some names, in the order of the file.
    pub(super) fn take_named(&mut self, names: &[&str]) -> Vec<Entry> {
        let (named, rest) = mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| names.contains(&entry.key.as_str()));
        self.entries = rest;
        named
    }

    /// Everything that is left, in the order of the file.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Whether a key is left that is not among some names.
    pub(super) fn has_other_than(&self, names: &[&str]) -> bool {
        self.entries
            .iter()
            .any(|entry| !names.contains(&entry.key.as_str()))
    }

    /// Notes every key that is left, with the nearest of the known ones.
    pub(super) fn finish(self, sheet: &mut Sheet<'_>, known: &[&str]) {
        for entry in self.entries {
            let hint = suggestion(&entry.key, known.iter().copied()).or_else(|| {
                let known: Vec<_> = known.iter().map(|key| format!("`{key}`")).collect();
                Some(format!("known here: {}", known.join(", ")))
            });
            sheet.note(
                Some(entry.position),
                format!("unknown key `{}`", entry.key),
                hint,
            );
        }
    }
}

/// "did you mean ...?", if something is near enough.
pub(super) fn suggestion<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(wrong, known).map(|name| format!("did you mean `{name}`?"))
}
