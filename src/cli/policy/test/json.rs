//! The results as one JSON document, `meeting-gateway.policy-test/1`, for machines. Members may be added to it, and never change
//! their meaning.

use super::made;
use crate::cli::report;
use crate::model::json::{Object, Value, json};
use crate::policy::coverage::{Branch, Coverage};
use crate::policy_test::{Demands, Difference, Failure, PackResults, Report, Results, Test};

const SCHEMA: &str = "meeting-gateway.policy-test/1";

/// The document.
pub fn render(results: &Results<'_>, demands: Demands) -> String {
    let tests = results.packs.iter().flat_map(|pack| {
        let tests = pack.files.iter().flat_map(|file| &file.tests);
        tests.map(|(one, report)| test(pack.name, one, report))
    });
    let unmet = results.unmet(demands);
    let unmet = unmet
        .iter()
        .map(|unmet| json!({"pack": unmet.pack, "demand": unmet.demand, "what": unmet.what}));
    let document = json!({
        "schema": SCHEMA,
        "pass": results.pass(demands),
        "demands": made(demands).collect::<Value>(),
        "tests": tests.collect::<Value>(),
        "coverage": results.packs.iter().filter_map(coverage).collect::<Value>(),
        "problems": report::entries(&results.problems),
        "unmet": unmet.collect::<Value>(),
        "totals": results.totals(),
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn test(pack: &str, test: &Test, report: &Report) -> Value {
    let position = test.position();
    let took = u64::try_from(report.took.as_micros()).unwrap_or(u64::MAX);
    let mut value = json!({
        "name": test.name(),
        "pack": pack,
        "file": test.file(),
        "line": position.line,
        "column": position.column,
        "outcome": if report.failure.is_some() { "failed" } else { "passed" },
        "duration_us": took,
    });
    if let Some(failure) = &report.failure {
        value["failure"] = failed(failure);
    }
    value
}

fn failed(failure: &Failure) -> Value {
    let acted = failure
        .acted
        .iter()
        .map(|acted| json!({"who": acted.who, "outcome": acted.outcome, "places": acted.places}));
    let mut value = json!({
        "differences": failure.differences.iter().map(difference).collect::<Value>(),
        "omitted": failure.omitted,
        "acted": acted.collect::<Value>(),
    });
    if let Some((code, message)) = &failure.refusal {
        value["refusal"] = json!({"code": code, "message": message});
    }
    value
}

/// `expected` and `got` are absent where there is nothing.
fn difference(difference: &Difference) -> Value {
    let pointer = difference.pointer.clone().map(Value::from);
    let members = [
        ("member", Some(difference.member.into())),
        ("pointer", pointer),
        ("expected", difference.expected.clone()),
        ("got", difference.got.clone()),
    ];
    let there = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect())
}

fn coverage(pack: &PackResults<'_>) -> Option<Value> {
    let coverage = pack.coverage.as_ref()?;
    Some(json!({
        "pack": pack.name,
        "file": coverage.file(),
        "complete": coverage.is_complete(),
        "rules": rules(coverage),
    }))
}

fn rules(coverage: &Coverage) -> Value {
    let rules = coverage.rules().iter().map(|rule| {
        let branches = rule.branches.iter();
        let taken = branches.map(|(branch, taken)| (branch.name().to_owned(), (*taken).into()));
        json!({
            "rule": rule.rule,
            "line": rule.position.line,
            "branches": Value::Object(taken.collect::<Object>()),
            "missing": rule.missing().map(Branch::name).collect::<Value>(),
        })
    });
    rules.collect()
}
