//! Holds what became of a request against what was expected of it.

use super::difference;
use super::failure::{Acted, Difference, Failure};
use crate::explain::Explanation;
use crate::model::decision::Outcome;
use crate::model::finding::Finding;
use crate::model::json::Value;
use crate::model::refusal::Refusal;
use crate::policy::cases::{Expected, ExpectedFinding, Verdict};

/// Why an explanation is not what was expected, if it is not.
pub(super) fn failure(expected: &Expected, got: &Explanation) -> Option<Failure> {
    let mut differences = Vec::new();
    let verdict = verdict(got.refusal.as_ref());
    if verdict != expected.verdict {
        let texts = (expected.verdict.name(), verdict.name());
        differences.push(differing("verdict", texts.0.into(), Some(texts.1.into())));
    }
    let code = got.refusal.as_ref().map(Refusal::code);
    if let Some(wanted) = expected
        .code
        .as_deref()
        .filter(|wanted| code != Some(*wanted))
    {
        let got = code.map(Value::from);
        differences.push(differing("code", wanted.into(), got));
    }
    if let Some(wanted) = &expected.findings {
        differences.extend(findings(wanted, &got.findings));
    }
    let mut omitted = 0;
    match (&expected.forwarded, &got.forwarded) {
        (Some(wanted), Some(forwarded)) => {
            let body = body(&forwarded.body);
            let (places, count) = difference::between(wanted, &body);
            omitted = count.saturating_sub(places.len());
            differences.extend(places.into_iter().map(|(at, expected, got)| Difference {
                member: "forwarded",
                pointer: Some(at),
                expected: expected.cloned(),
                got: got.cloned(),
            }));
        }
        // Where it was refused, the verdict says that nothing was forwarded.
        (Some(wanted), None) if got.refusal.is_none() => {
            differences.push(differing("forwarded", wanted.clone(), None));
        }
        _ => {}
    }
    (!differences.is_empty()).then(|| Failure {
        differences,
        omitted,
        refusal: got
            .refusal
            .as_ref()
            .map(|refusal| (refusal.code(), refusal.message().into_owned())),
        acted: acted(got),
    })
}

/// A body, as JSON or else as a text.
fn body(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}

fn differing(member: &'static str, expected: Value, got: Option<Value>) -> Difference {
    Difference {
        member,
        pointer: None,
        expected: Some(expected),
        got,
    }
}

const fn verdict(refusal: Option<&Refusal>) -> Verdict {
    match refusal {
        None => Verdict::Allow,
        Some(Refusal::Denied { .. }) => Verdict::Deny,
        Some(_) => Verdict::Refuse,
    }
}

/// What is left on either side once as many as possible are paired. Expected findings may fit several: so each that finds no
/// partner asks those that have one to look for another (Kuhn's algorithm for matchings).
fn findings(expected: &[ExpectedFinding], got: &[Finding]) -> Vec<Difference> {
    let mut partners: Vec<Option<usize>> = vec![None; got.len()];
    let mut left = Vec::new();
    for (index, wanted) in expected.iter().enumerate() {
        let mut asked = vec![false; got.len()];
        if !pair(index, expected, got, &mut partners, &mut asked) {
            left.push(Difference {
                member: "findings",
                pointer: None,
                expected: Some(wanted.to_json()),
                got: None,
            });
        }
    }
    let alone = got.iter().zip(&partners);
    let alone = alone.filter(|(_, partner)| partner.is_none());
    left.extend(alone.map(|(finding, _)| Difference {
        member: "findings",
        pointer: None,
        expected: None,
        got: Some(ExpectedFinding::of(finding).to_json()),
    }));
    left
}

fn pair(
    index: usize,
    expected: &[ExpectedFinding],
    got: &[Finding],
    partners: &mut [Option<usize>],
    asked: &mut [bool],
) -> bool {
    let Some(wanted) = expected.get(index) else {
        return false;
    };
    for (at, finding) in got.iter().enumerate() {
        let new = asked
            .get_mut(at)
            .is_some_and(|asked| !std::mem::replace(asked, true));
        if !new || !wanted.fits(finding) {
            continue;
        }
        let taken = partners.get(at).copied().flatten();
        if taken.is_none_or(|other| pair(other, expected, got, partners, asked)) {
            if let Some(partner) = partners.get_mut(at) {
                *partner = Some(index);
            }
            return true;
        }
    }
    false
}

/// Who changed the request, and which rules and stages found something.
fn acted(got: &Explanation) -> Vec<Acted> {
    let mut all: Vec<Acted> = Vec::new();
    let mut add = |who: &str, outcome: &'static str, place: Option<&str>| {
        let same = |acted: &&mut Acted| acted.who == who && acted.outcome == outcome;
        if let Some(known) = all.iter_mut().find(same) {
            known.places.extend(place.map(str::to_owned));
        } else {
            all.push(Acted {
                who: who.to_owned(),
                outcome,
                places: place.map(str::to_owned).into_iter().collect(),
            });
        }
    };
    for change in got.changes.all() {
        let who = change.rule.as_deref().unwrap_or(change.stage.name());
        add(who, "changed", Some(&change.path));
    }
    let found = got.decisions.iter();
    let found = found.filter(|decision| decision.outcome > Outcome::Changed);
    for decision in found {
        let findings = got.findings.iter();
        let own = findings.filter(|finding| finding.rule.as_ref() == Some(&decision.rule));
        let mut places = own.map(|finding| &*finding.pointer).peekable();
        if places.peek().is_none() {
            add(&decision.rule, decision.outcome.name(), None);
        }
        for place in places {
            add(&decision.rule, decision.outcome.name(), Some(place));
        }
    }
    let by_contract = got.findings.iter().filter(|finding| finding.rule.is_none());
    let stage = got.stages.last().map_or("", |(stage, _)| stage.name());
    for finding in by_contract {
        add(stage, "refused", Some(&finding.pointer));
    }
    all
}
