//! `policy`: which policy packs apply, in which order, and how sharply.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::config::kind::{
    Kind, checked, choice, identifier, list, map, parsed, path, section, text,
};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;
use crate::model::finding::Mode;
use crate::model::until::Until;

section! {
    /// Which policy packs apply, in which order, and how sharply.
    pub struct Policy {
        /// The directory with one folder per pack. A path.
        directory: PathBuf = path(PathKind::Directory).or("../policies"),
        /// The packs that apply, in this order.
        packs: Vec<String> = checked(list(identifier()), unique).or(json!(["baseline"])),
        /// Another mode for rules: `pack/rule: enforce`, `warn` or `audit`; `pack/*` is for all rules of a pack.
        modes: BTreeMap<String, Mode> = checked(map(choice(MODES)), named_rules),
        /// Other modes for some callers; the first entry that names a rule and a caller counts, before `modes`.
        bindings: Vec<Binding> = list(checked(section(), Binding::check)),
        /// Callers that rules let pass, until a date and for a reason.
        exemptions: Vec<Exemption> = list(checked(section(), Exemption::check)),
    }
}

section! {
    /// Other modes for some callers.
    pub struct Binding {
        /// Ids of callers; with `groups`: these callers and these groups.
        callers: Vec<String> = list(identifier()),
        /// Groups of callers.
        groups: Vec<String> = list(identifier()),
        /// `pack/rule: audit`, `warn` or `enforce`; `pack/*` is for all rules of a pack.
        modes: BTreeMap<String, Mode> = checked(map(choice(MODES)), named_rules),
    }
}

section! {
    /// Callers that rules let pass. What a rule would have done is in the audit log, with the reason.
    pub struct Exemption {
        /// The rules, as `pack/rule`; `pack/*` is for all rules of a pack.
        rules: Vec<String> = list(text()).filled(),
        /// Ids of callers; with `groups`: these callers and these groups.
        callers: Vec<String> = list(identifier()),
        /// Groups of callers.
        groups: Vec<String> = list(identifier()),
        /// The last day, such as `2027-03-31` (to its end in UTC), or an instant in RFC 3339.
        until: Until = parsed(
            |text| text.parse().ok(),
            "date",
            "write a day such as 2027-03-31, or an instant such as 2027-03-31T18:00:00Z",
        ),
        /// Why.
        reason: String = text(),
    }
}

const MODES: &[(&str, Mode)] = &[
    ("enforce", Mode::Enforce),
    ("warn", Mode::Warn),
    ("audit", Mode::Audit),
];

impl Binding {
    fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        names_somebody(&self.callers, &self.groups, place, reader);
        self
    }
}

impl Exemption {
    fn check(self, place: Place<'_>, reader: &mut Reader<'_>) -> Self {
        names_somebody(&self.callers, &self.groups, place, reader);
        self
    }
}

fn names_somebody(
    callers: &[String],
    groups: &[String],
    place: Place<'_>,
    reader: &mut Reader<'_>,
) {
    if callers.is_empty() && groups.is_empty() && !reader.has_problem_at(place.at) {
        let hint = "name `callers` or `groups`; for everybody, use `policy.modes`";
        reader.problem(&place.node.origin, place.at, "is for nobody", hint);
    }
}

fn unique(packs: Vec<String>, place: Place<'_>, reader: &mut Reader<'_>) -> Vec<String> {
    for (index, pack) in packs.iter().enumerate() {
        if packs[..index].contains(pack) {
            let what = format!("the pack `{pack}` is here twice");
            reader.problem(&place.node.origin, place.at, what, "keep one of them");
        }
    }
    packs
}

fn named_rules(
    modes: BTreeMap<String, Mode>,
    place: Place<'_>,
    reader: &mut Reader<'_>,
) -> BTreeMap<String, Mode> {
    for rule in modes.keys() {
        let parts: Vec<&str> = rule.split('/').collect();
        if parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
            let at = format!("{}.{rule}", place.at);
            let what = format!("`{rule}` names no rule");
            let hint = "write `pack/rule`, such as `baseline/max-duration`";
            reader.problem(place.key_origin(rule), &at, what, hint);
        }
    }
    modes
}
