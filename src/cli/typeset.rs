//! How what happened to a request is set on a terminal: headings, changes, findings, JSON. The colours go where there are none
//! to be shown.

use std::fmt::Write as _;
use std::slice::Iter;

use anstyle::{AnsiColor, Style};

use crate::model::json::Value;

/// Headings.
pub const BOLD: Style = Style::new().bold();
/// What need not be read.
pub const DIM: Style = Style::new().dimmed();
/// What is well, or new.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What is refused, or gone.
pub const RED: Style = AnsiColor::Red.on_default();
/// What is changed, or warned of.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Names.
pub const CYAN: Style = AnsiColor::Cyan.on_default();

/// Longest value of a change shown, in characters.
const VALUE_SHOWN: usize = 900;
/// Characters of JSON that go on one line.
const ONE_LINE: usize = 100;

/// A line across the screen with a title in it.
pub fn heading(title: &str) -> String {
    let rule = "─".repeat(96usize.saturating_sub(title.chars().count() + 4));
    format!("\n{BOLD}── {title} {rule}{BOLD:#}")
}

/// The items of a member that is a list; none where it is not there.
pub fn items<'v>(value: &'v Value, name: &str) -> Iter<'v, Value> {
    value[name]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

/// A change of a receipt: where, what, and by which rule or why.
pub fn change(change: &Value) -> String {
    let text = |name: &str| change[name].as_str().unwrap_or_default();
    let (style, values) = match (change.get("was"), change.get("value")) {
        (None, Some(new)) => (GREEN, format!("+ {}", short(new))),
        (Some(old), Some(new)) => (YELLOW, format!("{} → {}", short(old), short(new))),
        (Some(old), None) => (RED, format!("- {}", short(old))),
        (None, None) => (RED, "-".to_owned()),
    };
    let place = match text("in") {
        "" => text("path").to_owned(),
        other => format!("{other} {}", text("path")),
    };
    let why = change["rule"]
        .as_str()
        .map_or_else(|| text("reason").to_owned(), |rule| format!("rule {rule}"));
    format!("{place:<34} {style}{values:<28}{style:#} {DIM}{why}{DIM:#}")
}

/// A finding of a receipt: mode, where, the sentence, and by which rule.
pub fn finding(finding: &Value) -> String {
    let text = |name: &str| finding[name].as_str().unwrap_or_default();
    let by = finding["rule"].as_str().unwrap_or("schema");
    format!(
        "{YELLOW}{:<10}{YELLOW:#} {:<34} {} {DIM}{by}{DIM:#}",
        text("mode"),
        text("pointer"),
        text("message")
    )
}

fn short(value: &Value) -> String {
    shortened(&value.to_string(), VALUE_SHOWN)
}

/// JSON on one line where it is short, else on several.
pub fn pretty(value: &Value) -> String {
    let compact = value.to_string();
    if compact.len() <= ONE_LINE {
        compact
    } else {
        serde_json::to_string_pretty(value).unwrap_or(compact)
    }
}

/// Writes each line of a text, indented.
pub fn indented(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "  {line}");
    }
}

/// The first `most` characters of a text, and how long it is where that is not all.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
