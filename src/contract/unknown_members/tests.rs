//! What is stripped, found and left.

use super::*;
use crate::contract::test_support::{document, shape};
use crate::model::json::json;

fn run(body: Value, unknown: UnknownMembers) -> (Value, Stripped, Changes) {
    let mut document = document(body);
    let mut changes = Changes::default();
    let stripped = strip(&mut document, &shape(), unknown, &mut changes);
    (Value::Object(document.0), stripped, changes)
}

fn paths(changes: &Changes) -> Vec<&str> {
    changes
        .all()
        .iter()
        .map(|change| change.path.as_str())
        .collect()
}

fn pointers(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.pointer.as_str())
        .collect()
}

fn messy() -> Value {
    json!({
        "length": 60,
        "colour": {"password": "hunter2"},
        "conferenceType": 2,
        "attendees": [{"role": 1}, {"role": 0, "shoe": 44}],
        "cycleParams": {"cycle": "Day", "cycle_type": "x", "intervall": 1},
    })
}

#[test]
fn a_known_body_is_left_alone() {
    let body = json!({"length": 60, "attendees": [{"role": 1}], "cycleParams": {"cycle": "Day"}});
    let (after, stripped, changes) = run(body.clone(), UnknownMembers::Strip);
    assert_eq!((after, stripped), (body, Stripped::default()));
    assert!(changes.is_empty());
}

#[test]
fn unknown_members_go_at_every_depth_and_are_not_shown() {
    let (after, stripped, changes) = run(messy(), UnknownMembers::Strip);
    assert_eq!(
        after,
        json!({"length": 60, "attendees": [{"role": 1}, {"role": 0}], "cycleParams": {"cycle": "Day"}})
    );
    assert_eq!(
        paths(&changes),
        [
            "/attendees/1/shoe",
            "/cycleParams/cycle_type",
            "/cycleParams/intervall",
            "/colour",
            "/conferenceType"
        ]
    );
    assert!(!format!("{stripped:?} {:?}", changes.all()).contains("hunter2"));
    assert!(
        changes
            .all()
            .iter()
            .all(|change| change.path != "/colour" || change.was.is_none())
    );
    assert_eq!(stripped.unknown, []);
}

#[test]
fn under_reject_they_are_found_and_strays_go_all_the_same() {
    let (after, stripped, changes) = run(messy(), UnknownMembers::Reject);
    assert_eq!(
        pointers(&stripped.unknown),
        ["/attendees/1/shoe", "/cycleParams/intervall", "/colour"]
    );
    assert_eq!(
        stripped.unknown[1].message,
        "`intervall` is no member that the contract knows; did you mean `interval`?"
    );
    assert_eq!(
        paths(&changes),
        ["/cycleParams/cycle_type", "/conferenceType"]
    );
    assert_eq!(changes.all()[1].was, Some(json!(2)));
    assert_eq!(after["colour"], json!({"password": "hunter2"}));
}

#[test]
fn under_forward_they_stay() {
    let (after, stripped, changes) = run(messy(), UnknownMembers::Forward);
    assert_eq!(after["attendees"][1]["shoe"], 44);
    assert_eq!(stripped.unknown, []);
    assert_eq!(changes.all().len(), 2);
}

#[test]
fn look_alikes_are_found_under_every_setting() {
    for unknown in [
        UnknownMembers::Strip,
        UnknownMembers::Reject,
        UnknownMembers::Forward,
    ] {
        let body = json!({
            "Length": 999,
            "length": 60,
            "attendees": [{"e mail": "x"}],
            "confConfigInfo": {"guestPwd\u{200b}": "hunter2"},
        });
        let (after, stripped, _) = run(body.clone(), unknown);
        assert_eq!(after, body, "refused, not repaired");
        assert_eq!(
            pointers(&stripped.look_alikes),
            [
                "/attendees/0/e mail",
                "/confConfigInfo/guestPwd\\u{200b}",
                "/Length"
            ]
        );
        let right: Vec<_> = stripped
            .look_alikes
            .iter()
            .filter_map(|finding| finding.expected.as_deref())
            .collect();
        assert_eq!(right, ["email", "guestPwd", "length"]);
        assert!(!format!("{stripped:?}").contains("hunter2"));
    }
}

#[test]
fn lists_are_bounded() {
    let many: Object = (0..100).map(|n| (format!("x{n}"), json!(n))).collect();
    let (after, _, changes) = run(Value::Object(many.clone()), UnknownMembers::Strip);
    assert_eq!(after, json!({}));
    assert_eq!((changes.all().len(), changes.omitted()), (64, 36));
    let (_, stripped, _) = run(Value::Object(many), UnknownMembers::Reject);
    assert_eq!((stripped.unknown.len(), stripped.omitted), (64, 36));
}
