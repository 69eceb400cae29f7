//! What became of the request: the verdict, each stage, what changed in the body, and a case to keep.

use std::path::Path;
use std::sync::Arc;

use maud::{Markup, html};

use super::{case_file, difference};
use crate::admin::console::parts::{finding, in_mode};
use crate::explain::{Asked, Explainer, Explanation};
use crate::model::change::{Change, ChangeOperation};
use crate::model::decision::Outcome;
use crate::model::json::Value;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::policy::cases::Setup;

/// Everything that is told of.
pub(super) struct Tried<'t> {
    pub(super) asked: &'t Asked,
    pub(super) explanation: &'t Explanation,
    /// What it was explained by.
    pub(super) explainer: &'t Arc<Explainer>,
    /// The folder of the packs.
    pub(super) folder: &'t Path,
    /// What the configuration says of the packs.
    pub(super) setup: &'t Setup,
    /// The pack that is edited; its cases are what a case file is for.
    pub(super) pack: &'t str,
    pub(super) is_edited: bool,
}

/// The result as HTML.
pub(super) fn markup(tried: &Tried<'_>) -> Markup {
    let Tried {
        asked, explanation, ..
    } = tried;
    html! {
        (verdict(tried))
        section aria-labelledby="stages" {
            h2 #stages { "Stage by stage" }
            ol.stages { @for (stage, took) in &explanation.stages {
                @if *stage <= Stage::Forward { (told(explanation, *stage, took.as_micros())) }
            } }
        }
        (difference::section(asked, explanation))
        (case_file::section(tried))
    }
}

fn verdict(tried: &Tried<'_>) -> Markup {
    let explanation = tried.explanation;
    let (class, word) = match &explanation.refusal {
        None if explanation.changes.all().is_empty() => ("good", "It would be sent on as it is"),
        None => ("good", "It would be sent on, changed"),
        Some(Refusal::Denied { .. }) => ("bad", "The policy denies it"),
        Some(_) => ("bad", "It is refused"),
    };
    html! {
        section class={ "outcome " (class) } aria-labelledby="outcome" {
            h2 #outcome tabindex="-1" { (word) }
            @if let Some(refusal) = &explanation.refusal {
                p { (refusal.status().as_u16()) " " code { (refusal.code()) } " " (refusal.message()) }
            }
            p.quiet {
                @match explanation.operation {
                    Some(operation) => { "Operation " code { (operation.name) } },
                    None => "No known operation",
                }
                ", caller " code { (tried.asked.caller.id) }
                @if tried.is_edited { ", judged by your edition of " code { (tried.pack) } }
            }
            @if tried.asked.hides_values { p.note { "It is from a log that masks: " code { "***" } " stands for values that are not known, and rules that look at them decided on it." } }
            @if explanation.relayed { p.note { "The operation is relayed: its body goes upstream as it is, and neither contract nor policy looks at it." } }
            @if explanation.went_unasked { p.note { "The policy wants what is left out filled in with what the meeting has (" code { "missing_fields: merge" } "). Nobody is asked here, so the request is judged as it came." } }
        }
    }
}

fn told(explanation: &Explanation, stage: Stage, micros: u128) -> Markup {
    let changes = explanation.changes.all().iter();
    let changes: Vec<_> = changes.filter(|change| change.stage == stage).collect();
    let findings = explanation.findings.iter();
    let findings: Vec<_> = findings
        .filter(|finding| explanation.stage_of(finding) == Some(stage))
        .collect();
    let is_last = explanation
        .stages
        .last()
        .is_some_and(|(last, _)| *last == stage);
    let refused = explanation.refusal.is_some() && is_last;
    html! {
        li class=[refused.then_some("bad")] {
            b { (stage.name()) } " " span.quiet { (micros) " µs" }
            @if stage == Stage::Decide { (rules(explanation)) }
            @if !changes.is_empty() { ul { @for change in changes { (changed(change)) } } }
            @if !findings.is_empty() { ul { @for found in findings { (finding(found)) } } }
        }
    }
}

fn rules(explanation: &Explanation) -> Markup {
    let spoke = |outcome| !matches!(outcome, Outcome::Passed | Outcome::Skipped);
    let decisions = explanation.decisions.iter();
    let (speaking, silent): (Vec<_>, Vec<_>) =
        decisions.partition(|decision| spoke(decision.outcome));
    html! {
        " " span.quiet { (explanation.decisions.len()) " rules asked, " (silent.len()) " with nothing to say" }
        @if !speaking.is_empty() {
            ul { @for decision in speaking {
                li { code.rule { (decision.rule) } " " (in_mode(decision.mode, decision.outcome.name())) }
            } }
        }
    }
}

fn changed(change: &Change) -> Markup {
    let shown = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
    let (was, value) = (shown(&change.was), shown(&change.value));
    let verb = match change.op {
        ChangeOperation::Add => "added",
        ChangeOperation::Remove => "removed",
        ChangeOperation::Replace => "changed",
    };
    html! {
        li {
            (verb) " " code { (change.path) }
            @if let Some(was) = was { " from " code { (was) } }
            @if let Some(value) = value { " to " code { (value) } }
            " " span.quiet { (change.reason) }
            @if let Some(rule) = &change.rule { " " code.rule { (rule) } }
        }
    }
}
