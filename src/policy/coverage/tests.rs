//! Which branches rules have, and what takes them.

use super::*;
use crate::policy::pack;

const PACK: &str = "
pack: house
rules:
  - {id: plain, require: {field: /startTime}}
  - {id: conditional, when: body.length > 60, force: {field: /encryptMode, value: 1}}
  - id: excepted
    except: [{callers: [events], until: 2027-03-31, reason: summit}]
    forbid: {field: /liveAddress}
  - {id: denying, when: body.length > 60, deny: {pointer: /length}}
  - {id: sun, sunset: {on: 2027-06-30, parameter: userUUID}}
  - {id: counted-sun, mode: audit, sunset: {on: 2027-06-30, parameter: userUUID}}
";

fn covered(outcomes: &[(&str, Outcome)]) -> Coverage {
    let mut coverage = Coverage::of(&pack::read("pack.yaml", PACK).unwrap());
    for (rule, outcome) in outcomes {
        let rule = format!("house/{rule}").into();
        coverage.add(&[Decision {
            rule,
            mode: Mode::Enforce,
            outcome: *outcome,
        }]);
    }
    coverage
}

fn missing(coverage: &Coverage) -> Vec<(&str, Vec<&str>)> {
    let rules = coverage.rules().iter();
    let missing = |rule: &RuleCoverage| rule.missing().map(Branch::name).collect();
    rules
        .map(|rule| (&rule.rule["house/".len()..], missing(rule)))
        .collect()
}

#[test]
fn each_kind_of_rule_has_its_branches() {
    assert_eq!(
        missing(&covered(&[])),
        [
            ("plain", vec!["pass", "hit"]),
            ("conditional", vec!["pass", "hit", "skipped"]),
            ("excepted", vec!["pass", "hit", "exempt"]),
            ("denying", vec!["hit", "skipped"]),
            ("sun", vec!["pass", "warned", "denied"]),
            ("counted-sun", vec!["pass", "hit"]),
        ]
    );
}

#[test]
fn outcomes_take_branches() {
    use Outcome::{Audited, Changed, Denied, Exempt, Passed, Skipped, Warned};
    let all = [
        ("plain", Passed),
        ("plain", Denied),
        ("conditional", Changed),
        ("conditional", Passed),
        ("excepted", Passed),
        ("excepted", Exempt),
        ("denying", Warned),
        ("denying", Skipped),
        ("sun", Passed),
        ("sun", Warned),
        ("counted-sun", Passed),
        ("counted-sun", Audited),
    ];
    let coverage = covered(&all);
    assert!(!coverage.is_complete());
    let gaps: Vec<_> = missing(&coverage)
        .into_iter()
        .filter(|(_, missing)| !missing.is_empty())
        .collect();
    assert_eq!(
        gaps,
        [
            ("conditional", vec!["skipped"]),
            ("excepted", vec!["hit"]),
            ("sun", vec!["denied"]),
        ]
    );
    let rest = [
        ("conditional", Skipped),
        ("excepted", Audited),
        ("sun", Denied),
    ];
    assert!(covered(&[&all[..], &rest].concat()).is_complete());
}

#[test]
fn a_rule_of_two_halves_that_hits_with_one_has_not_passed() {
    let mut coverage = covered(&[]);
    let decision = |outcome| Decision {
        rule: "house/plain".into(),
        mode: Mode::Enforce,
        outcome,
    };
    coverage.add(&[decision(Outcome::Passed), decision(Outcome::Denied)]);
    let branches = &coverage.rules()[0].branches;
    assert_eq!(branches, &[(Branch::Pass, 0), (Branch::Hit, 1)]);
}

#[test]
fn rules_of_other_packs_do_not_count() {
    let mut coverage = covered(&[]);
    coverage.add(&[Decision {
        rule: "other/plain".into(),
        mode: Mode::Enforce,
        outcome: Outcome::Passed,
    }]);
    assert_eq!(coverage.rules()[0].missing().count(), 2);
}
