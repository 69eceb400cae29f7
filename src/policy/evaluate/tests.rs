//! What rules leave behind, in which order, for whom, and within which bounds.

use http::Method;

use super::*;
use crate::model::change::ChangeOperation;
use crate::model::changes::LISTED;
use crate::model::json::json;
use crate::model::operation::{Family, Operation};
use crate::model::stage::Stage;
use crate::policy::fixture::{
    CREATE, UPDATE_SERIES, UPDATE_SUB, caller, decided, decided_for, rules,
};

#[test]
fn changes_name_place_rule_and_reason() {
    let set = rules(&[
        "{id: encryption, message: We encrypt., force: {field: /encryptMode, value: 1}}",
        "{id: no-guest-password, remove: {field: /confConfigInfo/guestPwd}}",
    ])
    .unwrap();
    let (_, _, effects) = decided(&set, &json!({"confConfigInfo": {"guestPwd": "123456"}}));
    let [forced, removed] = effects.changes.all() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (forced.op, forced.path.as_str(), forced.stage),
        (ChangeOperation::Add, "/encryptMode", Stage::Decide)
    );
    assert_eq!(
        (forced.rule.as_deref(), &*forced.reason),
        (Some("p/encryption"), "set by policy: We encrypt.")
    );
    assert_eq!(
        (removed.op, removed.was.clone()),
        (ChangeOperation::Remove, Some(json!("123456")))
    );
}

#[test]
fn findings_are_for_people_and_hide_what_is_sensitive() {
    let set = rules(&[
        "{id: length, max: {field: /length, value: 120}}",
        "{id: short, mode: warn, max: {field: /length, value: 20, over: clamp}}",
        r"{id: password, matches: {field: /confConfigInfo/guestPwd, pattern: '\d{8,}'}}",
        "{id: room, mode: audit, remove: {field: /vmrID}}",
    ])
    .unwrap();
    let body = json!({"length": 600, "confConfigInfo": {"guestPwd": "4711"}, "vmrID": "r"});
    let (_, _, effects) = decided(&set, &body);
    let told: Vec<_> = effects
        .findings
        .iter()
        .map(|f| (f.keyword.as_ref(), f.got.as_deref(), f.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "max",
                Some("600"),
                "`/length` must be at most 20. Not enforced yet: `/length` would be set to 20."
            ),
            (
                "remove",
                Some("\"r\""),
                "`/vmrID` must be absent. Not enforced yet: `/vmrID` would be taken out."
            ),
            ("max", Some("600"), "`/length` must be at most 120."),
            (
                "matches",
                Some("***"),
                "`/confConfigInfo/guestPwd` must be a text that matches `\\d{8,}`."
            ),
        ]
    );
    let (_, _, effects) = decided(&set, &json!({}));
    assert_eq!(
        effects.findings[0].got.as_deref(),
        Some("absent, which means 30")
    );
}

#[test]
fn refusing_rules_judge_what_would_be_sent() {
    let set = rules(&[
        "{id: plain, forbid: {field: /encryptMode, values: [2]}}",
        "{id: encryption, match: {except_callers: [lab]}, force: {field: /encryptMode, value: 1}}",
        "{id: lengths, one_of: {field: /length, values: [30, 150]}}",
        "{id: length, max: {field: /length, value: 120, over: clamp}}",
    ])
    .unwrap();
    assert_eq!(decided(&set, &json!({"encryptMode": 2})).0, Verdict::Allow);
    assert_eq!(decided(&set, &json!({"length": 150})).0, Verdict::Deny);
}

#[test]
fn every_refusing_rule_is_told_of() {
    let set = rules(&[
        "{id: start, require: {field: /startTime}}",
        "{id: live, forbid: {field: /liveAddress}}",
    ])
    .unwrap();
    let (verdict, _, effects) = decided(&set, &json!({"liveAddress": "rtmp://x"}));
    let ids: Vec<_> = effects
        .findings
        .iter()
        .filter_map(|f| f.rule.as_deref())
        .collect();
    assert_eq!(
        (verdict, ids.as_slice()),
        (Verdict::Deny, ["p/start", "p/live"].as_slice())
    );
}

#[test]
fn rules_reach_only_whom_and_what_they_match() {
    let set = rules(&[
        "{id: a, match: {operations: [update_*], groups: [interns], except_callers: [lab]}, require: {field: /startTime}}",
    ])
    .unwrap();
    for (name, operation, id, groups, expected) in [
        ("meant", &UPDATE_SERIES, "app", ["interns"], Verdict::Deny),
        (
            "the field is there, too",
            &UPDATE_SUB,
            "app",
            ["interns"],
            Verdict::Deny,
        ),
        (
            "another operation",
            &CREATE,
            "app",
            ["interns"],
            Verdict::Allow,
        ),
        (
            "another group",
            &UPDATE_SERIES,
            "app",
            ["staff"],
            Verdict::Allow,
        ),
        (
            "excepted",
            &UPDATE_SERIES,
            "lab",
            ["interns"],
            Verdict::Allow,
        ),
    ] {
        let (verdict, ..) = decided_for(&set, operation, &caller(id, &groups), &json!({}));
        assert_eq!(verdict, expected, "{name}");
    }
}

#[test]
fn a_field_that_an_operation_does_not_have_is_not_set_there() {
    let set = rules(&["{id: d, max_duration: {minutes: 120, over: clamp}}"]).unwrap();
    let (_, after, _) = decided_for(
        &set,
        &UPDATE_SUB,
        &caller("app", &[]),
        &json!({"length": 600}),
    );
    assert_eq!(after, json!({"length": 120}));
}

#[test]
fn an_equal_operation_at_another_address_has_the_same_rules() {
    static TWIN: Operation = Operation::new(
        "update_recurring_meeting",
        Method::PUT,
        "/v1/mmc/management/cycleconferences",
        Family::Scheduling,
    );
    let set = rules(&["{id: start, require: {field: /startTime}}"]).unwrap();
    assert_eq!(
        decided_for(&set, &TWIN, &caller("app", &[]), &json!({})).0,
        Verdict::Deny
    );
}

#[test]
fn what_is_listed_is_bounded_and_what_is_decided_is_not() {
    let set = rules(&[
        "{id: noise, mode: warn, require: {field: /attendees/*/email}}",
        "{id: mute, force: {field: /attendees/*/isMute, value: 1}}",
        "{id: hosts, forbid: {field: /attendees/*/role, values: [1]}}",
    ])
    .unwrap();
    let people = vec![json!({"role": 1}); 500];
    let (verdict, after, effects) = decided(&set, &json!({"attendees": people}));
    assert_eq!(
        (verdict, effects.findings.len()),
        (Verdict::Deny, 2 * MAX_FINDINGS)
    );
    assert!(
        after["attendees"]
            .as_array()
            .unwrap()
            .iter()
            .all(|a| a["isMute"] == 1)
    );
    assert_eq!(
        (effects.changes.all().len(), effects.changes.omitted()),
        (LISTED, 500 - LISTED)
    );
}
