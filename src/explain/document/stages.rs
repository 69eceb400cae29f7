//! What each stage did, and how long it took.

use serde::Serialize;

use super::super::Explanation;
use super::View;
use super::rules::{self, RuleTold};
use crate::model::finding::Location;
use crate::model::stage::Stage;

/// One stage.
#[derive(Debug, Serialize)]
pub(super) struct StageTold<'e> {
    stage: Stage,
    microseconds: u64,
    /// Indices into the receipt's `patch`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patch: Vec<usize>,
    /// Indices into the receipt's `parameters`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<usize>,
    /// Indices into the receipt's `findings`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<usize>,
    /// The rules asked, in order: in the stage that asks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Vec<RuleTold<'e>>>,
}

/// The stages up to the upstream; there is no answer for those behind it.
pub(super) fn told<'e>(explanation: &'e Explanation, view: &View<'e>) -> Vec<StageTold<'e>> {
    let stages = explanation.stages.iter();
    let findings = indices(&explanation.findings, |finding| {
        explanation.stage_of(finding)
    });
    stages
        .filter(|(stage, _)| *stage <= Stage::Forward)
        .map(|&(stage, took)| StageTold {
            stage,
            microseconds: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            patch: changes(explanation, Location::Body, stage),
            parameters: changes(explanation, Location::Query, stage),
            findings: of(&findings, stage),
            rules: (stage == Stage::Decide).then(|| rules::told(explanation, view)),
        })
        .collect()
}

/// Indices, within the changes of the body or the others, of those that a stage made.
fn changes(explanation: &Explanation, location: Location, stage: Stage) -> Vec<usize> {
    let in_body = location == Location::Body;
    let list = explanation.changes.all().iter();
    let of_kind = list.filter(|change| (change.location == Location::Body) == in_body);
    let numbered = of_kind.zip(0..);
    numbered
        .filter(|(change, _)| change.stage == stage)
        .map(|(_, index)| index)
        .collect()
}

fn indices<T, K>(list: &[T], key: impl Fn(&T) -> K) -> Vec<(K, usize)> {
    list.iter().map(key).zip(0..).collect()
}

fn of(indices: &[(Option<Stage>, usize)], stage: Stage) -> Vec<usize> {
    let mine = indices.iter().filter(|(of, _)| *of == Some(stage));
    mine.map(|(_, index)| *index).collect()
}
