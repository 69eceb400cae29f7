//! The second page: every rule, what it has to say, who is exempt from it, and how its pack's cases stand.

mod cases;
mod exemptions;
mod hits;

use std::time::Duration;

use maud::{Markup, html};

use super::parts::in_mode;
use super::scrape::Scrape;
use super::words;
use crate::model::finding::Mode;
use crate::policy::RuleSummary;
use crate::runtime::snapshot::Snapshot;
pub(super) use cases::{Cases, Kept};
use hits::Hits;

/// The page; without cases while they are being run. `now` is Unix time.
pub(super) fn page(
    snapshot: &Snapshot,
    scrape: &Scrape,
    cases: Option<&Cases>,
    now: Duration,
) -> Markup {
    let hits = Hits::of(scrape);
    let packs = snapshot.rules.packs();
    html! {
        p {
            (snapshot.rules.rules().len()) " rules of " (packs.len()) " packs, counted since this process started. "
            b { "Would refuse or change" } " counts what a rule in " (in_mode(Mode::Warn, "warn")) " or " (in_mode(Mode::Audit, "audit"))
            " would have done if it were enforced: look at it before you flip the mode."
        }
        @if let Some(cases) = cases { (cases.problems()) }
        @for pack in packs {
            @let mut rules = snapshot.rules.rules_of(&pack.name).peekable();
            section aria-labelledby={ "pack-" (pack.name) } {
                h2 id={ "pack-" (pack.name) } { (pack.name) }
                @if !pack.description.is_empty() { p { (pack.description.trim()) } }
                @match cases {
                    Some(cases) => (cases.line(&pack.name)),
                    None => p.quiet { "Its cases are being run; look again." },
                }
                @if rules.peek().is_none() { p.note { "It has no rules." } }
                @else {
                    div.scrolls tabindex="0" role="region" aria-labelledby={ "pack-" (pack.name) } {
                        table {
                            thead { tr {
                                th scope="col" { "Rule" } th scope="col" { "Mode" }
                                th.number scope="col" { "Hits" }
                                th.number scope="col" { "Would refuse or change" }
                                th.number scope="col" { "Exempt" }
                                th scope="col" { "Exemptions" }
                            } }
                            tbody { @for rule in rules { (row(rule, &hits, now)) } }
                        }
                    }
                }
            }
        }
    }
}

fn row(rule: &RuleSummary, hits: &Hits, now: Duration) -> Markup {
    let hits = hits.of_rule(&rule.id);
    html! {
        tr {
            th scope="row" {
                code.rule { (rule.name()) } " " span.quiet { (rule.verb) }
                p { (rule.description) }
                @if let Some(when) = &rule.when { p.quiet { "when " code { (when) } } }
                p.quiet { (rule.file) ":" (rule.line) }
            }
            td { (in_mode(rule.mode, rule.mode.name())) }
            td.number { (words::count(hits.all)) }
            td.number { (words::count(hits.would)) }
            td.number { (words::count(hits.exempt)) }
            td { (exemptions::list(&rule.exemptions, now)) }
        }
    }
}
