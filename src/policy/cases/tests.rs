//! Case files as people write them, right and wrong.

use std::time::Duration;

use super::*;
use crate::model::finding::{Location, Mode};
use crate::model::json::{Value, json};

fn known() -> [KnownPack; 3] {
    let pack = |folder: &str, rules: Option<&[&str]>| KnownPack {
        folder: folder.to_owned(),
        rules: rules.map(|rules| rules.iter().map(|rule| (*rule).into()).collect()),
    };
    [
        pack("house", Some(&["house/start", "house/length"])),
        pack("baseline", Some(&["baseline/no-unencrypted"])),
        pack("broken", None),
    ]
}

fn read_with(text: &str, operations: &[&str]) -> Result<CaseFile, Vec<Problem>> {
    let surroundings = Surroundings {
        pack: "house",
        packs: &known(),
        operations,
    };
    read("cases.yaml", text, &surroundings)
}

fn right(text: &str) -> CaseFile {
    read_with(text, &["update_recurring_meeting"]).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

fn wrong(text: &str) -> Vec<String> {
    let problems = read_with(text, &["update_recurring_meeting", "create_meeting"]);
    let problems = problems.expect_err("a wrong file").into_iter();
    problems.map(|problem| problem.to_string()).collect()
}

#[test]
fn a_case_begins_with_the_defaults() {
    let file = right(
        "
packs: [house, baseline]
modes: {house/start: audit}
bindings: [{groups: [pilot], modes: {baseline/*: warn}}]
exemptions: [{rules: [house/length], callers: [events], until: 2027-03-31, reason: summit}]
defaults:
  at: 2026-11-28T09:00:00+01:00
  caller: {id: hr, groups: [people], scopes: [secrets], claims: {department: sales, level: 3}, address: 10.1.2.3}
  request:
    query: {conferenceID: '1'}
    headers: {User-Agent: example}
    body: {length: 60, cycleParams: {cycle: Day, interval: 2}, attendees: [{name: a}]}
cases:
  - name: all of it
    expect: {verdict: allow}
  - name: parts of it
    caller: app
    at: 2026-11-28T09:00:01Z
    request: {operation: update_recurring_meeting, body: {length: null, cycleParams: {interval: 3}, attendees: []}}
    expect:
      verdict: deny
      code: MGW.4030001
      findings:
        - {rule: start, mode: warn, in: body, pointer: /startTime, keyword: require, exempt: true, message: m}
        - {rule: baseline/no-unencrypted}
",
    );
    assert_eq!(file.setup.packs, ["house", "baseline"]);
    assert_eq!(file.setup.modes["house/start"], Mode::Audit);
    assert_eq!(file.setup.bindings[0].callers.groups, ["pilot"]);
    assert_eq!(file.setup.exemptions[0].reason, "summit");
    let [all, parts] = file.cases.as_slice() else {
        panic!("two cases")
    };
    let nine: jiff::Timestamp = "2026-11-28T08:00:00Z".parse().unwrap();
    let nine = Duration::try_from(nine.as_duration()).unwrap();
    let request = &all.request;
    assert_eq!(request.now, nine);
    assert_eq!(request.address, Some("10.1.2.3".parse().unwrap()));
    assert_eq!(&*request.caller.id, "hr");
    assert!(request.caller.scopes.show_secrets() && &*request.caller.groups[0] == "people");
    assert_eq!(request.caller.claims["level"], json!(3));
    assert_eq!(request.headers["user-agent"], "example");
    assert_eq!(all.position.line, 14);

    let request = &parts.request;
    assert_eq!(request.now, nine + Duration::from_secs(3601));
    assert_eq!((&*request.caller.id, request.address), ("app", None));
    assert!(
        request.caller.groups.is_empty(),
        "a caller is replaced as a whole"
    );
    assert_eq!(request.query, [("conferenceID".to_owned(), "1".to_owned())]);
    let merged = json!({"cycleParams": {"cycle": "Day", "interval": 3}, "attendees": []});
    assert_eq!(request.body, merged);
    let findings = parts.expected.findings.as_ref().unwrap();
    let full = ExpectedFinding {
        rule: Some("house/start".to_owned()),
        mode: Some(Mode::Warn),
        location: Some(Location::Body),
        pointer: Some("/startTime".to_owned()),
        keyword: Some("require".to_owned()),
        exempt: Some(true),
        message: Some("m".to_owned()),
    };
    assert_eq!(findings[0], full);
    assert_eq!(findings[1].rule.as_deref(), Some("baseline/no-unencrypted"));
}

#[test]
fn values_keep_their_types() {
    let body = "{int: 1, float: 1.0, exponent: 1e3, text: '1', date: '2026-09-01', bare: 2026-09-01, time: 08:30, zeros: 007, \
                no: no, 'yes': true, nothing: null, tilde: ~, list: [1, '1'], map: {a: {}}, large: 9007199254740993}";
    let text = format!(
        "cases: [{{name: n, request: {{body: {body}}}, expect: {{verdict: allow, forwarded: {body}}}}}]"
    );
    let case = &right(&text).cases[0];
    let expected = json!({
        "int": 1, "float": 1.0, "exponent": 1000.0, "text": "1", "date": "2026-09-01", "bare": "2026-09-01", "time": "08:30",
        "zeros": "007", "no": "no", "yes": true, "nothing": null, "tilde": null, "list": [1, "1"], "map": {"a": {}},
        "large": 9_007_199_254_740_993_i64
    });
    assert_eq!(case.request.body, expected);
    assert_eq!(case.expected.forwarded.as_ref(), Some(&expected));
    let not_a_number = "cases: [{name: n, request: {body: {a: .nan}}, expect: {verdict: allow}}]";
    let told = wrong(not_a_number);
    assert!(told[0].contains("is not a finite number"), "{told:?}");
}

#[test]
fn the_forwarded_body_is_told_in_three_ways() {
    let forwarded = |told: &str| -> Option<Value> {
        let request = "request: {body: {a: 1, b: {c: 2}}}";
        let text = format!("cases: [{{name: n, {request}, expect: {{verdict: allow{told}}}}}]");
        right(&text).cases[0].expected.forwarded.clone()
    };
    assert_eq!(forwarded(""), None);
    let unchanged = Some(json!({"a": 1, "b": {"c": 2}}));
    assert_eq!(forwarded(", forwarded: unchanged"), unchanged);
    assert_eq!(forwarded(", changed: {}"), unchanged);
    let changed = forwarded(", changed: {a: null, b: {d: 3}}");
    assert_eq!(changed, Some(json!({"b": {"c": 2, "d": 3}})));
    assert_eq!(forwarded(", forwarded: {a: 1}"), Some(json!({"a": 1})));
}

#[test]
fn what_nobody_can_know_is_no_mistake() {
    let text = "
packs: [broken, house]
modes: {broken/whatever: warn}
cases: [{name: n, expect: {verdict: deny, findings: [{rule: whatever}]}}]
";
    let file = right(text);
    let findings = file.cases[0].expected.findings.as_ref().unwrap();
    assert_eq!(findings[0].rule.as_deref(), Some("broken/whatever"));
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let told = wrong(
        "
packs: [house, basline, house]
modes: {house/strat: audit, house/start: strict}
bindings: [{modes: {house/start: warn}}, {callers: [a]}]
exemptions: [{rules: [house/lenght], callers: [a], until: soon, reasons: none}]
default: {}
defaults:
  at: yesterday
  caller: {name: hr, address: 10.1.2}
  request: {operation: create_meting, query: {conferenceID: 914087436}, headers: {'a b': c}, bodi: {}}
cases:
  - name: one
    expect: {verdict: alow}
  - name: one
    request: {operation: create_meeting}
    expect: {}
  - request: {operation: create_meeting}
    expects: {verdict: allow}
  - name: both
    request: {operation: create_meeting}
    expect: {verdict: allow, code: MGW.4030001, forwarded: unchanged, changed: {}}
  - name: denied
    request: {operation: create_meeting}
    expect: {verdict: deny, code: '403', forwarded: {}, warnings: []}
  - name: findings
    request: {operation: create_meeting}
    expect:
      verdict: refuse
      findings: [{}, {rule: strat}, {mode: warning, in: path, exempt: 'yes', pointr: /a}, length]
  - name: bodies
    at: 1969-12-31T23:59:59Z
    request: {operation: create_meeting}
    expect: {verdict: allow, forwarded: unchangd}
  - name: patch
    request: {operation: create_meeting}
    expect: {verdict: allow, changed: unchanged}
  - name: operation
    expect: {verdict: allow, findings: none}
  - name: \"two\\nlines\"
    request: {operation: create_meeting}
    expect: {verdict: allow}
",
    );
    assert!(told.len() > 20, "{}", told.len());
    insta::assert_snapshot!("mistakes_of_a_case_file", told.join("\n"));
}

#[test]
fn a_misspelt_rule_is_not_hidden_by_other_packs() {
    let told = wrong(
        "
packs: [house]
cases: [{name: n, request: {operation: create_meeting}, expect: {verdict: deny, findings: [{rule: baseline/no-unencrypted}]}}]
",
    );
    let expected = "cases.yaml:3:99: n: no rule of these packs is called `baseline/no-unencrypted`";
    assert_eq!(told, [expected]);
}

#[test]
fn a_file_is_bounded() {
    let told = wrong(&"#".repeat(MAX_BYTES + 1));
    assert_eq!(
        told,
        ["cases.yaml: the file is larger than 1048576 bytes (make two of it)"]
    );
}
