//! Refusals whose reasons the log does not tell in full.

use serde_json::{Value, json};

use super::replay;
use super::traffic::{Ground, Sent};

const COLLEAGUES: &str = r"
  - {id: colleagues, message: Invite colleagues., matches: {field: '/attendees/*/email', pattern: '.*@corp\.example'}}";
const SISTERS: &str = r"
  - {id: colleagues, message: Invite colleagues., matches: {field: '/attendees/*/email', pattern: '.*@(corp|sister)\.example'}}";
const SUBJECT: &str = "
  - {id: subject, message: Meetings have a subject., require: {field: /subject}}";
const SHORT: &str = "
  - {id: short, message: Meetings are short., max: {field: /length, value: 30, over: clamp}}";
const CALM: &str = "
  - {id: calm, message: Few are invited., max_items: {field: /attendees, count: 99}}";

/// Writes a configuration whose pack `baseline` has these rules.
fn packs(ground: &Ground, name: &str, recording: &str, rules: &[&str]) -> String {
    let pack = format!("pack: baseline\nrules:{}\n", rules.concat());
    let other = format!("pack: example-enterprise\nrules:{CALM}\n");
    ground.configuration(name, recording, |_| {
        let policy = "  directory: policies\n  packs: [baseline]";
        [policy, &pack, &other].join("\n#### next\n")
    })
}

/// Sends one request with so many guests of a sister company, and no subject.
fn log(ground: &Ground, recording: &str, rules: &[&str], guests: usize) {
    let text = packs(ground, "old", recording, rules);
    let cycle = json!({"startDate": "2026-09-03", "endDate": "2026-09-04", "cycle": "Day", "preRemindDays": 1});
    let guest = |index: usize| json!({"email": format!("guest-{index}@sister.example")});
    let guests: Vec<Value> = (0..guests).map(guest).collect();
    let sent = Sent {
        id: "one".into(),
        caller: "events",
        body: json!({"mediaTypes": "Voice", "length": 60, "cycleParams": cycle, "attendees": guests}),
    };
    let became = ground.run("old", &text, &[sent]);
    assert!(became[0].denied);
}

#[test]
fn a_rule_behind_those_that_are_listed_is_no_new_reason() {
    let ground = Ground::new();
    // As many findings as are listed are of the first rule, so that the second is not in the log.
    log(&ground, "full", &[COLLEAGUES, SUBJECT], 70);
    for (rules, expected) in [
        (&[COLLEAGUES, SUBJECT][..], None),
        (&[SUBJECT, COLLEAGUES], None),
        (&[COLLEAGUES], None),
        (&[SUBJECT], Some("reasons_changed")),
        (&[SISTERS, SUBJECT], Some("reasons_changed")),
        (&[SISTERS], Some("denied_to_allowed")),
    ] {
        packs(&ground, "new", "full", rules);
        let replayed = replay(&ground, "old", "new");
        let kind = replayed.flips.get("one").map(String::as_str);
        assert_eq!(kind, expected, "{rules:?}");
        if expected.is_some() {
            let groups = &replayed.report["groups"];
            assert_eq!(groups.as_array().map(Vec::len), Some(1), "{groups:#}");
            assert_eq!(groups[0]["rule"], "baseline/colleagues");
            let examples = &groups[0]["examples"];
            assert!(!examples[0].to_string().contains("newly"), "{examples:#}");
        }
    }
    // One that fits into the list is one.
    log(&ground, "full", &[COLLEAGUES], 3);
    packs(&ground, "new", "full", &[COLLEAGUES, SUBJECT]);
    assert_eq!(
        replay(&ground, "old", "new").flips["one"],
        "reasons_changed"
    );
}

#[test]
fn what_only_hidden_values_refused_was_not_let_through() {
    let ground = Ground::new();
    log(&ground, "masked", &[COLLEAGUES], 3);
    // Were it taken for one that went through, its body would change, or it would be refused.
    for rules in [&[COLLEAGUES, SHORT][..], &[COLLEAGUES, SUBJECT]] {
        packs(&ground, "new", "masked", rules);
        let replayed = replay(&ground, "old", "new");
        assert_eq!(replayed.flips.len(), 0, "{:#}", replayed.report);
        let rule = &replayed.report["undecidable"]["baseline/colleagues"];
        assert_eq!(rule["requests"], 1);
    }
    // Without the rule it would go through, whatever the values are.
    packs(&ground, "new", "masked", &[SHORT]);
    assert_eq!(
        replay(&ground, "old", "new").flips["one"],
        "denied_to_allowed"
    );
}
