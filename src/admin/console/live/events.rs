//! The last requests that were refused or warned of, and what they can be filtered by.

use maud::{Markup, html};

use super::event::{Event, Verdict};
use super::filter::Filter;
use crate::admin::console::page::Place;
use crate::admin::console::parts::finding;
use crate::runtime::audit_log::Recent;
use crate::runtime::snapshot::Snapshot;

/// Events that are shown at most.
const SHOWN: usize = 100;
/// Findings of one request that are shown at most.
const FINDINGS: usize = 8;

/// The filters and the table.
pub(super) fn section(recent: Option<&Recent>, filter: &Filter, snapshot: &Snapshot) -> Markup {
    html! {
        section aria-labelledby="events" {
            h2 #events { "Refusals and warnings" }
            @match recent {
                None => p.note { "Nothing is known of single requests: the audit log is off (" code { "audit.output: none" } ")." },
                Some(recent) => { (choices(filter, snapshot)) (table(recent, filter)) }
            }
        }
    }
}

fn choices(filter: &Filter, snapshot: &Snapshot) -> Markup {
    let operations = snapshot.contract.operations().iter();
    let operations = operations.filter(|operation| snapshot.serves(operation));
    let callers = snapshot.authenticator.callers().iter();
    let rules = snapshot.rules.rules().iter();
    let verdicts = Verdict::ALL.iter().map(|verdict| verdict.name().to_owned());
    html! {
        form.filters method="get" action=(Place::Live.path()) data-filters="" {
            (choice("Operation", "operation", &filter.operation, operations.map(|operation| operation.name.to_owned())))
            (choice("Caller", "caller", &filter.caller, callers.map(|caller| caller.id.to_string())))
            (choice("Rule", "rule", &filter.rule, rules.map(|rule| rule.id.to_string())))
            (choice("Verdict", "verdict", filter.verdict.map_or("", Verdict::name), verdicts))
            button type="submit" { "Filter" }
            @if !filter.is_empty() { a href=(Place::Live.path()) { "All" } }
        }
    }
}

/// One list to choose from. What is chosen is there although it may be no part of the configuration any more.
fn choice(label: &str, name: &str, chosen: &str, values: impl Iterator<Item = String>) -> Markup {
    let mut values: Vec<String> = values.collect();
    if !chosen.is_empty() && !values.iter().any(|value| value == chosen) {
        values.push(chosen.to_owned());
    }
    html! {
        label {
            span { (label) }
            select name=(name) {
                option value="" { "all" }
                @for value in &values { option value=(value) selected[value == chosen] { (value) } }
            }
        }
    }
}

fn table(recent: &Recent, filter: &Filter) -> Markup {
    let lines = recent.lines();
    let events = lines.iter().filter_map(|line| Event::read(line));
    let mut events = events.filter(|event| filter.lets_through(event)).peekable();
    let passed_over = recent.passed_over();
    html! {
        div.scrolls tabindex="0" role="region" aria-labelledby="events" data-events="" {
            @if events.peek().is_none() {
                p.note { @if filter.is_empty() { "None yet." } @else { "None that fits the filter." } }
            } @else {
                table.events {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "Verdict" } th scope="col" { "Caller" }
                        th scope="col" { "Operation" } th scope="col" { "What" }
                    } }
                    tbody { @for event in events.take(SHOWN) { (row(&event)) } }
                }
            }
            @if passed_over > 0 {
                p.note { (passed_over) " more came too fast, or were too long, to be kept here; the audit log has them." }
            }
        }
    }
}

fn row(event: &Event) -> Markup {
    let verdict = event.verdict().name();
    let findings = event.findings();
    html! {
        tr {
            td { time datetime=(event.time) { (time_of_day(&event.time)) } }
            td { span class={ "verdict " (verdict) } { (verdict.replace('_', " ")) } @if let Some(status) = event.status { " " (status) } }
            td { (event.caller.as_deref().unwrap_or("–")) }
            td {
                @match &event.operation {
                    Some(operation) => (operation),
                    None => { (event.method) " " (event.path) }
                }
            }
            td {
                @if let Some(message) = &event.message {
                    p { @if let Some(code) = &event.code { code { (code) } " " } (message) }
                }
                @if !findings.is_empty() {
                    ul { @for found in findings.iter().take(FINDINGS) { (finding(found)) } }
                }
                @if findings.len() > FINDINGS { p { "and " (findings.len() - FINDINGS) " more" } }
                p.quiet { "request " (event.request_id) }
            }
        }
    }
}

/// Of an instant as the audit log writes it, the time of the day.
fn time_of_day(instant: &str) -> &str {
    instant.get(11..19).unwrap_or(instant)
}
