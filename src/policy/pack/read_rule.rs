//! One rule as written: who it is for, when it is asked, what it does.

use crate::model::finding::Mode;
use crate::model::problem::Position;

use super::super::scope::{Callers, Scope};
use super::super::sheet::{Mapping, Sheet};
use super::super::verb::{self, Placed, Verb};
use super::super::yaml::Node;
use super::{Excepted, MODES, Rule};

/// Characters of a pack's name and of a rule's id: together they are a metric label and a header value.
const MAX_NAME: usize = 64;

const RULE_KEYS: [&str; 7] = [
    "id",
    "description",
    "message",
    "mode",
    "match",
    "when",
    "except",
];
const MATCH_KEYS: [&str; 4] = ["operations", "callers", "groups", "except_callers"];
const EXCEPT_KEYS: [&str; 4] = ["callers", "groups", "until", "reason"];

pub(super) fn rule(sheet: &mut Sheet<'_>, prefix: &str, node: Node) -> Option<Rule> {
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
    let when = match from.take("when") {
        Some(node) => sheet
            .text(node, "when")
            .map(|(value, position)| Some(Placed { value, position })),
        None => Some(None),
    };
    let exemptions = from.take("except").map(|node| except(sheet, node));
    let verb = only_verb(sheet, &mut from);
    if let (Some(Verb::Deny { .. }), Some(None), Some(id)) = (&verb, &when, &id) {
        let hint = "for example `when: body.encryptMode == 2`".to_owned();
        sheet.note(
            Some(id.position),
            "`deny` needs a `when`: it denies what that is true of",
            Some(hint),
        );
    }
    from.finish(sheet, &[RULE_KEYS.as_slice(), &verb::NAMES].concat());
    Some(Rule {
        id: id?,
        description: description.map(|(text, _)| text),
        message: message.map(|(text, _)| text),
        mode: mode?,
        scope: scope?,
        when: when?,
        exemptions: exemptions.unwrap_or_default(),
        verb: verb?,
    })
}

/// The one verb of a rule; none and several are noted, unless another mistake explains it.
fn only_verb(sheet: &mut Sheet<'_>, from: &mut Mapping) -> Option<Verb> {
    let named = from.take_named(&verb::NAMES);
    if named.is_empty() && !from.has_other_than(&RULE_KEYS) {
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
    let [ids, groups, except] =
        ["callers", "groups", "except_callers"].map(|key| plain_names(sheet, &mut from, key));
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

fn except(sheet: &mut Sheet<'_>, node: Node) -> Vec<Excepted> {
    let Some((nodes, _)) = sheet.short_list(node, "except") else {
        return Vec::new();
    };
    nodes
        .into_iter()
        .filter_map(|node| exemption(sheet, node))
        .collect()
}

fn exemption(sheet: &mut Sheet<'_>, node: Node) -> Option<Excepted> {
    let example = "{callers: [events], until: 2027-03-31, reason: partner summit}";
    let mut from = sheet.mapping(node, "an exemption", example)?;
    let position = from.position;
    let [ids, groups] = ["callers", "groups"].map(|key| plain_names(sheet, &mut from, key));
    let until = from
        .need(sheet, "until")
        .and_then(|node| sheet.until(node, "until"));
    let reason = from
        .need(sheet, "reason")
        .and_then(|node| sheet.text(node, "reason"));
    from.finish(sheet, &EXCEPT_KEYS);
    if ids.is_empty() && groups.is_empty() {
        let hint =
            "name `callers` or `groups`; for everybody, give the rule another mode".to_owned();
        sheet.note(Some(position), "the exemption is for nobody", Some(hint));
        return None;
    }
    Some(Excepted {
        callers: Callers {
            ids,
            groups,
            except: Vec::new(),
        },
        until: until?,
        reason: reason?.0,
    })
}

fn plain_names(sheet: &mut Sheet<'_>, from: &mut Mapping, key: &str) -> Vec<String> {
    let names = names(sheet, from, key).into_iter();
    names.map(|name| name.value).collect()
}

fn names(sheet: &mut Sheet<'_>, from: &mut Mapping, key: &str) -> Vec<Placed<String>> {
    let Some((nodes, _)) = from.take(key).and_then(|node| sheet.short_list(node, key)) else {
        return Vec::new();
    };
    let read = nodes.into_iter().filter_map(|node| sheet.text(node, key));
    read.map(|(value, position)| Placed { value, position })
        .collect()
}

/// A name that can be a label and a header value.
pub(super) fn name(sheet: &mut Sheet<'_>, node: Node, key: &str) -> Option<Placed<String>> {
    let (value, position): (String, Position) = sheet.text(node, key)?;
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if value.len() <= MAX_NAME && value.bytes().all(allowed) {
        return Some(Placed { value, position });
    }
    let what = format!("`{key}` is made of a-z, 0-9 and `-`, at most {MAX_NAME} of them");
    sheet.note(Some(position), what, None);
    None
}
