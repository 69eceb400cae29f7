//! `policy test` as a shell and a CI system see it.

use std::fs;

use roxmltree::{Document, Node};
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{program, run, run_in, told};

const PACK: &str = "\
pack: house
rules:
  - {id: start, message: Say when it starts., require: {field: /startTime}}
  - {id: one-hour, max: {field: /length, value: 60, over: clamp}}
  - {id: inside, mode: warn, forbid: {field: '/attendees/*/type', values: [outside]}}
";
const CASES: &str = "\
defaults:
  request:
    operation: update_recurring_meeting
    body: {mediaTypes: HDVideo, startTime: '2026-09-07 08:30', cycleParams: {startDate: '2026-09-07', endDate: '2026-09-08', cycle: Day}}
cases:
  - name: fine
    expect: {verdict: allow, findings: [], forwarded: unchanged}
  - name: two hours are one
    request: {body: {length: 120}}
    expect: {verdict: allow, changed: {length: 60}}
";
/// Cases that fail, each in its own way.
const FAILING: &str = "
  - name: no start time is <fine>
    request: {body: {startTime: null, length: '90'}}
    expect: {verdict: allow, findings: [{rule: inside}], changed: {length: 30}}
  - name: it is \"longer\" & has a subject
    request: {body: {length: 90, attendees: [{type: outside}]}}
    expect: {verdict: allow, findings: [], changed: {length: 90, subject: x}}
  - name: the contract refuses it
    request: {body: {mediaTypes: Smoke}}
    expect: {verdict: deny, code: MGW.4030001}
";

/// A folder with a pack in `policies`, and its cases.
fn folder(cases: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("policies/house");
    fs::create_dir_all(pack.join("cases")).unwrap();
    fs::write(pack.join("pack.yaml"), PACK).unwrap();
    if !cases.is_empty() {
        fs::write(pack.join("cases/some.yaml"), cases).unwrap();
    }
    folder
}

fn failing() -> TempDir {
    folder(&format!("{CASES}{FAILING}"))
}

fn test(folder: &TempDir, arguments: &[&str]) -> (i32, String) {
    let arguments = [&["policy", "test"], arguments].concat();
    told(&run_in(folder.path(), &arguments))
}

#[test]
fn the_committed_packs_do_what_their_cases_say_and_every_branch_is_covered() {
    let output = run(&[
        "policy",
        "test",
        "--require-tests",
        "--require-coverage",
        "--quiet",
    ]);
    let (code, text) = told(&output);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains(", 0 failed; ") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn failures_are_told_in_full() {
    let (code, text) = test(&failing(), &[]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("policy_test_failures", text);
}

#[test]
fn exit_codes() {
    let (fine, failing, none) = (folder(CASES), failing(), folder(""));
    let covers = "
  - {name: no start, request: {body: {startTime: null}}, expect: {verdict: deny}}
  - {name: outside, request: {body: {attendees: [{type: outside}]}}, expect: {verdict: allow, findings: [{rule: inside, mode: warn}]}}
";
    let covered = folder(&format!("{CASES}{covers}"));
    let broken = folder("cases: [{name: n}]");
    for (name, folder, arguments, expected) in [
        ("fine", &fine, &[][..], 0),
        ("fine, by its pack", &fine, &["policies/house"], 0),
        (
            "fine, by its file",
            &fine,
            &["policies/house/cases/some.yaml"],
            0,
        ),
        ("failing", &failing, &[], 1),
        ("failing, as JSON", &failing, &["--format", "json"], 1),
        ("failing, as JUnit", &failing, &["--format", "junit"], 1),
        (
            "what fails is filtered out",
            &failing,
            &["--filter", "some::fine"],
            0,
        ),
        (
            "what fails is filtered in",
            &failing,
            &["--filter", "::the contract"],
            1,
        ),
        (
            "nothing is left by the filter",
            &fine,
            &["--filter", "fnie"],
            1,
        ),
        ("no tests", &none, &[], 0),
        (
            "no tests where there must be",
            &none,
            &["--require-tests"],
            1,
        ),
        ("tests where there must be", &fine, &["--require-tests"], 0),
        (
            "not covered, where it must be",
            &fine,
            &["--require-coverage"],
            1,
        ),
        (
            "covered, where it must be",
            &covered,
            &["--require-coverage"],
            0,
        ),
        (
            "coverage of one file",
            &covered,
            &["policies/house/cases/some.yaml", "--require-coverage"],
            1,
        ),
        ("a case that cannot be read", &broken, &[], 1),
        (
            "a path that is not there",
            &fine,
            &["policies", "nowhere"],
            1,
        ),
        (
            "coverage of a filter",
            &fine,
            &["--require-coverage", "--filter", "fine"],
            2,
        ),
        ("an unknown format", &fine, &["--format", "yaml"], 2),
    ] {
        let (code, text) = test(folder, arguments);
        assert_eq!(code, expected, "{name}: {text}");
    }
}

#[test]
fn paths_are_those_of_where_one_stands() {
    let folder = folder(CASES);
    for (place, path) in [
        ("", "policies/house/cases/some.yaml"),
        ("policies", "."),
        ("policies", "house"),
        ("policies/house", "."),
        ("policies/house", ".."),
        ("policies/house", "cases/some.yaml"),
        ("policies/house/cases", ".."),
        ("policies/house/cases", "some.yaml"),
        ("policies/house/cases", "../cases/some.yaml"),
    ] {
        let output = run_in(&folder.path().join(place), &["policy", "test", path]);
        let (code, text) = told(&output);
        assert!(
            code == 0 && text.contains("house::some::fine"),
            "{path} in {place}: {text}"
        );
    }
}

#[test]
fn what_is_demanded_and_not_met_is_told() {
    let (_, text) = test(&folder(CASES), &["--require-coverage", "--quiet"]);
    insta::assert_snapshot!("policy_test_not_covered", text);
    let (_, text) = test(
        &folder(""),
        &["--require-tests", "--require-coverage", "--quiet"],
    );
    insta::assert_snapshot!("policy_test_no_tests", text);
}

#[test]
fn data_is_on_stdout_and_mistakes_are_on_stderr() {
    let output = run_in(
        folder("cases:\n  - {name: n, expect: {verdict: alow}}\n").path(),
        &["policy", "test"],
    );
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("policies/house/cases/some.yaml:2:33"),
        "{error}"
    );
    assert!(error.contains("did you mean `allow`?"), "{error}");
    let data = String::from_utf8(output.stdout).unwrap();
    assert!(
        data.ends_with("0 tests: 0 passed, 0 failed; 0 of 3 rules covered\n"),
        "{data}"
    );
}

#[test]
fn colours_are_for_terminals() {
    let folder = failing();
    let plain = program()
        .current_dir(folder.path())
        .env_remove("NO_COLOR")
        .args(["policy", "test"])
        .output()
        .unwrap();
    assert!(!plain.stdout.contains(&0x1b));
}

#[test]
fn as_json() {
    let folder = failing();
    fs::write(
        folder.path().join("policies/house/cases/wrong.yaml"),
        "cases: []",
    )
    .unwrap();
    let arguments = ["policy", "test", "--format", "json", "--require-coverage"];
    let output = run_in(folder.path(), &arguments);
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    for test in document["tests"].as_array_mut().unwrap() {
        assert!(test["duration_us"].take().as_u64().is_some());
    }
    insta::assert_json_snapshot!("policy_test_json", document);
}

#[test]
fn as_junit() {
    let folder = failing();
    fs::write(
        folder.path().join("policies/house/cases/wrong.yaml"),
        "cases: []",
    )
    .unwrap();
    let arguments = [
        "policy",
        "test",
        "policies",
        "nowhere",
        "--format",
        "junit",
        "--require-tests",
        "--require-coverage",
    ];
    let output = run_in(folder.path(), &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let document = Document::parse(&text).unwrap();
    fits_the_schema(&document);
    let failures: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("failure"))
        .collect();
    assert_eq!(failures.len(), 3);
    let times = regex::Regex::new(r#"time="\d+\.\d{6}""#).unwrap();
    insta::assert_snapshot!("policy_test_junit", times.replace_all(&text, r#"time="0""#));
}

/// An element, its attributes that must be there, those that may, and the elements that may be in it.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// Elements of Jenkins' schema (`junit-10.xsd`), as far as we use them.
const SCHEMA: [Row; 5] = [
    (
        "testsuites",
        &[],
        &["name", "tests", "failures", "errors", "time", "disabled"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests"],
        &[
            "failures",
            "errors",
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        ],
        &["testcase"],
    ),
    (
        "testcase",
        &["name"],
        &["classname", "time", "assertions", "status"],
        &["error", "failure"],
    ),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
];

fn fits_the_schema(document: &Document<'_>) {
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let (_, required, optional, children) = SCHEMA.iter().find(|row| row.0 == name).unwrap();
        for attribute in *required {
            assert!(node.has_attribute(*attribute), "{name} needs {attribute}");
        }
        for attribute in node.attributes() {
            let known = required
                .iter()
                .chain(*optional)
                .any(|known| *known == attribute.name());
            assert!(known, "{name} has {}", attribute.name());
        }
        for child in node.children().filter(Node::is_element) {
            assert!(
                children.contains(&child.tag_name().name()),
                "{name} holds {child:?}"
            );
        }
        if name.starts_with("testsuite") {
            let count = |wanted: &str| {
                let all = node.descendants();
                all.filter(|below| below.has_tag_name(wanted))
                    .count()
                    .to_string()
            };
            assert_eq!(node.attribute("tests").unwrap(), count("testcase"));
            assert_eq!(node.attribute("failures").unwrap(), count("failure"));
            assert_eq!(node.attribute("errors").unwrap(), count("error"));
        }
        if let Some(time) = node.attribute("time") {
            assert!(
                time.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0),
                "{time}"
            );
        }
    }
}
