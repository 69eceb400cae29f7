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

mod read_rule;

use crate::model::finding::Mode;
use crate::model::problem::Problem;
use crate::model::until::Until;

use super::missing_fields::MissingFields;
use super::scope::{Callers, Scope};
use super::sheet::Sheet;
use super::verb::{Placed, Verb};
use super::yaml;

/// How modes are written.
pub(super) const MODES: [(&str, Mode); 3] = [
    ("enforce", Mode::Enforce),
    ("warn", Mode::Warn),
    ("audit", Mode::Audit),
];
/// What a pack may say.
const KEYS: [&str; 4] = ["pack", "description", "missing_fields", "rules"];
/// Bytes that a pack may have: some hundred times those of a large one.
const MAX_BYTES: usize = 1 << 20;

/// A pack that could be read. Whether its rules fit the API is found out by [`compile`](fn@super::compile).
#[derive(Debug, Clone)]
pub struct Pack {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) name: Placed<String>,
    pub(super) description: String,
    pub(super) missing_fields: MissingFields,
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
    /// The expression that must hold for the rule to be asked.
    pub(super) when: Option<Placed<String>>,
    /// Who is let pass.
    pub(super) exemptions: Vec<Excepted>,
    pub(super) verb: Verb,
}

/// An exemption as written in a rule.
#[derive(Debug, Clone)]
pub(super) struct Excepted {
    pub(super) callers: Callers,
    pub(super) until: Placed<Until>,
    pub(super) reason: String,
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

    /// What becomes of an update that leaves out settings which the meeting has.
    pub const fn missing_fields(&self) -> MissingFields {
        self.missing_fields
    }

    /// The full names of its rules, `pack/rule`, in order.
    pub fn rule_ids(&self) -> impl Iterator<Item = String> {
        self.rules.iter().map(|rule| self.full_id(rule))
    }

    /// The full name of one of its rules.
    pub(super) fn full_id(&self, rule: &Rule) -> String {
        format!("{}/{}", self.name.value, rule.id.value)
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
    (pack, sheet.into_problems())
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
        .and_then(|node| read_rule::name(sheet, node, "pack"));
    let description = from
        .take("description")
        .and_then(|node| sheet.text(node, "description"));
    let words = MissingFields::ALL.map(|word| (word.name(), word));
    let missing_fields = from
        .take("missing_fields")
        .and_then(|node| sheet.word(node, "missing_fields", &words));
    // A pack that says something else may do without rules.
    let rules = match (from.take("rules"), &missing_fields) {
        (Some(node), Some(_)) => Some(sheet.items(node, "rules")),
        (Some(node), None) => sheet.list(node, "rules").map(|(nodes, _)| nodes),
        (None, Some(_)) => Some(Vec::new()),
        (None, None) => {
            sheet.note(Some(from.position), "`rules` is missing", None);
            None
        }
    };
    from.finish(sheet, &KEYS);
    let nodes = rules?;
    let prefix = name.as_ref().map_or("pack", |name| &name.value);
    let mut rules = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        sheet.at = format!("{prefix}/rules[{index}]");
        rules.extend(read_rule::rule(sheet, prefix, node));
    }
    sheet.at.clear();
    Some(Pack {
        file: file.to_owned(),
        text: text.to_owned(),
        name: name?,
        description: description.map(|(text, _)| text).unwrap_or_default(),
        missing_fields: missing_fields.unwrap_or_default(),
        rules,
    })
}

#[cfg(test)]
mod tests;
