//! The explain document as a story for people: what came in, what each stage did, which rules were asked, how it ended.

use std::fmt::Write as _;

use crate::cli::typeset::{
    self, BOLD, CYAN, DIM, GREEN, RED, YELLOW, heading, indented, items, pretty,
};
use crate::model::json::Value;

/// Characters of a body that is no JSON.
const TEXT_SHOWN: usize = 900;
/// Characters of names in a row.
const NAMES_WIDTH: usize = 76;

/// Tells the story of a document.
pub(super) fn tell(document: &Value) -> String {
    let request = &document["request"];
    let operation = request["operation"].as_str();
    let title = operation.unwrap_or_else(|| text(request, "method"));
    let mut out = heading(&format!("{title} by {}", text(&request["caller"], "id")));
    out.push('\n');
    came_in(&mut out, request);
    did(&mut out, document);
    ended(&mut out, document);
    in_force(&mut out, document);
    out
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn section(out: &mut String, title: &str) {
    let _ = write!(out, "\n{BOLD}{title}{BOLD:#}\n");
}

fn headers(out: &mut String, of: &Value) {
    for (name, value) in of["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let _ = writeln!(out, "  {DIM}{name}: {value}{DIM:#}");
    }
}

fn came_in(out: &mut String, request: &Value) {
    section(out, "What came in");
    let _ = writeln!(
        out,
        "  {} {}",
        text(request, "method"),
        text(request, "target")
    );
    let _ = writeln!(out, "  {DIM}at {}{DIM:#}", text(request, "time"));
    headers(out, request);
    match (request.get("body"), request["body_text"].as_str()) {
        (Some(body), _) => indented(out, &pretty(body)),
        (None, Some(body)) => indented(out, &typeset::shortened(body, TEXT_SHOWN)),
        (None, None) => {}
    }
}

fn did(out: &mut String, document: &Value) {
    section(out, "What the gateway does");
    let receipt = &document["receipt"];
    for stage in items(document, "stages") {
        let rules = items(stage, "rules");
        let _ = writeln!(
            out,
            "  {CYAN}{:<10}{CYAN:#} {DIM}{:>7} µs{DIM:#}{}",
            text(stage, "stage"),
            stage["microseconds"].as_u64().unwrap_or_default(),
            counted(rules.as_slice())
        );
        let named = |kind: &'static str| chosen(receipt, stage, kind);
        for change in named("parameters").chain(named("patch")) {
            // What rules did is told with them.
            if change.get("rule").is_none() {
                let _ = writeln!(out, "             {}", typeset::change(change));
            }
        }
        for finding in named("findings").filter(|finding| finding.get("rule").is_none()) {
            violation(out, finding);
        }
        for rule in rules.clone() {
            decision(out, rule, receipt);
        }
        for outcome in ["skipped", "passed"] {
            quiet(out, rules.as_slice(), outcome);
        }
    }
}

/// The entries of a list of the receipt that something names by index.
fn chosen<'v>(
    receipt: &'v Value,
    by: &'v Value,
    kind: &'static str,
) -> impl Iterator<Item = &'v Value> {
    items(by, kind).filter_map(move |index| {
        let index = usize::try_from(index.as_u64()?).ok()?;
        receipt[kind].as_array()?.get(index)
    })
}

/// How many rules were asked.
fn counted(rules: &[Value]) -> String {
    match rules.len() {
        0 => String::new(),
        1 => format!("  {DIM}1 rule asked{DIM:#}"),
        count => format!("  {DIM}{count} rules asked{DIM:#}"),
    }
}

/// The rules that had nothing to do, by name; the document has their conditions.
fn quiet(out: &mut String, rules: &[Value], outcome: &str) {
    let quiet = rules.iter().filter(|rule| text(rule, "outcome") == outcome);
    let names: Vec<_> = quiet.map(|rule| text(rule, "rule")).collect();
    for (index, line) in wrapped(&names).iter().enumerate() {
        let outcome = if index == 0 { outcome } else { "" };
        let _ = writeln!(out, "           {DIM}{outcome:<10} {line}{DIM:#}");
    }
}

/// Names in a row, on lines that fit a terminal.
fn wrapped(names: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() <= NAMES_WIDTH => {
                line.push_str(", ");
                line.push_str(name);
            }
            _ => {
                if let Some(line) = lines.last_mut() {
                    line.push(',');
                }
                lines.push((*name).to_owned());
            }
        }
    }
    lines
}

fn decision(out: &mut String, rule: &Value, receipt: &Value) {
    let outcome = text(rule, "outcome");
    let style = match outcome {
        "denied" => RED,
        "changed" | "warned" | "audited" | "exempt" => YELLOW,
        _ => return,
    };
    let _ = writeln!(
        out,
        "           {style}{outcome:<10}{style:#} {BOLD}{:<34}{BOLD:#} {DIM}{}:{}{DIM:#}",
        text(rule, "rule"),
        text(rule, "file"),
        rule["line"].as_u64().unwrap_or_default()
    );
    if let Some(when) = rule["when"].as_str() {
        let when: Vec<_> = when.split_whitespace().collect();
        let _ = writeln!(out, "             {DIM}where {}{DIM:#}", when.join(" "));
    }
    let says = text(rule, "says");
    let _ = writeln!(out, "             {says}");
    for change in chosen(receipt, rule, "patch") {
        let mut change = change.clone();
        change["rule"] = Value::Null;
        // The rule's own words are there already.
        let reason = text(&change, "reason").to_owned();
        let short = reason
            .strip_suffix(says)
            .and_then(|short| short.strip_suffix(": "));
        change["reason"] = short.unwrap_or(&reason).into();
        let _ = writeln!(out, "             {}", typeset::change(&change));
    }
    for finding in chosen(receipt, rule, "findings") {
        violation(out, finding);
    }
}

/// What was there, and what would have passed.
fn violation(out: &mut String, finding: &Value) {
    let place = match text(finding, "in") {
        "body" => text(finding, "pointer").to_owned(),
        other => format!("{other} {}", text(finding, "pointer")),
    };
    let got = finding["got"].as_str().unwrap_or("absent");
    let expected = finding["expected"].as_str();
    let wanted = expected.map_or_else(
        || text(finding, "message").to_owned(),
        |expected| format!("{RED}{got}{RED:#}, would pass: {GREEN}{expected}{GREEN:#}"),
    );
    let _ = writeln!(out, "             {place:<34} {wanted}");
    if let Some(exemption) = finding["exemption"].as_str() {
        let _ = writeln!(out, "             {DIM}exempt   {exemption}{DIM:#}");
    }
}

fn ended(out: &mut String, document: &Value) {
    let sent = &document["forwarded"];
    if let Some(method) = sent["method"].as_str() {
        section(out, "What would go upstream");
        let _ = writeln!(out, "  {GREEN}{method} {}{GREEN:#}", text(sent, "target"));
        headers(out, sent);
        indented(out, &pretty(&sent["body"]));
        return;
    }
    let verdict = &document["verdict"];
    section(out, "What the caller would read");
    let _ = writeln!(
        out,
        "  {RED}{} {}{RED:#}\n  {}",
        verdict["status"].as_u64().unwrap_or_default(),
        text(verdict, "code"),
        text(verdict, "message")
    );
    for finding in items(&document["receipt"], "findings") {
        if text(finding, "mode") == "enforce" {
            let (pointer, message) = (text(finding, "pointer"), text(finding, "message"));
            let _ = writeln!(out, "  {DIM}-{DIM:#} {pointer:<32} {message}");
        }
    }
    if let Some(more) = verdict["violations_omitted"].as_u64() {
        let _ = writeln!(out, "  {DIM}- and {more} more{DIM:#}");
    }
}

fn in_force(out: &mut String, document: &Value) {
    section(out, "In force");
    let policy = &document["policy"];
    let names: Vec<_> = items(policy, "packs")
        .map(|pack| text(pack, "name"))
        .collect();
    let short = |digest: &str| digest.chars().take(16).collect::<String>();
    let packs = if names.is_empty() {
        "no packs".to_owned()
    } else {
        names.join(", ")
    };
    let _ = write!(
        out,
        "  policy {} ({packs}), configuration {}",
        short(text(policy, "digest")),
        short(text(document, "configuration"))
    );
    let not_asked: Vec<_> = items(policy, "not_asked")
        .filter_map(Value::as_str)
        .collect();
    if !not_asked.is_empty() {
        let _ = write!(out, "\n  {DIM}not asked: {}{DIM:#}", not_asked.join(", "));
    }
    for note in items(document, "notes").filter_map(Value::as_str) {
        let _ = write!(out, "\n  {YELLOW}note{YELLOW:#} {note}");
    }
}
