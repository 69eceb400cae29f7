//! Tells what happened to a request: what came in, what the gateway did and by which rule, what the upstream received, what
//! came back.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::example::{API_KEY, Example, PATH};
use super::ports::Ports;
use crate::simulator::Seen;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Headers of the upstream request worth showing; the token itself is not.
const SHOWN_HEADERS: [&str; 3] = ["content-type", "x-request-id", "traceparent"];
/// Longest answer shown, in characters; a series lists each of its meetings.
const ANSWER_SHOWN: usize = 900;

/// What everybody saw of one example.
#[derive(Debug)]
pub struct Told {
    /// The status that the client got.
    pub status: StatusCode,
    /// The headers that the client got.
    pub headers: HeaderMap,
    /// The body that the client got.
    pub body: Bytes,
    /// What the upstream received.
    pub seen: Option<Seen>,
    /// The line in the audit log.
    pub audit: Value,
    /// What the upstream should not have seen.
    pub faults: Vec<String>,
}

/// A line across the screen with a title in it.
pub fn heading(title: &str) -> String {
    let rule = "─".repeat(96usize.saturating_sub(title.chars().count() + 4));
    format!("\n{BOLD}── {title} {rule}{BOLD:#}")
}

/// Where everything listens.
pub fn places(ports: &Ports, simulator: &str) -> String {
    format!(
        "{BOLD}meeting-gateway {}{BOLD:#}\n\n  simulator  {simulator}   {DIM}a pretend upstream, in memory{DIM:#}\n  gateway    \
         http://{}   https://{}\n  admin      http://{}   {DIM}/livez /readyz /metrics /version{DIM:#}",
        env!("CARGO_PKG_VERSION"),
        ports.plain,
        ports.tls,
        ports.admin
    )
}

/// The story of one example.
pub fn tell(example: &Example, told: &Told) -> String {
    let mut out = heading(example.title);
    let _ = write!(
        out,
        "\n\n{BOLD}What came in{BOLD:#}\n  PUT {PATH}?{}\n  {DIM}x-access-token: {API_KEY}{DIM:#}\n",
        example.query
    );
    for (name, value) in example.headers {
        let _ = writeln!(out, "  {DIM}{name}: {value}{DIM:#}");
    }
    indented(&mut out, &pretty(&example.body));

    let _ = write!(out, "\n{BOLD}What the gateway did{BOLD:#}\n");
    changes(&mut out, &told.audit);
    findings(&mut out, &told.audit);

    match &told.seen {
        Some(seen) => upstream(&mut out, seen),
        None => {
            let _ = write!(out, "\n{BOLD}The upstream was not asked{BOLD:#}\n");
        }
    }
    let style = if told.status.is_success() { GREEN } else { RED };
    let _ = write!(
        out,
        "\n{BOLD}What came back{BOLD:#}\n  {style}{}{style:#}\n",
        told.status
    );
    for name in [
        "ratelimit-policy",
        "ratelimit",
        "deprecation",
        "x-request-id",
    ] {
        if let Some(value) = told.headers.get(name).and_then(|value| value.to_str().ok()) {
            let _ = writeln!(out, "  {DIM}{name}: {value}{DIM:#}");
        }
    }
    indented(&mut out, &shortened(&String::from_utf8_lossy(&told.body)));
    if let Some(trace) = told.audit["trace_id"].as_str() {
        let _ = writeln!(out, "\n  trace id {CYAN}{trace}{CYAN:#}");
    }
    verdict(&mut out, &told.faults);
    out
}

fn changes(out: &mut String, audit: &Value) {
    let none = Vec::new();
    let receipt = &audit["receipt"];
    let parameters = receipt["parameters"].as_array().unwrap_or(&none).iter();
    for change in parameters.chain(receipt["patch"].as_array().unwrap_or(&none)) {
        let text = |name: &str| change[name].as_str().unwrap_or_default();
        let (style, values) = match (change.get("was"), change.get("value")) {
            (None, Some(new)) => (GREEN, format!("+ {new}")),
            (Some(old), Some(new)) => (YELLOW, format!("{old} → {new}")),
            (Some(old), None) => (RED, format!("- {}", shortened(&old.to_string()))),
            (None, None) => (RED, "-".to_owned()),
        };
        let place = match text("in") {
            "" => text("path").to_owned(),
            other => format!("{other} {}", text("path")),
        };
        let why = change["rule"]
            .as_str()
            .map_or_else(|| text("reason").to_owned(), |rule| format!("rule {rule}"));
        let _ = writeln!(
            out,
            "  {CYAN}{:<10}{CYAN:#} {place:<34} {style}{values:<28}{style:#} {DIM}{why}{DIM:#}",
            text("stage")
        );
    }
}

fn findings(out: &mut String, audit: &Value) {
    let none = Vec::new();
    for finding in audit["receipt"]["findings"].as_array().unwrap_or(&none) {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        let by = finding["rule"].as_str().unwrap_or("schema");
        let _ = writeln!(
            out,
            "  {YELLOW}{:<10}{YELLOW:#} {:<34} {} {DIM}{by}{DIM:#}",
            text("mode"),
            text("pointer"),
            text("message")
        );
    }
}

fn upstream(out: &mut String, seen: &Seen) {
    let _ = write!(
        out,
        "\n{BOLD}What the upstream received{BOLD:#}\n  {} {}?{}\n",
        seen.method, seen.path, seen.query
    );
    let _ = writeln!(
        out,
        "  {DIM}x-access-token: (a token of the gateway's own, not shown){DIM:#}"
    );
    for name in SHOWN_HEADERS {
        if let Some(value) = seen.headers.get(name).and_then(|value| value.to_str().ok()) {
            let _ = writeln!(out, "  {DIM}{name}: {value}{DIM:#}");
        }
    }
    indented(
        out,
        &pretty(&serde_json::from_slice(&seen.body).unwrap_or_default()),
    );
}

fn verdict(out: &mut String, faults: &[String]) {
    if faults.is_empty() {
        let _ = writeln!(
            out,
            "  {GREEN}✓ the upstream saw what the policy demands{GREEN:#}"
        );
    }
    for fault in faults {
        let _ = writeln!(out, "  {RED}✗ not as demanded: {fault}{RED:#}");
    }
}

fn pretty(value: &Value) -> String {
    let compact = value.to_string();
    if compact.len() <= 100 {
        compact
    } else {
        serde_json::to_string_pretty(value).unwrap_or(compact)
    }
}

fn indented(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "  {line}");
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(ANSWER_SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
