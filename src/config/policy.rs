//! `policy`: which policy packs apply, in which order, and how sharply.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::config::kind::{Kind, checked, choice, identifier, list, map, path};
use crate::config::reader::{PathKind, Place, Reader};
use crate::config::section::section;
use crate::model::finding::Mode;

section! {
    /// Which policy packs apply, in which order, and how sharply.
    pub struct Policy {
        /// The directory with one folder per pack. A path.
        directory: PathBuf = path(PathKind::Directory).or("../policies"),
        /// The packs that apply, in this order.
        packs: Vec<String> = checked(list(identifier()), unique).or(json!(["baseline"])),
        /// Another mode for single rules: `pack/rule: enforce`, `warn` or `audit`.
        modes: BTreeMap<String, Mode> = checked(
            map(choice(&[
                ("enforce", Mode::Enforce),
                ("warn", Mode::Warn),
                ("audit", Mode::Audit),
            ])),
            named_rules,
        ),
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
