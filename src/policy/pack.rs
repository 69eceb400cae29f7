//! A policy pack as written: a name and rules in order, each with one verb.
//!
//! ```
//! use meeting_gateway::policy::pack;
//!
//! let text = "
//! pack: house
//! rules:
//!   - id: encryption
//!     force: {field: /encryptMode, value: 1}
//! ";
//! assert_eq!(pack::read("pack.yaml", text).unwrap().name(), "house");
//!
//! let problems = pack::read("pack.yaml", &text.replace("force", "farce")).unwrap_err();
//! assert_eq!(
//!     problems[0].to_string(),
//!     "pack.yaml:5:5: house/encryption: unknown key `farce` (did you mean `force`?)"
//! );
//! ```

use crate::model::finding::Mode;
use crate::model::problem::{Position, Problem};

use super::scope::{Callers, Scope};
use super::sheet::{Mapping, Sheet};
use super::verb::{self, Placed, Verb};
use super::yaml::{self, Node};

/// Bytes that a pack may have: some hundred times those of a large one.
const MAX_BYTES: usize = 1 << 20;
/// Characters of a pack's name and of a rule's id: together they are a metric label and a header value.
const MAX_NAME: usize = 64;

const MODES: [(&str, Mode); 3] = [
    ("enforce", Mode::Enforce),
    ("warn", Mode::Warn),
    ("audit", Mode::Audit),
];
const RULE_KEYS: [&str; 5] = ["id", "description", "message", "mode", "match"];
const MATCH_KEYS: [&str; 4] = ["operations", "callers", "groups", "except_callers"];
/// Keys that belong to rules with expressions.
const EXPRESSION_KEYS: [&str; 3] = ["when", "deny", "except"];

/// A pack that could be read. Whether its rules fit the API is found out by [`compile`](fn@super::compile).
#[derive(Debug, Clone)]
pub struct Pack {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) name: Placed<String>,
    pub(super) description: String,
    pub(super) rules: Vec<Rule>,
}

/// A rule as written.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) id: Placed<String>,
    pub(super) description: Option<String>,
    pub(super) message: Option<String>,
    pub(super) mode: Mode,
    pub(super) scope: Scope,
    pub(super) verb: Verb,
}

impl Pack {
    /// The pack's name, the first half of its rules' ids.
    pub fn name(&self) -> &str {
        &self.name.value
    }

    /// What it is for; empty where it does not say.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The file it was read from, as the person named it.
    pub fn file(&self) -> &str {
        &self.file
    }
}

/// Reads a pack. `file` is only its name in problems; all problems of the text are returned at once.
pub fn read(file: &str, text: &str) -> Result<Pack, Vec<Problem>> {
    match read_partly(file, text) {
        (Some(pack), problems) if problems.is_empty() => Ok(pack),
        (_, problems) => Err(problems),
    }
}

/// Reads what can be read of a pack, so that the rules that are well-formed can be checked further beside the problems of the
/// others. A pack that came with problems is not to be used.
pub fn read_partly(file: &str, text: &str) -> (Option<Pack>, Vec<Problem>) {
    let mut sheet = Sheet::new(file, text);
    let pack = whole(&mut sheet, file, text);
    let mut problems = sheet.into_problems();
    problems.sort_by_key(|problem| problem.position);
    (pack, problems)
}

fn whole(sheet: &mut Sheet<'_>, file: &str, text: &str) -> Option<Pack> {
    if text.len() > MAX_BYTES {
        sheet.note(
            None,
            format!("the pack is larger than {MAX_BYTES} bytes"),
            None,
        );
        return None;
    }
    let node = match yaml::parse(text) {
        Ok(node) => node,
        Err(error) => {
            sheet.note(error.position, error.what, None);
            return None;
        }
    };
    let mut from = sheet.mapping(node, "a pack", "pack: house")?;
    let name = from
        .need(sheet, "pack")
        .and_then(|node| name(sheet, node, "pack"));
    let description = from
        .take("description")
        .and_then(|node| sheet.text(node, "description"));
    let rules = from
        .need(sheet, "rules")
        .and_then(|node| sheet.list(node, "rules"));
    from.finish(sheet, &["pack", "description", "rules"]);
    let (nodes, _) = rules?;
    let prefix = name.as_ref().map_or("pack", |name| &name.value);
    let mut rules = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        sheet.at = format!("{prefix}/rules[{index}]");
        rules.extend(rule(sheet, prefix, node));
    }
    sheet.at.clear();
    Some(Pack {
        file: file.to_owned(),
        text: text.to_owned(),
        name: name?,
        description: description.map(|(text, _)| text).unwrap_or_default(),
        rules,
    })
}

fn rule(sheet: &mut Sheet<'_>, prefix: &str, node: Node) -> Option<Rule> {
    let example = "{id: encryption, force: {field: /encryptMode, value: 1}}";
    let mut from = sheet.mapping(node, "a rule", example)?;
    let id = from
        .need(sheet, "id")
        .and_then(|node| name(sheet, node, "id"));
    if let Some(id) = &id {
        sheet.at = format!("{prefix}/{}", id.value);
    }
    let description = from
        .take("description")
        .and_then(|node| sheet.text(node, "description"));
    let message = from
        .take("message")
        .and_then(|node| sheet.text(node, "message"));
    let mode = match from.take("mode") {
        Some(node) => sheet.word(node, "mode", &MODES),
        None => Some(Mode::Enforce),
    };
    let scope = match from.take("match") {
        Some(node) => sheet
            .mapping(node, "`match`", "match: {operations: [update_*]}")
            .map(|m| scope(sheet, m)),
        None => Some(Scope::default()),
    };
    let verb = only_verb(sheet, &mut from);
    from.finish(sheet, &[RULE_KEYS.as_slice(), &verb::NAMES].concat());
    Some(Rule {
        id: id?,
        description: description.map(|(text, _)| text),
        message: message.map(|(text, _)| text),
        mode: mode?,
        scope: scope?,
        verb: verb?,
    })
}

/// The one verb of a rule; none and several are noted, unless another mistake explains it.
fn only_verb(sheet: &mut Sheet<'_>, from: &mut Mapping) -> Option<Verb> {
    let expressions = from.take_named(&EXPRESSION_KEYS);
    for entry in &expressions {
        let hint = Some("rules are written with the field verbs and `match`".to_owned());
        sheet.note(
            Some(entry.position),
            format!("`{}` is not supported yet", entry.key),
            hint,
        );
    }
    let named = from.take_named(&verb::NAMES);
    if named.is_empty() && expressions.is_empty() && !from.has_other_than(&RULE_KEYS) {
        let hint = Some(format!("verbs are {}", verb::NAMES.join(", ")));
        sheet.note(
            Some(from.position),
            "a rule needs a verb, and has none",
            hint,
        );
    }
    if let [_, second, ..] = named.as_slice() {
        let all: Vec<_> = named
            .iter()
            .map(|entry| format!("`{}`", entry.key))
            .collect();
        let what = format!("a rule has one verb, not {}: {}", all.len(), all.join(", "));
        sheet.note(
            Some(second.position),
            what,
            Some("make a rule of each".to_owned()),
        );
    }
    // Every verb is read, so that its own mistakes show, too.
    let verbs: Vec<_> = named
        .into_iter()
        .map(|entry| verb::read::verb(sheet, entry))
        .collect();
    verbs.into_iter().next().flatten()
}

fn scope(sheet: &mut Sheet<'_>, mut from: Mapping) -> Scope {
    let operations = names(sheet, &mut from, "operations");
    let [ids, groups, except] = ["callers", "groups", "except_callers"].map(|key| {
        names(sheet, &mut from, key)
            .into_iter()
            .map(|name| name.value)
            .collect::<Vec<_>>()
    });
    from.finish(sheet, &MATCH_KEYS);
    Scope {
        operations,
        callers: Callers {
            ids,
            groups,
            except,
        },
    }
}

fn names(sheet: &mut Sheet<'_>, from: &mut Mapping, key: &str) -> Vec<Placed<String>> {
    let Some((nodes, _)) = from.take(key).and_then(|node| sheet.list(node, key)) else {
        return Vec::new();
    };
    let read = nodes.into_iter().filter_map(|node| sheet.text(node, key));
    read.map(|(value, position)| Placed { value, position })
        .collect()
}

/// A name that can be a label and a header value.
fn name(sheet: &mut Sheet<'_>, node: Node, key: &str) -> Option<Placed<String>> {
    let (value, position): (String, Position) = sheet.text(node, key)?;
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if value.len() <= MAX_NAME && value.bytes().all(allowed) {
        return Some(Placed { value, position });
    }
    let what = format!("`{key}` is made of a-z, 0-9 and `-`, at most {MAX_NAME} of them");
    sheet.note(Some(position), what, None);
    None
}

#[cfg(test)]
mod tests;
