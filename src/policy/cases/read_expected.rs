//! `expect`: what must become of a case's request.

use crate::model::finding::Location;
use crate::model::json::Value;
use crate::model::problem::Position;

use super::super::pack::MODES;
use super::super::sheet::{Mapping, Sheet};
use super::super::yaml::{Content, Entry, Node};
use super::expected::{Expected, ExpectedFinding, Verdict};
use super::known::Rules;
use super::merge_patch::merge;

const VERDICTS: [(&str, Verdict); 3] = [
    ("allow", Verdict::Allow),
    ("deny", Verdict::Deny),
    ("refuse", Verdict::Refuse),
];
const LOCATIONS: [(&str, Location); 3] = [
    ("body", Location::Body),
    ("query", Location::Query),
    ("header", Location::Header),
];
const EXPECT_KEYS: [&str; 5] = ["verdict", "code", "findings", "forwarded", "changed"];
const FINDING_KEYS: [&str; 7] = [
    "rule", "mode", "in", "pointer", "keyword", "exempt", "message",
];

/// Reads `expect`, of a request with this body.
pub(super) fn expected(
    sheet: &mut Sheet<'_>,
    node: Node,
    rules: &Rules<'_>,
    body: &Value,
) -> Option<Expected> {
    let mut from = sheet.mapping(node, "`expect`", "expect: {verdict: allow}")?;
    let verdict = from
        .need(sheet, "verdict")
        .and_then(|node| sheet.word(node, "verdict", &VERDICTS));
    let code = from.entry("code").and_then(|entry| {
        let position = entry.position;
        let code = code(sheet, entry.value);
        if verdict == Some(Verdict::Allow) {
            sheet.note(
                Some(position),
                "a request that is allowed has no `code`",
                None,
            );
        }
        code
    });
    let findings = from.take("findings").map(|node| {
        let nodes = sheet.items(node, "findings").into_iter();
        nodes
            .filter_map(|node| finding(sheet, node, rules))
            .collect()
    });
    let forwarded = forwarded(sheet, &mut from, verdict, body);
    if let Some(entry) = from.entry("warnings") {
        let hint = Some("use `findings` with `mode: warn`".to_owned());
        sheet.note(Some(entry.position), "unknown key `warnings`", hint);
    }
    from.finish(sheet, &EXPECT_KEYS);
    Some(Expected {
        verdict: verdict?,
        code,
        findings,
        forwarded,
    })
}

fn code(sheet: &mut Sheet<'_>, node: Node) -> Option<String> {
    let (code, position) = sheet.text(node, "code")?;
    let digits = code.strip_prefix("MGW.").unwrap_or_default();
    if digits.len() != 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let hint = Some("the README lists them; for example MGW.4000004".to_owned());
        sheet.note(
            Some(position),
            format!("`{code}` is no code of a refusal"),
            hint,
        );
    }
    Some(code)
}

/// The body that must be forwarded, whichever way it is told.
fn forwarded(
    sheet: &mut Sheet<'_>,
    from: &mut Mapping,
    verdict: Option<Verdict>,
    body: &Value,
) -> Option<Value> {
    let told = from.take_named(&["forwarded", "changed"]);
    if let [_, second] = told.as_slice() {
        let what = "`forwarded` and `changed` are two ways to say the same";
        let hint = Some("keep one of them".to_owned());
        sheet.note(Some(second.position), what, hint);
    }
    let first = told.into_iter().next()?;
    if let Some(verdict) = verdict.filter(|verdict| *verdict != Verdict::Allow) {
        let key = &first.key;
        let what = format!(
            "nothing is forwarded with `verdict: {}`, so `{key}` cannot hold",
            verdict.name()
        );
        sheet.note(Some(first.position), what, None);
    }
    let Entry { key, value, .. } = first;
    let position = value.position;
    match value.content {
        Content::Mapping(_) if key == "changed" => {
            let mut patched = body.clone();
            merge(&mut patched, value.into_json());
            Some(patched)
        }
        Content::Mapping(_) => Some(value.into_json()),
        Content::Scalar(Value::String(word)) if key == "forwarded" && word == "unchanged" => {
            Some(body.clone())
        }
        _ => {
            not_a_body(sheet, &key, position);
            None
        }
    }
}

fn not_a_body(sheet: &mut Sheet<'_>, key: &str, position: Position) {
    let (what, hint) = if key == "changed" {
        ("must be a mapping", "changed: {length: 120}")
    } else {
        ("must be a body or `unchanged`", "forwarded: unchanged")
    };
    let hint = Some(format!("for example `{hint}`"));
    sheet.note(Some(position), format!("`{key}` {what}"), hint);
}

fn finding(sheet: &mut Sheet<'_>, node: Node, rules: &Rules<'_>) -> Option<ExpectedFinding> {
    let mut from = sheet.mapping(node, "a finding", "{rule: some-rule, mode: warn}")?;
    if !from.has_other_than(&[]) {
        let hint = Some("say at least which `rule`".to_owned());
        sheet.note(
            Some(from.position),
            "every finding would fit this one",
            hint,
        );
    }
    let rule = from
        .take("rule")
        .and_then(|node| sheet.text(node, "rule"))
        .and_then(|(written, position)| rules.named(sheet, &written, position));
    let mode = from
        .take("mode")
        .and_then(|node| sheet.word(node, "mode", &MODES));
    let location = from
        .take("in")
        .and_then(|node| sheet.word(node, "in", &LOCATIONS));
    let mut text = |key| {
        let (text, _) = from.take(key).and_then(|node| sheet.text(node, key))?;
        Some(text)
    };
    let [pointer, keyword, message] = ["pointer", "keyword", "message"].map(&mut text);
    let exempt = from
        .take("exempt")
        .and_then(|node| sheet.boolean(&node, "exempt"));
    from.finish(sheet, &FINDING_KEYS);
    Some(ExpectedFinding {
        rule,
        mode,
        location,
        pointer,
        keyword,
        exempt,
        message,
    })
}
