//! The reader: walks the tree and gathers every mistake, each with its place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::excerpt::Excerpt;
use crate::config::overlay;
use crate::config::tree::{Entry, Node, Origin, Value};
use crate::model::problem::{Position, Problem, Severity};

/// A node on the way from the root, and its name there: `callers.0.id`.
#[derive(Clone, Copy)]
pub(super) struct Place<'n> {
    /// The node.
    pub(super) node: &'n Node,
    /// The keys and indices that lead to it, joined by dots; the notation of overrides, too.
    pub(super) at: &'n str,
}

impl<'n> Place<'n> {
    /// Where a key of this mapping was written, or else the mapping.
    pub(super) fn key_origin(self, key: &str) -> &'n Origin {
        let entries: &[Entry] = match &self.node.value {
            Value::Map(entries) => entries,
            _ => &[],
        };
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.map_or(&self.node.origin, |entry| &entry.origin)
    }

    /// Whether a key is written, in the file or in an override.
    pub(super) fn is_written(self, at: &str) -> bool {
        overlay::is_written(self.node, at)
    }

    /// The node of a key below this place, named from the root, or the deepest one on the way to it.
    pub(super) fn find(self, at: &str) -> &'n Node {
        let below = at.strip_prefix(self.at).unwrap_or(at);
        overlay::nearest_node(self.node, below.trim_start_matches('.'))
    }
}

/// Whether a path in the configuration must be a file or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A file that can be opened.
    File,
    /// A directory that can be listed.
    Directory,
}

/// A path that the configuration names, and where it does so.
#[derive(Debug, Clone)]
pub struct NamedPath {
    /// The path, joined to the directory of the configuration file if it was relative.
    pub path: PathBuf,
    /// What has to be there.
    pub kind: PathKind,
    /// The mistake to report if it is not there; its text is filled in by the check.
    pub(super) problem: Problem,
}

/// What the walk collects, and what it needs to say where.
pub(super) struct Reader<'a> {
    file: &'a str,
    base_dir: &'a Path,
    lines: Vec<&'a str>,
    excerpt: Excerpt,
    problems: Vec<Problem>,
    unknown_keys: Vec<(Position, String)>,
    paths: Vec<NamedPath>,
    files: Vec<PathBuf>,
}

impl<'a> Reader<'a> {
    /// A reader of this text, which came from this file.
    pub(super) fn new(text: &'a str, file: &'a str, base_dir: &'a Path, excerpt: Excerpt) -> Self {
        Self {
            file,
            base_dir,
            lines: text.lines().collect(),
            excerpt,
            problems: Vec::new(),
            unknown_keys: Vec::new(),
            paths: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Notes a mistake. An empty hint is none.
    pub(super) fn problem(
        &mut self,
        origin: &Origin,
        at: &str,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let problem = self.describe(origin, at, what.into(), hint.into());
        self.problems.push(problem);
    }

    /// Notes a mistake that has been described.
    pub(super) fn found(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes a mistake in a value, whose line is not shown because the value itself may be secret.
    pub(super) fn secret_problem(
        &mut self,
        place: Place<'_>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problem(&place.node.origin, place.at, what, hint);
        if let Some(problem) = self.problems.last_mut() {
            problem.line.clear();
        }
    }

    /// Notes that a value is of the wrong kind. Does nothing for a value already reported.
    pub(super) fn wrong_kind(&mut self, place: Place<'_>, expected: &str, hint: &str) {
        match &place.node.value {
            Value::Broken => {}
            Value::Nothing => self.problem(
                &place.node.origin,
                place.at,
                format!("has no value, expected {expected}"),
                "remove the key to get its default",
            ),
            value => {
                let what = format!("expected {expected}, found {}", value.kind());
                self.problem(&place.node.origin, place.at, what, hint);
            }
        }
    }

    /// Notes a key that its section does not know; an empty one is not to be named. What follows it on its line is not shown: it may
    /// be a secret under a wrong name, even one that another section knows.
    pub(super) fn unknown_key(&mut self, origin: &Origin, at: &str, key: &str, hint: String) {
        let what = if key.is_empty() {
            "holds something that is no key and value"
        } else {
            "is no known key"
        };
        self.problem(origin, at, what, hint);
        if let Some(position) = origin.position() {
            self.unknown_keys.push((position, key.to_owned()));
        }
    }

    /// Notes that the YAML itself cannot be read.
    pub(super) fn not_yaml(&mut self, position: Option<Position>, what: String) {
        let origin = position.map_or(Origin::Unwritten, Origin::File);
        self.problem(&origin, "", what, "the rest of the file was not read");
        if let (Some(problem), Some(position)) = (self.problems.last_mut(), position) {
            problem.line = self.excerpt.broken_line(&self.lines, position.line);
        }
    }

    /// Whether a mistake has been noted at this key or below it.
    pub(super) fn has_problem_at(&self, at: &str) -> bool {
        let below = format!("{at}.");
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.at == at || problem.at.starts_with(&below))
    }

    /// Resolves a path against the directory of the file, and remembers it for the check of files.
    pub(super) fn named_path(&mut self, place: Place<'_>, text: &str, kind: PathKind) -> PathBuf {
        let path = self.resolve(text);
        let origin = &place.node.origin;
        let problem = self.describe(origin, place.at, String::new(), String::new());
        if kind == PathKind::File {
            self.depends_on(&path);
        }
        self.paths.push(NamedPath {
            path: path.clone(),
            kind,
            problem,
        });
        path
    }

    /// Notes a file that the configuration depends on, whether it can be read or not.
    pub(super) fn depends_on(&mut self, file: &Path) {
        self.files.push(file.to_owned());
    }

    /// The files noted so far, each once, in the order they were met.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut seen = BTreeSet::new();
        let files = self.files.iter();
        files.filter(|path| seen.insert(*path)).cloned().collect()
    }

    /// A path as seen from the directory of the file.
    pub(super) fn resolve(&self, text: &str) -> PathBuf {
        self.base_dir.join(text)
    }

    /// The paths met, or every mistake in the order of the file; those outside it come last.
    pub(super) fn finish(mut self) -> Result<Vec<NamedPath>, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(self.paths);
        }
        for (place, name) in &self.unknown_keys {
            let cut = place.column - 1 + name.chars().count();
            let on_line = |problem: &&mut Problem| {
                !problem.line.is_empty()
                    && problem.position.map(|place| place.line) == Some(place.line)
            };
            for problem in self.problems.iter_mut().filter(on_line) {
                let shown: String = problem.line.chars().take(cut).collect();
                let colon = if name.is_empty() { "" } else { ": " };
                problem.line = format!("{shown}{colon}…");
            }
        }
        self.problems
            .sort_by_key(|problem| (problem.position.is_none(), problem.position));
        Err(self.problems)
    }

    /// A mistake, not noted yet.
    pub(super) fn describe(
        &self,
        origin: &Origin,
        at: &str,
        what: String,
        hint: String,
    ) -> Problem {
        let position = origin.position();
        Problem {
            severity: Severity::Error,
            file: match origin {
                Origin::Variable(name) => format!("${name}"),
                Origin::CommandLine => "command line".to_owned(),
                Origin::File(_) | Origin::Reference(_) | Origin::Unwritten => self.file.to_owned(),
            },
            position,
            at: at.to_owned(),
            line: position.map_or_else(String::new, |position| {
                self.excerpt.line(&self.lines, position.line)
            }),
            what,
            hint: (!hint.is_empty()).then_some(hint),
        }
    }
}
