//! The reader: walks the tree and gathers every mistake, each with its place.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::excerpt::Excerpt;
use crate::config::overlay;
use crate::config::tree::{Entry, Node, Origin, Spot, Value};
use crate::model::problem::{Position, Problem, Severity};
use crate::model::yaml_lines;

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

impl NamedPath {
    /// A mistake that is about what is there.
    #[must_use]
    pub fn problem(&self, what: impl Into<String>) -> Problem {
        Problem {
            what: what.into(),
            ..self.problem.clone()
        }
    }
}

/// One of the files that are read.
struct Text<'a> {
    name: Cow<'a, str>,
    base_dir: Cow<'a, Path>,
    lines: Vec<Cow<'a, str>>,
    /// How many callers stand before its own.
    callers_before: usize,
}

/// What the walk collects, and what it needs to say where.
pub(super) struct Reader<'a> {
    itself: Text<'a>,
    others: Vec<Text<'a>>,
    excerpt: Excerpt,
    /// Each with the number of its file.
    problems: Vec<(usize, Problem)>,
    unknown_keys: Vec<(Spot, String)>,
    unknown: BTreeSet<String>,
    paths: Vec<NamedPath>,
    files: Vec<PathBuf>,
}

impl<'a> Reader<'a> {
    /// A reader of this text, which came from this file.
    pub(super) fn new(text: &'a str, file: &'a str, base_dir: &'a Path, excerpt: Excerpt) -> Self {
        Self {
            itself: Text {
                name: Cow::Borrowed(file),
                base_dir: Cow::Borrowed(base_dir),
                lines: yaml_lines::lines(text).map(Cow::Borrowed).collect(),
                callers_before: 0,
            },
            others: Vec::new(),
            excerpt,
            problems: Vec::new(),
            unknown_keys: Vec::new(),
            unknown: BTreeSet::new(),
            paths: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Begins with a further file, of callers that follow on so many others. Returns its number.
    pub(super) fn add_file(&mut self, path: &Path, text: &str, callers_before: usize) -> usize {
        let base_dir = path.parent().unwrap_or(Path::new(""));
        self.others.push(Text {
            name: Cow::Owned(path.display().to_string()),
            base_dir: Cow::Owned(base_dir.to_owned()),
            lines: yaml_lines::lines(text)
                .map(|line| Cow::Owned(line.to_owned()))
                .collect(),
            callers_before,
        });
        self.others.len()
    }

    fn text(&self, file: usize) -> &Text<'a> {
        let other = file.checked_sub(1).and_then(|at| self.others.get(at));
        other.unwrap_or(&self.itself)
    }

    /// The name of the file that something was written in.
    pub(super) fn file_of(&self, origin: &Origin) -> &str {
        &self.text(origin.file()).name
    }

    /// Where something is, as told of another place: `callers.0.id, line 3`, with its file if that is another one.
    pub(super) fn place_of(&self, at: &str, origin: &Origin, from: &Origin) -> String {
        let text = self.text(origin.file());
        let mut place = text.own_name(at);
        if origin.file() != from.file() {
            place = format!("{place} in {}", text.name);
        }
        match origin.position() {
            Some(position) => format!("{place}, line {}", position.line),
            None => place,
        }
    }

    /// Notes that what stands here is not known, and not to be judged.
    pub(super) fn unknown(&mut self, at: &str) {
        self.unknown.insert(at.to_owned());
    }

    /// Whether the value at this key is not known.
    pub(super) fn is_unknown(&self, at: &str) -> bool {
        self.unknown.contains(at)
    }

    /// How many values below this key are not known.
    pub(super) fn unknown_at(&self, at: &str) -> usize {
        let below = format!("{at}.");
        let known = self.unknown.range(below.clone()..);
        known.take_while(|at| at.starts_with(&below)).count()
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
        self.problems.push((origin.file(), problem));
    }

    /// Notes a mistake that has been described, in the configuration itself.
    pub(super) fn found(&mut self, problem: Problem) {
        self.problems.push((0, problem));
    }

    /// Notes a mistake in a value, whose line is not shown because the value itself may be secret.
    pub(super) fn secret_problem(
        &mut self,
        place: Place<'_>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problem(&place.node.origin, place.at, what, hint);
        if let Some((_, problem)) = self.problems.last_mut() {
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
        if let Some(spot) = origin.spot() {
            self.unknown_keys.push((spot, key.to_owned()));
        }
    }

    /// Notes that the YAML of a file itself cannot be read.
    pub(super) fn not_yaml(&mut self, file: usize, position: Option<Position>, what: String) {
        // Without a place, the beginning of the file: which one it is has to be said.
        let start = Position { line: 1, column: 1 };
        let spot = Spot {
            file,
            position: position.unwrap_or(start),
        };
        let origin = if file == 0 && position.is_none() {
            Origin::Unwritten
        } else {
            Origin::File(spot)
        };
        let mut problem = self.describe(
            &origin,
            "",
            what,
            "the rest of the file was not read".to_owned(),
        );
        problem.line = position.map_or_else(String::new, |position| {
            let lines = &self.text(file).lines;
            self.excerpt.broken_line(lines, position.line)
        });
        self.problems.push((file, problem));
    }

    /// Whether a mistake has been noted at this key or below it, or something there is not known.
    pub(super) fn has_problem_at(&self, at: &str) -> bool {
        let below = format!("{at}.");
        let mut problems = self.problems.iter();
        problems.any(|(_, problem)| problem.at == at || problem.at.starts_with(&below))
            || self.is_unknown(at)
            || self.unknown_at(at) > 0
    }

    /// Resolves a path against the directory of the file, and remembers it for the check of files.
    pub(super) fn named_path(&mut self, place: Place<'_>, text: &str, kind: PathKind) -> PathBuf {
        let origin = &place.node.origin;
        let path = self.resolve(origin, Path::new(text));
        let mut problem = self.describe(origin, place.at, String::new(), String::new());
        problem.at = self.text(origin.file()).own_name(place.at);
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

    /// A path as seen from the directory of the file it is written in.
    pub(super) fn resolve(&self, origin: &Origin, path: &Path) -> PathBuf {
        self.text(origin.file()).base_dir.join(path)
    }

    /// The paths met, or every mistake in the order of the files; those outside them come last.
    pub(super) fn finish(mut self) -> Result<Vec<NamedPath>, Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(self.paths);
        }
        for (Spot { file, position }, name) in &self.unknown_keys {
            let cut = position.column.saturating_sub(1) + name.chars().count();
            let on_line = |(of, problem): &&mut (usize, Problem)| {
                of == file
                    && !problem.line.is_empty()
                    && problem.position.map(|place| place.line) == Some(position.line)
            };
            for (_, problem) in self.problems.iter_mut().filter(on_line) {
                let shown: String = problem.line.chars().take(cut).collect();
                let colon = if name.is_empty() { "" } else { ": " };
                problem.line = format!("{shown}{colon}…");
            }
        }
        let mut problems = std::mem::take(&mut self.problems);
        problems
            .sort_by_key(|(file, problem)| (problem.position.is_none(), *file, problem.position));
        let named = problems.into_iter().map(|(file, mut problem)| {
            problem.at = self.text(file).own_name(&problem.at);
            problem
        });
        Err(named.collect())
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
        let text = self.text(origin.file());
        Problem {
            severity: Severity::Error,
            file: match origin {
                Origin::Variable(name) => format!("${name}"),
                Origin::CommandLine => "command line".to_owned(),
                Origin::File(_) | Origin::Reference(_) | Origin::Unwritten => {
                    text.name.clone().into_owned()
                }
            },
            position,
            at: at.to_owned(),
            line: position.map_or_else(String::new, |position| {
                self.excerpt.line(&text.lines, position.line)
            }),
            what,
            hint: (!hint.is_empty()).then_some(hint),
        }
    }
}

impl Text<'_> {
    /// How a key that begins with `callers.` and a count over all files is called in this one.
    fn own_name(&self, at: &str) -> String {
        let own = || {
            let rest = at.strip_prefix("callers.")?;
            let digits = rest.find('.').unwrap_or(rest.len());
            let (count, below) = rest.split_at(digits);
            let count: usize = count.parse().ok()?;
            Some(format!(
                "callers.{}{below}",
                count.checked_sub(self.callers_before)?
            ))
        };
        own().unwrap_or_else(|| at.to_owned())
    }
}
