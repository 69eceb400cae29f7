//! Suites of packs in a folder of their own.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::policy::coverage::Branch;

const PACK: &str = "
pack: house
rules:
  - {id: start, message: Say when., require: {field: /startTime}}
  - {id: hour, max: {field: /length, value: 60, over: clamp}}
  - {id: ends, mode: warn, forbid: {field: /attendees/*/type, values: [outside]}}
  - id: live
    except: [{callers: [events], until: 2026-12-31, reason: the summit}]
    forbid: {field: /auxAddress}
  - {id: old, sunset: {parameter: userUUID, on: 2026-10-31}}
";
const HEAD: &str = "
defaults:
  request:
    operation: update_recurring_meeting
    body: {mediaTypes: HDVideo, startTime: '2026-09-07 08:30', cycleParams: {startDate: '2026-09-07', endDate: '2026-09-08', cycle: Day}}
cases:
";

/// A folder with a pack and one case file.
fn folder(cases: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("house");
    fs::create_dir_all(pack.join("cases")).unwrap();
    fs::write(pack.join("pack.yaml"), PACK).unwrap();
    fs::write(pack.join("cases/some.yaml"), format!("{HEAD}{cases}")).unwrap();
    folder
}

fn suite(folder: &TempDir, below: &str) -> Suite {
    Suite::load(&[folder.path().join(below)])
}

/// What differs in the only test, a line each.
fn differences(case: &str) -> Vec<String> {
    let folder = folder(&format!("  - {{name: n, {case}}}\n"));
    let suite = suite(&folder, "");
    assert_eq!(suite.problems(), []);
    let results = suite.run(None);
    let (_, report) = results.tests().next().unwrap();
    let failure = report.failure.iter();
    let all = failure.flat_map(|failure| failure.differences.clone());
    let shown =
        |value: Option<crate::model::json::Value>| value.map_or("-".into(), |v| v.to_string());
    all.map(|difference| {
        let at = difference.pointer.unwrap_or_default();
        let (expected, got) = (shown(difference.expected), shown(difference.got));
        format!("{}{at}: {expected} / {got}", difference.member)
    })
    .collect()
}

#[test]
fn what_is_as_expected_passes() {
    for case in [
        "expect: {verdict: allow, findings: [], forwarded: unchanged}",
        "request: {body: {length: 600}}, expect: {verdict: allow, changed: {length: 60}}",
        "request: {body: {startTime: null}}, expect: {verdict: deny, code: MGW.4030001, findings: [{rule: start, message: Say when.}]}",
        "request: {body: {mediaTypes: null}}, expect: {verdict: refuse, code: MGW.4000004, findings: [{keyword: required}]}",
        "request: {body: [1]}, expect: {verdict: refuse, code: MGW.4000002}",
        "request: {query: {}}, expect: {verdict: refuse, findings: [{in: query, pointer: conferenceID}]}",
        "request: {query: {conferenceID: 'a&b=c ü'}}, expect: {verdict: refuse, findings: [{in: query, pointer: conferenceID}]}",
        "request: {headers: {content-type: text/plain}}, expect: {verdict: refuse, code: MGW.4150001}",
        "request: {query: {conferenceID: '1', userUUID: x}}, expect: {verdict: allow, findings: [{rule: old, mode: warn, in: query}]}",
        "at: 2027-01-01T00:00:00Z, request: {query: {conferenceID: '1', userUUID: x}}, expect: {verdict: deny, findings: [{rule: old}]}",
        "caller: events, request: {body: {recordType: 1, auxAddress: a}}, expect: {verdict: allow, findings: [{rule: live, mode: audit, exempt: true}]}",
        "request: {body: {recordType: 1, auxAddress: a}}, expect: {verdict: deny, findings: [{rule: live, exempt: false}]}",
        // The first expected finding fits both, the second only one of them.
        "request: {body: {attendees: [{type: outside}, {type: outside}]}}, expect: {verdict: allow, findings: [{rule: ends}, {pointer: /attendees/0/type}]}",
        "request: {body: {attendees: [{type: outside}, {type: outside}]}}, expect: {verdict: allow, findings: [{pointer: /attendees/1/type}, {rule: ends}]}",
    ] {
        assert_eq!(differences(case), [""; 0], "{case}");
    }
}

#[test]
fn what_differs_is_told() {
    let start = r#"{"rule":"house/start","mode":"enforce","in":"body","pointer":"/startTime","keyword":"require","message":"Say when."}"#;
    let no_start = "request: {body: {startTime: null}}";
    let cases: &[(String, &[&str])] = &[
        (
            format!("{no_start}, expect: {{verdict: allow, findings: [], forwarded: unchanged}}"),
            &[
                r#"verdict: "allow" / "deny""#,
                &format!("findings: - / {start}"),
            ],
        ),
        (
            format!("{no_start}, expect: {{verdict: refuse, code: MGW.4000004}}"),
            &[
                r#"verdict: "refuse" / "deny""#,
                r#"code: "MGW.4000004" / "MGW.4030001""#,
            ],
        ),
        (
            "expect: {verdict: deny, code: MGW.4030001, findings: [{rule: start}]}".to_owned(),
            &[
                r#"verdict: "deny" / "allow""#,
                r#"code: "MGW.4030001" / -"#,
                r#"findings: {"rule":"house/start"} / -"#,
            ],
        ),
        (
            "request: {body: {length: 90}}, expect: {verdict: allow, changed: {length: 45, subject: x}}"
                .to_owned(),
            &["forwarded/length: 45 / 60", r#"forwarded/subject: "x" / -"#],
        ),
        (
            "request: {body: {length: '30'}}, expect: {verdict: allow, forwarded: unchanged}".to_owned(),
            &[r#"forwarded/length: "30" / 30"#],
        ),
        (
            "request: {body: {attendees: [{type: outside}]}}, expect: {verdict: allow, findings: [{rule: ends}, {rule: ends}]}".to_owned(),
            &[r#"findings: {"rule":"house/ends"} / -"#],
        ),
    ];
    for (case, expected) in cases {
        assert_eq!(differences(case), *expected, "{case}");
    }
}

#[test]
fn coverage_counts_the_cases_of_the_whole_pack() {
    let folder = folder(
        "
  - {name: fine, expect: {verdict: allow}}
  - {name: long, request: {body: {length: 90}}, expect: {verdict: allow}}
  - {name: wrong, request: {body: {startTime: null}}, expect: {verdict: allow}}
  - {name: refused, request: {body: {mediaTypes: null}}, expect: {verdict: refuse}}
",
    );
    let whole = suite(&folder, "");
    let results = whole.run(None);
    let coverage = results.packs[0].coverage.as_ref().unwrap();
    let told: Vec<_> = coverage
        .rules()
        .iter()
        .map(|rule| (&*rule.rule, rule.branches.as_slice()))
        .collect();
    let (pass, hit) = (Branch::Pass, Branch::Hit);
    let old = [(pass, 3), (Branch::Warned, 0), (Branch::Denied, 0)];
    assert_eq!(
        told,
        [
            ("house/start", &[(pass, 2), (hit, 1)][..]),
            ("house/hour", &[(pass, 2), (hit, 1)]),
            ("house/ends", &[(pass, 3), (hit, 0)]),
            ("house/live", &[(pass, 3), (hit, 0), (Branch::Exempt, 0)]),
            ("house/old", &old),
        ]
    );
    let totals = results.totals();
    assert_eq!((totals.tests, totals.failed), (4, 1));
    assert_eq!((totals.rules, totals.covered), (5, 2));
    let coverage = Demands {
        coverage: true,
        ..Demands::default()
    };
    assert_eq!(
        results.unmet(coverage)[0].what,
        "not covered: house/ends (hit); house/live (hit, exempt); house/old (warned, denied)"
    );

    let filtered = whole.run(Some("fine"));
    assert!(filtered.packs[0].coverage.is_none());
    assert_eq!((filtered.totals().tests, filtered.filtered_out), (1, 3));
    let file = suite(&folder, "house/cases/some.yaml");
    let results = file.run(None);
    assert!(results.packs[0].coverage.is_none() && results.totals().tests == 4);
    assert!(!results.unmet(coverage).is_empty());
}

#[test]
fn a_pack_is_named_by_its_folder_its_parent_or_its_case_files_and_run_once() {
    let folder = folder("  - {name: n, expect: {verdict: allow}}\n");
    let at = |below: &str| folder.path().join(below);
    let file = "house/cases/some.yaml";
    for (paths, packs, tests) in [
        (vec![""], 1, 1),
        (vec!["house"], 1, 1),
        (vec!["house/"], 1, 1),
        (vec![file], 1, 1),
        (vec![file, file], 1, 1),
        (vec!["", "house", file], 1, 1),
        (vec![file, "house/../house"], 1, 1),
    ] {
        let all: Vec<PathBuf> = paths.iter().map(|path| at(path)).collect();
        let suite = Suite::load(&all);
        assert_eq!(suite.problems(), [], "{paths:?}");
        let totals = suite.run(None).totals();
        assert_eq!((totals.packs, totals.tests), (packs, tests), "{paths:?}");
    }
    for (path, what) in [
        ("nowhere", "there is no such file or folder"),
        ("house/cases", "no folder in here has a pack.yaml"),
        ("house/pack.yaml", "this is no case file of a pack"),
    ] {
        let suite = Suite::load(&[at(path)]);
        assert_eq!(suite.problems()[0].what, what, "{path}");
        assert!(suite.packs().is_empty());
    }
}

#[test]
fn a_file_that_cannot_be_run_does_not_hide_the_others() {
    let folder = folder("  - {name: n, expect: {verdict: allow}}\n");
    let cases = folder.path().join("house/cases");
    fs::write(cases.join("broken.yaml"), "cases: [{nam: n}]").unwrap();
    fs::write(cases.join("other.yml"), "cases: []").unwrap();
    fs::write(cases.join("bytes.yaml"), b"cases: \xff").unwrap();
    fs::write(
        cases.join("packs.yaml"),
        "packs: [house, rotten]\ncases: [{name: n, request: {operation: create_meeting}, expect: {verdict: allow}}]",
    )
    .unwrap();
    fs::create_dir(folder.path().join("rotten")).unwrap();
    fs::write(folder.path().join("rotten/pack.yaml"), "pack: rotten").unwrap();
    let suite = suite(&folder, "house");
    let told: Vec<_> = suite.problems().iter().map(|p| p.what.clone()).collect();
    assert_eq!(
        told,
        [
            "this file is not read: the name of a case file ends in `.yaml`",
            "`name` is missing",
            "the case does not say which operation is asked",
            "`expect` is missing",
            "unknown key `nam`",
            "cannot be read: stream did not contain valid UTF-8",
            "`rules` is missing",
        ]
    );
    let results = suite.run(None);
    assert_eq!(results.totals().passed, 1);
    assert!(!results.pass(Demands::default()));
}

#[test]
fn a_pack_that_cannot_be_read_has_no_tests_and_no_coverage() {
    let folder = folder("  - {name: n, expect: {verdict: allow}}\n");
    let pack = PACK.replace("require:", "requires:");
    fs::write(folder.path().join("house/pack.yaml"), pack).unwrap();
    let suite = suite(&folder, "house");
    let problems = suite.problems();
    assert_eq!(problems.len(), 1, "each is told once: {problems:?}");
    let demands = Demands {
        tests: true,
        coverage: true,
    };
    let results = suite.run(None);
    let unmet: Vec<_> = results.unmet(demands);
    let unmet: Vec<_> = unmet.iter().map(|unmet| unmet.demand).collect();
    assert_eq!(unmet, ["tests", "coverage"]);
}
