//! What several pages are put together of.

use maud::{Markup, html};

use crate::model::finding::Mode;
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

/// One finding, for a list.
pub(super) struct Found<'f> {
    pub(super) mode: Mode,
    /// The rule, or the keyword of the contract.
    pub(super) rule: Option<&'f str>,
    pub(super) keyword: &'f str,
    pub(super) pointer: &'f str,
    pub(super) message: &'f str,
    pub(super) exemption: Option<&'f str>,
}

impl Found<'_> {
    /// The finding as an item of a list.
    pub(super) fn item(&self) -> Markup {
        html! {
            li {
                (in_mode(self.mode, self.mode.name())) " "
                @if let Some(rule) = self.rule { code.rule { (rule) } " " }
                @else { span.quiet { (self.keyword) } " " }
                code { (self.pointer) } " " (self.message)
                @if let Some(exemption) = self.exemption { " " span.quiet { "exempt: " (exemption) } }
            }
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
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}
