//! Expressions in rules: where they are wrong, for which operations they hold, what they do.

use crate::model::json::json;
use crate::policy::Verdict;
use crate::policy::fixture::{CREATE, UPDATE_SUB, caller, compiled, decided, decided_for, rules};

fn problems(pack: &str) -> Vec<String> {
    let problems = compiled(&[pack], &[]).expect_err(pack);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn mistakes_in_expressions_are_told_with_their_place_in_the_file() {
    let pack = r#"
pack: p
rules:
  - id: plain
    when: body.lenght > 60
    deny: {pointer: /length}
  - id: quoted
    when: 'body.subject == ''x'' && body.length == "60"'
    deny: {}
  - id: block
    when: |
      body.length > 60 &&
        caller.groups.exist(g, g == "interns")
    require: {field: /startTime}
  - {id: flow, when: "has(body.vmrID) && body.encryptMode == 7", deny: {pointer: /encryptMode}}
"#;
    assert_eq!(
        problems(pack),
        [
            "pack.yaml:5:16: p/plain: `body` has no field `lenght` (did you mean `length`?)",
            "pack.yaml:8:12: p/quoted: `body.subject` may be absent (write `has(body.subject) && ...`)",
            "pack.yaml:8:37: p/quoted: `==` cannot compare them: `body.length` is int, `\"60\"` is string",
            "pack.yaml:13:23: p/block: there is no function `exist` (did you mean `exists`?)",
            "pack.yaml:15:42: p/flow: `body.encryptMode` may be absent (write `has(body.encryptMode) && ...`)",
        ]
    );
}

#[test]
fn a_condition_that_the_api_decides_is_a_mistake() {
    for (when, expected) in [
        ("body.length > 1440", "is never true"),
        ("body.length >= 15", "is always true"),
        (
            "!(body.length > 60) && body.length > 60 && false",
            "never true",
        ),
        (
            "operation == 'create_metting'",
            "did you mean `create_meeting`?",
        ),
    ] {
        let pack = format!("pack: p\nrules:\n  - {{id: r, when: \"{when}\", deny: {{}}}}\n");
        let told = problems(&pack);
        assert!(
            told.iter().any(|one| one.contains(expected)),
            "{when}: {told:?}"
        );
    }
}

#[test]
fn a_rule_is_asked_where_its_condition_holds() {
    let set = rules(&[
        "{id: long, when: body.length > 60, require: {field: /startTime}}",
        "{id: outside, message: Colleagues only., when: 'body.attendees.exists(a, has(a.email) && !a.email.endsWith(\"@corp.example\"))', deny: {pointer: /attendees}}",
    ])
    .unwrap();
    assert_eq!(decided(&set, &json!({"length": 60})).0, Verdict::Allow);
    let (verdict, _, effects) = decided(&set, &json!({"length": 61}));
    assert_eq!(
        (verdict, effects.findings[0].rule.as_deref()),
        (Verdict::Deny, Some("p/long"))
    );
    let guests =
        json!({"attendees": [{"email": "a@corp.example"}, {}, {"email": "b@elsewhere.example"}]});
    let (verdict, _, effects) = decided(&set, &guests);
    let [finding] = effects.findings.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (
            verdict,
            finding.pointer.as_str(),
            finding.message.as_str(),
            &*finding.keyword
        ),
        (Verdict::Deny, "/attendees", "Colleagues only.", "deny")
    );
    let colleagues = json!({"attendees": [{"email": "a@corp.example"}]});
    assert_eq!(decided(&set, &colleagues).0, Verdict::Allow);
}

#[test]
fn a_change_on_a_condition_is_made_as_a_whole() {
    // The first deed makes the condition false; the second is done all the same.
    let set =
        rules(&["{id: d, when: body.length > 120, max_duration: {minutes: 120, over: clamp}}"])
            .unwrap();
    let (_, sent, _) = decided(
        &set,
        &json!({"length": 600, "confConfigInfo": {"prolongLength": 15}}),
    );
    assert_eq!(
        sent,
        json!({"length": 120, "confConfigInfo": {"prolongLength": 0}})
    );
    let (_, sent, _) = decided(
        &set,
        &json!({"length": 60, "confConfigInfo": {"prolongLength": 15}}),
    );
    assert_eq!(
        sent,
        json!({"length": 60, "confConfigInfo": {"prolongLength": 15}})
    );
}

#[test]
fn a_rule_that_changes_and_refuses_is_asked_once() {
    let when = "has(body.confConfigInfo.prolongLength) && body.confConfigInfo.prolongLength > 0";
    let rule = format!("{{id: d, when: {when}, max_duration: {{minutes: 120}}}}");
    let set = rules(&[&rule]).unwrap();
    let long = json!({"length": 600, "confConfigInfo": {"prolongLength": 15}});
    // Its change makes the condition false; what it refuses is refused all the same.
    assert_eq!(decided(&set, &long).0, Verdict::Deny);
    assert_eq!(decided(&set, &json!({"length": 600})).0, Verdict::Allow);
}

#[test]
fn an_expression_that_fails_is_a_violation_that_says_so() {
    for (mode, verdict) in [("enforce", Verdict::Deny), ("audit", Verdict::Allow)] {
        let rule = format!(
            "{{id: r, mode: {mode}, when: 'has(caller.claims.since) && timestamp(caller.claims.since) < now', deny: {{}}}}"
        );
        let set = rules(&[&rule]).unwrap();
        let mut app = caller("app", &[]);
        app.claims.insert("since".into(), "hush".into());
        let (got, _, effects) = decided_for(&set, &CREATE, &app, &json!({}));
        let [finding] = effects.findings.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!((got, &*finding.keyword), (verdict, "when"));
        assert!(
            finding.message.contains("cannot be evaluated"),
            "{}",
            finding.message
        );
        assert!(!finding.message.contains("hush"), "{}", finding.message);
    }
}

/// A single meeting of a series has a start time in any case, a new meeting need not: such a rule would not hold for new ones.
#[test]
fn a_condition_that_is_wrong_for_one_operation_is_told_though_it_fits_another() {
    let rule = |when: &str| format!("pack: p\nrules:\n  - {{id: r, when: '{when}', deny: {{}}}}\n");
    assert_eq!(
        problems(&rule(r#"body.startTime == "x""#)),
        [
            "pack.yaml:3:20: p/r: for `create_meeting`: `body.startTime` may be absent (write `has(body.startTime) && ...`)"
        ]
    );
    let asked = rule(r#"has(body.startTime) && body.startTime == "x""#);
    let set = compiled(&[&asked], &[]).unwrap();
    let app = caller("app", &[]);
    for operation in [&CREATE, &UPDATE_SUB] {
        let body = json!({"startTime": "x"});
        assert_eq!(decided_for(&set, operation, &app, &body).0, Verdict::Deny);
    }
}

#[test]
fn a_rule_is_for_the_operations_that_have_what_its_condition_reads() {
    let set = rules(&["{id: r, when: has(body.encryptMode) && body.encryptMode == 2, deny: {}}"])
        .unwrap();
    let app = caller("app", &[]);
    let plain = json!({"encryptMode": 2});
    assert_eq!(decided_for(&set, &CREATE, &app, &plain).0, Verdict::Deny);
    assert_eq!(
        decided_for(&set, &UPDATE_SUB, &app, &plain).0,
        Verdict::Allow
    );
}
