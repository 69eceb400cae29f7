//! A file of cases, from its top to its bottom.

use std::collections::BTreeMap;

use crate::model::problem::Position;

use super::super::sheet::Sheet;
use super::super::yaml::{self, Node};
use super::known::{Rules, Surroundings};
use super::read_request::Draft;
use super::{Case, CaseFile, MAX_BYTES, read_expected, read_request, read_setup};

/// Characters of a case's name: it is read in one line of a terminal.
const MAX_NAME: usize = 120;

const FILE_KEYS: [&str; 6] = [
    "packs",
    "modes",
    "bindings",
    "exemptions",
    "defaults",
    "cases",
];
const DEFAULTS_KEYS: [&str; 4] = ["at", "caller", "meeting", "request"];
const CASE_KEYS: [&str; 6] = ["name", "at", "caller", "meeting", "request", "expect"];

/// Reads what can be read; without notes on the sheet, that is everything.
pub(super) fn whole(
    sheet: &mut Sheet<'_>,
    text: &str,
    surroundings: &Surroundings<'_>,
) -> Option<CaseFile> {
    if text.len() > MAX_BYTES {
        let hint = Some("make two of it".to_owned());
        let what = format!("the file is larger than {MAX_BYTES} bytes");
        sheet.note(None, what, hint);
        return None;
    }
    let node = match yaml::parse(text) {
        Ok(node) => node,
        Err(error) => {
            sheet.note(error.position, error.what, None);
            return None;
        }
    };
    let example = "cases: [{name: nothing is refused, expect: {verdict: allow}}]";
    let mut from = sheet.mapping(node, "a file of cases", example)?;
    let packs = read_setup::packs(sheet, &mut from, surroundings);
    let rules = Rules::of(&packs, surroundings);
    let rest = read_setup::rest(sheet, &mut from, &rules);
    let defaults = match from.take("defaults") {
        Some(node) => defaults(sheet, node, surroundings),
        None => Draft::default(),
    };
    let nodes = from
        .need(sheet, "cases")
        .and_then(|node| sheet.list(node, "cases"));
    from.finish(sheet, &FILE_KEYS);
    let mut reading = Reading {
        surroundings,
        rules,
        defaults,
        names: BTreeMap::new(),
    };
    let (nodes, _) = nodes?;
    let mut cases = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        sheet.at = format!("cases[{index}]");
        cases.extend(reading.case(sheet, node));
    }
    sheet.at.clear();
    Some(CaseFile {
        setup: super::Setup { packs, ..rest },
        cases,
    })
}

fn defaults(sheet: &mut Sheet<'_>, node: Node, surroundings: &Surroundings<'_>) -> Draft {
    "defaults".clone_into(&mut sheet.at);
    let example = "defaults: {caller: hr, request: {body: {mediaTypes: HDVideo}}}";
    let mut draft = Draft::default();
    if let Some(mut from) = sheet.mapping(node, "`defaults`", example) {
        draft = read_request::draft(sheet, &mut from, surroundings);
        from.finish(sheet, &DEFAULTS_KEYS);
    }
    sheet.at.clear();
    draft
}

struct Reading<'s> {
    surroundings: &'s Surroundings<'s>,
    rules: Rules<'s>,
    defaults: Draft,
    /// The names so far, and the lines that they are in.
    names: BTreeMap<String, usize>,
}

impl Reading<'_> {
    fn case(&mut self, sheet: &mut Sheet<'_>, node: Node) -> Option<Case> {
        let example = "{name: nothing is refused, expect: {verdict: allow}}";
        let mut from = sheet.mapping(node, "a case", example)?;
        let position = from.position;
        let name = from
            .need(sheet, "name")
            .and_then(|node| sheet.text(node, "name"))
            .and_then(|(name, position)| self.name(sheet, &name, position));
        let draft = read_request::draft(sheet, &mut from, self.surroundings);
        let request = draft.over(&self.defaults).complete(self.surroundings);
        if request.operation.is_empty() {
            let hint = Some(self.surroundings.operations.join(", "));
            let what = "the case does not say which operation is asked";
            sheet.note(Some(position), what, hint);
        }
        let expected = from
            .need(sheet, "expect")
            .and_then(|node| read_expected::expected(sheet, node, &self.rules, &request.body));
        from.finish(sheet, &CASE_KEYS);
        Some(Case {
            name: name?,
            position,
            request,
            expected: expected?,
        })
    }

    /// A name that no other case has, and that is one line.
    fn name(&mut self, sheet: &mut Sheet<'_>, name: &str, position: Position) -> Option<String> {
        name.trim().clone_into(&mut sheet.at);
        if name.chars().any(char::is_control) || name.chars().count() > MAX_NAME {
            let what = format!("a name is one line of at most {MAX_NAME} characters");
            sheet.at.clear();
            sheet.note(Some(position), what, None);
            return None;
        }
        let name = name.trim().to_owned();
        if let Some(line) = self.names.insert(name.clone(), position.line) {
            let what = format!("the name is used twice, first in line {line}");
            sheet.note(Some(position), what, None);
        }
        Some(name)
    }
}
