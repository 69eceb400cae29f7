//! The rules that were asked, where they are written and what came of them; and the packs that they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::super::Explanation;
use super::View;
use crate::model::decision::Outcome;
use crate::model::finding::{Location, Mode};
use crate::policy::RuleSummary;

/// A rule that was asked.
#[derive(Debug, Serialize)]
pub(super) struct RuleTold<'e> {
    rule: &'e str,
    outcome: &'static str,
    /// What a violation leads to, for this caller at this time.
    mode: Mode,
    #[serde(flatten)]
    written: Option<Written<'e>>,
    /// Indices into the receipt's `patch`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patch: Vec<usize>,
    /// Indices into the receipt's `findings`; what would have passed is `expected` there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<usize>,
}

/// Where a rule is written, and what it says.
#[derive(Debug, Serialize)]
struct Written<'e> {
    verb: &'static str,
    /// The condition under which it is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'e str>,
    says: &'e str,
    file: &'e str,
    line: usize,
}

/// The rules asked, in order.
pub(super) fn told<'e>(explanation: &'e Explanation, view: &View<'e>) -> Vec<RuleTold<'e>> {
    let summaries = view.snapshot.rules.rules().iter();
    let summaries: BTreeMap<&str, &RuleSummary> =
        summaries.map(|summary| (&*summary.id, summary)).collect();
    let changes = explanation.changes.all().iter();
    let in_body = changes.filter(|change| change.location == Location::Body);
    let patch = by_rule(in_body.map(|change| change.rule.as_ref()));
    let findings = explanation.findings.iter();
    let findings = by_rule(findings.map(|finding| finding.rule.as_ref()));
    let did_something = |outcome| outcome != Outcome::Passed && outcome != Outcome::Skipped;
    let decisions = explanation.decisions.iter();
    decisions
        .map(|decision| {
            let of = |indices: &BTreeMap<&str, Vec<usize>>| {
                let mine = indices.get(&*decision.rule).cloned();
                mine.filter(|_| did_something(decision.outcome))
                    .unwrap_or_default()
            };
            let summary = summaries.get(&*decision.rule);
            RuleTold {
                rule: &decision.rule,
                outcome: decision.outcome.name(),
                mode: decision.mode,
                written: summary.map(|summary| Written {
                    verb: summary.verb,
                    when: summary.when.as_deref(),
                    says: &summary.description,
                    file: view.file(&summary.file),
                    line: summary.line,
                }),
                patch: of(&patch),
                findings: of(&findings),
            }
        })
        .collect()
}

/// The indices of each rule.
fn by_rule<'e>(rules: impl Iterator<Item = Option<&'e Arc<str>>>) -> BTreeMap<&'e str, Vec<usize>> {
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (rule, index) in rules.zip(0..) {
        if let Some(rule) = rule {
            found.entry(rule).or_default().push(index);
        }
    }
    found
}

/// The policy in force.
#[derive(Debug, Serialize)]
pub(super) struct Policy<'e> {
    digest: &'e str,
    packs: Vec<Pack<'e>>,
    /// Rules that were not asked: they are for other operations or callers, or the request did not come to them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_asked: Vec<&'e str>,
}

#[derive(Debug, Serialize)]
struct Pack<'e> {
    name: &'e str,
    file: &'e str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'e str,
}

impl<'e> Policy<'e> {
    pub(super) fn of(explanation: &Explanation, view: &View<'e>) -> Self {
        let rules = &view.snapshot.rules;
        let decisions = explanation.decisions.iter();
        let asked: BTreeSet<&str> = decisions.map(|decision| &*decision.rule).collect();
        let ids = rules.rules().iter().map(|summary| &*summary.id);
        Self {
            digest: rules.digest(),
            packs: rules
                .packs()
                .iter()
                .map(|pack| Pack {
                    name: &pack.name,
                    file: view.file(&pack.file),
                    description: &pack.description,
                })
                .collect(),
            not_asked: ids.filter(|id| !asked.contains(id)).collect(),
        }
    }
}

impl View<'_> {
    /// A pack's file as it may be named: masked, without the folders that it is in but its own.
    fn file<'f>(&self, file: &'f str) -> &'f str {
        if self.exact {
            return file;
        }
        let mut slashes = file.rmatch_indices('/');
        match slashes.nth(1) {
            Some((at, _)) => file.get(at + 1..).unwrap_or(file),
            None => file,
        }
    }
}
