//! A replay's report for people: what would change, most of it first, then what could not be compared, and why.

use std::fmt::Write as _;

use crate::model::json::Value;
use crate::model::record::AUDIT_SCHEMA;
use crate::replay::{Difference, Flip, FlipKind, Group, Report, Said, Skipped, Undecidable};

/// The report.
pub(super) fn of(report: &Report, packs: &[String]) -> String {
    let mut out = String::new();
    let (lines, requests) = (&report.lines, &report.requests);
    let names = if packs.is_empty() {
        "no packs".to_owned()
    } else {
        packs.join(", ")
    };
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        out,
        "{} of {} ({}) decided again with {names}",
        counted(requests.replayed, "request"),
        counted(lines.read, "line"),
        size(lines.bytes)
    );
    let _ = match requests.flipped {
        0 => writeln!(out, "nothing would change"),
        1 => writeln!(out, "1 would end in another way:"),
        many => writeln!(out, "{} would end in another way:", thousands(many)),
    };
    for kind in FlipKind::ALL {
        if let Some(count) = report.flips.get(&kind) {
            let _ = writeln!(out, "{:>10}  {}", thousands(*count), kind.title());
        }
    }
    for one in &report.groups {
        group(&mut out, one);
    }
    not_compared(&mut out, report);
    out
}

fn group(out: &mut String, group: &Group) {
    let title = match (group.kind, &group.caller) {
        (Some(kind), Some(caller)) => {
            let rule = group.rule.as_deref().unwrap_or("-");
            format!("{}, {rule}, caller {}", kind.title(), plain(caller))
        }
        _ => "others: there are too many different ones to be told apart".to_owned(),
    };
    let _ = writeln!(out, "\n{:>10}  {title}", thousands(group.requests));
    for flip in &group.examples {
        example(out, flip);
    }
}

fn example(out: &mut String, flip: &Flip) {
    let _ = writeln!(
        out,
        "            {}:{}  {}  request {}",
        flip.file,
        flip.line,
        plain(&flip.time),
        plain(&flip.request_id)
    );
    for Difference { pointer, old, new } in &flip.differences {
        let shown = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        let (pointer, old, new) = (plain(pointer), shown(old), shown(new));
        let _ = writeln!(out, "              {pointer}  {old} → {new}");
    }
    for (side, said) in [("no longer", &flip.no_longer), ("newly", &flip.newly)] {
        for Said {
            rule,
            pointer,
            message,
            mode,
        } in said
        {
            let (pointer, message) = (plain(pointer), plain(message));
            let _ = writeln!(
                out,
                "              {side} ({mode}): {rule} {pointer}  {message}"
            );
        }
    }
    if flip.omitted > 0 {
        let _ = writeln!(out, "              and {} more", flip.omitted);
    }
}

fn not_compared(out: &mut String, report: &Report) {
    let (lines, requests) = (&report.lines, &report.requests);
    let mut why = Vec::new();
    if requests.not_decided > 0 {
        why.push(format!(
            "{} never came to the packs: refused before, left by the client, or relayed",
            counted(requests.not_decided, "request")
        ));
    }
    if requests.without_request > 0 {
        why.push(format!(
            "{} not in the log: `audit.request` was `none`",
            counted(requests.without_request, "request")
        ));
    }
    for (what, Skipped { count, first }) in [
        ("no JSON", &lines.not_json),
        (
            &*format!("not of the format {AUDIT_SCHEMA}"),
            &lines.other_schema,
        ),
        ("not as the gateway writes it", &lines.unfit),
        ("longer than 16 MiB", &lines.too_long),
    ] {
        if *count > 0 {
            let more = if *count > first.len() as u64 {
                ", ..."
            } else {
                ""
            };
            let lines = counted(*count, "line");
            why.push(format!("{lines} {what} ({}{more})", first.join(", ")));
        }
    }
    for (rule, Undecidable { requests, fields }) in &report.undecidable {
        let fields: Vec<_> = fields.iter().map(String::as_str).collect();
        why.push(format!(
            "{rule} in {}: it looks at {}, which the log masks",
            counted(*requests, "request"),
            fields.join(", ")
        ));
    }
    if !why.is_empty() {
        let _ = writeln!(out, "\nnot compared:");
        for line in why {
            let _ = writeln!(out, "  {line}");
        }
    }
}

/// Text of a log without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(count))
}

/// A number with a comma between thousands.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the largest unit of which there is one.
pub(super) fn size(bytes: u64) -> String {
    for (unit, name) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        let whole = bytes >> unit;
        if whole > 0 {
            let tenths = ((bytes >> (unit - 10)) & 1023) * 10 / 1024;
            return format!("{whole}.{tenths} {name}");
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), expected);
        }
        for (bytes, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (1 << 30, "1.0 GiB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn a_log_cannot_speak_to_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
