//! Tells what happened to a request: what came in, what the gateway did and by which rule, what the upstream received, what
//! came back.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::StageSet;
use super::audit_lines::AuditLines;
use super::example::{API_KEY, Example, PATH};
use super::ports::Ports;
use crate::cli::typeset::{self, BOLD, CYAN, DIM, GREEN, RED, heading, indented, items, pretty};
use crate::model::json::Value;
use crate::simulator::Seen;

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

/// Where everything listens, and where telemetry and audit lines go if they go anywhere.
pub(super) fn places(stage: &StageSet) -> String {
    let Ports { plain, tls, admin } = stage.ports;
    let mut out = format!(
        "{BOLD}meeting-gateway {}{BOLD:#}\n\n  simulator  {}   {DIM}a pretend upstream, in memory{DIM:#}\n  gateway    \
         http://{plain}   https://{tls}\n  admin      http://{admin}   {DIM}/livez /readyz /metrics /version /explain{DIM:#}\n  \
         console    http://{admin}/console/   {DIM}what it does, its rules, a playground, the API{DIM:#}",
        env!("CARGO_PKG_VERSION"),
        stage.simulator_url,
    );
    if let Some(collector) = &stage.collector {
        let _ = write!(out, "\n  collector  {collector}");
    }
    if let AuditLines::File(path) = &stage.lines {
        let _ = write!(out, "\n  audit      {}", path.display());
    }
    out
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
    let receipt = &told.audit["receipt"];
    for change in items(receipt, "parameters").chain(items(receipt, "patch")) {
        let stage = change["stage"].as_str().unwrap_or_default();
        let line = typeset::change(change);
        let _ = writeln!(out, "  {CYAN}{stage:<10}{CYAN:#} {line}");
    }
    for finding in items(receipt, "findings") {
        let _ = writeln!(out, "  {}", typeset::finding(finding));
    }

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

fn shortened(text: &str) -> String {
    typeset::shortened(text, ANSWER_SHOWN)
}
