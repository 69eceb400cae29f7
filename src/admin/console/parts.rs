//! What several pages are put together of.

use maud::{Markup, html};

use crate::model::finding::{Finding, Mode};
use crate::model::json::Value;
use crate::runtime::snapshot::Snapshot;

/// Why nothing can be tried as somebody.
pub(super) const NOBODY: &str =
    "the configuration has no callers, so there is nobody to try it as: add one under `callers`";

/// The callers to choose from.
pub(super) fn callers(chosen: &str, snapshot: &Snapshot) -> Markup {
    html! {
        select #caller name="caller" aria-label="Caller" {
            @for caller in snapshot.authenticator.callers() {
                option value=(caller.id) selected[*caller.id == *chosen] { (caller.id) }
            }
        }
    }
}

/// A word in the colours of a mode.
pub(super) fn in_mode(mode: Mode, word: &str) -> Markup {
    html! { span class={ "mode " (mode.name()) } { (word) } }
}

/// A finding as an item of a list: its rule, or the keyword of the contract.
pub(super) fn finding(finding: &Finding) -> Markup {
    html! {
        li {
            (in_mode(finding.mode, finding.mode.name())) " "
            @if let Some(rule) = &finding.rule { code.rule { (rule) } " " }
            @else { span.quiet { (finding.keyword) } " " }
            code { (finding.pointer) } " " (finding.message)
            @if let Some(exemption) = &finding.exemption { " " span.quiet { "exempt: " (exemption) } }
        }
    }
}

/// Why there is no result.
pub(super) fn failure(title: &str, why: &Markup) -> Markup {
    html! { section.outcome.bad aria-labelledby="outcome" { h2 #outcome tabindex="-1" { (title) } (why) } }
}

/// JSON on lines of its own; anything else as it is.
pub(super) fn pretty(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => format!("{value:#}"),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}
