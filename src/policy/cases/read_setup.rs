//! The head of a case file: packs, modes, bindings, exemptions.

use std::collections::BTreeMap;

use crate::model::finding::Mode;

use super::super::binding::Binding;
use super::super::exemption::Exemption;
use super::super::pack::MODES;
use super::super::scope::Callers;
use super::super::sheet::{Mapping, Sheet, suggestion};
use super::super::yaml::Node;
use super::known::{Rules, Surroundings};
use super::setup::Setup;

const BINDING_KEYS: [&str; 3] = ["callers", "groups", "modes"];
const EXEMPTION_KEYS: [&str; 5] = ["rules", "callers", "groups", "until", "reason"];

/// The packs that the file is about: its own, unless it names others.
pub(super) fn packs(
    sheet: &mut Sheet<'_>,
    from: &mut Mapping,
    surroundings: &Surroundings<'_>,
) -> Vec<String> {
    let Some(node) = from.take("packs") else {
        return vec![surroundings.pack.to_owned()];
    };
    let mut packs: Vec<String> = Vec::new();
    for (name, position) in sheet.texts(node, "packs") {
        let known = || surroundings.packs.iter().map(|pack| &*pack.folder);
        if packs.contains(&name) {
            sheet.note(
                Some(position),
                format!("the pack `{name}` is here twice"),
                None,
            );
        } else if !known().any(|folder| folder == name) {
            let what = format!("there is no pack `{name}`");
            sheet.note(Some(position), what, suggestion(&name, known()));
        }
        packs.push(name);
    }
    packs
}

/// The rest of the head.
pub(super) fn rest(sheet: &mut Sheet<'_>, from: &mut Mapping, rules: &Rules<'_>) -> Setup {
    let modes = match from.take("modes") {
        Some(node) => modes(sheet, node, rules),
        None => BTreeMap::new(),
    };
    let bindings = items(sheet, from, "bindings", |sheet, node, at| {
        binding(sheet, node, at, rules)
    });
    let exemptions = items(sheet, from, "exemptions", |sheet, node, at| {
        exemption(sheet, node, at, rules)
    });
    Setup {
        packs: Vec::new(),
        modes,
        bindings,
        exemptions,
    }
}

fn items<T>(
    sheet: &mut Sheet<'_>,
    from: &mut Mapping,
    key: &str,
    mut read: impl FnMut(&mut Sheet<'_>, Node, String) -> Option<T>,
) -> Vec<T> {
    let nodes = from.take(key).map(|node| sheet.items(node, key));
    let nodes = nodes.into_iter().flatten().enumerate();
    nodes
        .filter_map(|(index, node)| read(sheet, node, format!("policy.{key}.{index}")))
        .collect()
}

fn modes(sheet: &mut Sheet<'_>, node: Node, rules: &Rules<'_>) -> BTreeMap<String, Mode> {
    let mut modes = BTreeMap::new();
    let Some(from) = sheet.mapping(node, "`modes`", "modes: {pack/rule: audit}") else {
        return modes;
    };
    for entry in from.into_entries() {
        rules.exists(sheet, &entry.key, entry.position);
        if let Some(mode) = sheet.word(entry.value, &entry.key, &MODES) {
            modes.insert(entry.key, mode);
        }
    }
    modes
}

fn binding(sheet: &mut Sheet<'_>, node: Node, at: String, rules: &Rules<'_>) -> Option<Binding> {
    let example = "{groups: [pilot], modes: {pack/rule: enforce}}";
    let mut from = sheet.mapping(node, "a binding", example)?;
    let callers = callers(sheet, &mut from, "the binding is for nobody");
    let modes = from
        .need(sheet, "modes")
        .map(|node| modes(sheet, node, rules));
    from.finish(sheet, &BINDING_KEYS);
    Some(Binding {
        callers: callers?,
        modes: modes?,
        at,
    })
}

fn exemption(
    sheet: &mut Sheet<'_>,
    node: Node,
    at: String,
    rules: &Rules<'_>,
) -> Option<Exemption> {
    let example =
        "{rules: [pack/rule], callers: [events], until: 2027-03-31, reason: partner summit}";
    let mut from = sheet.mapping(node, "an exemption", example)?;
    let callers = callers(sheet, &mut from, "the exemption is for nobody");
    let named = from.need(sheet, "rules");
    let named: Vec<_> = named.map_or_else(Vec::new, |node| sheet.texts(node, "rules"));
    for (rule, position) in &named {
        rules.exists(sheet, rule, *position);
    }
    let until = from
        .need(sheet, "until")
        .and_then(|node| sheet.until(node, "until"));
    let reason = from
        .need(sheet, "reason")
        .and_then(|node| sheet.text(node, "reason"));
    from.finish(sheet, &EXEMPTION_KEYS);
    Some(Exemption {
        rules: named.into_iter().map(|(rule, _)| rule).collect(),
        callers: callers?,
        until: until?.value,
        reason: reason?.0,
        at,
    })
}

/// Whom it is for; nobody is noted.
fn callers(sheet: &mut Sheet<'_>, from: &mut Mapping, nobody: &str) -> Option<Callers> {
    let [ids, groups] = ["callers", "groups"].map(|key| {
        let texts = from.take(key).map(|node| sheet.texts(node, key));
        let texts = texts.into_iter().flatten();
        texts.map(|(text, _)| text).collect::<Vec<_>>()
    });
    if ids.is_empty() && groups.is_empty() {
        let hint = Some("name `callers` or `groups`".to_owned());
        sheet.note(Some(from.position), nobody, hint);
        return None;
    }
    Some(Callers {
        ids,
        groups,
        except: Vec::new(),
    })
}
