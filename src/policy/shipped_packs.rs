//! The packs in `policies/`, on the documentation's example and on what they are there to stop.

use serde_json::{Value, json};

use crate::model::finding::Mode;

use super::fixture::{UPDATE_SERIES, caller, compiled, decided, decided_for};
use super::{RuleSet, Verdict};

const BASELINE: &str = include_str!("../../policies/baseline/pack.yaml");
const EXAMPLE: &str = include_str!("../../policies/example-enterprise/pack.yaml");

fn both() -> RuleSet {
    compiled(
        &[BASELINE, EXAMPLE],
        &[("baseline/explicit-start-time", Mode::Audit)],
    )
    .unwrap()
}

/// The request body of the documentation's page on modifying a series.
fn documented() -> Value {
    json!({
        "mediaTypes": "HDVideo",
        "cycleParams": {"startDate": "2027-01-01", "endDate": "2027-01-02", "cycle": "Day", "preRemindDays": 1}
    })
}

#[test]
fn the_documented_example_passes_and_is_completed() {
    let (verdict, sent, effects) = decided(&both(), &documented());
    assert_eq!(verdict, Verdict::Allow);
    let mut expected = documented();
    expected["encryptMode"] = json!(1);
    expected["recordAuthType"] = json!(1);
    expected["confConfigInfo"] = json!({
        "prolongLength": 0,
        "enableWaitingRoom": true,
        "allowGuestStartConf": false,
        "isGuestFreePwd": false,
        "callInRestriction": 2
    });
    assert_eq!(sent, expected);
    let told: Vec<_> = effects
        .findings
        .iter()
        .map(|f| (f.rule.as_deref().unwrap_or_default(), f.mode))
        .collect();
    assert_eq!(
        told,
        [
            ("baseline/explicit-start-time", Mode::Audit),
            ("example-enterprise/subject-has-project", Mode::Audit),
        ]
    );
}

#[test]
fn each_rule_of_baseline_stops_what_it_is_there_for() {
    let set = compiled(&[BASELINE], &[]).unwrap();
    let fine = json!({"startTime": "2027-01-01 09:00", "mediaTypes": "HDVideo"});
    let (verdict, sent, effects) = decided(&set, &fine);
    assert_eq!(
        (verdict, &sent, effects.findings.len()),
        (Verdict::Allow, &fine, 0)
    );
    let mut hit = 0;
    for (rule, member, value) in [
        ("explicit-start-time", "startTime", json!("")),
        ("no-unencrypted", "encryptMode", json!(2)),
        ("no-public-recordings", "recordAuthType", json!(0)),
        (
            "no-live-push",
            "liveAddress",
            json!("rtmp://elsewhere.example/x"),
        ),
        (
            "no-live-push-of-slides",
            "auxAddress",
            json!("rtmp://elsewhere.example/x"),
        ),
        (
            "no-open-door",
            "confConfigInfo",
            json!({"callInRestriction": 0}),
        ),
        (
            "guests-need-a-password",
            "confConfigInfo",
            json!({"isGuestFreePwd": true}),
        ),
        (
            "long-guest-password",
            "confConfigInfo",
            json!({"guestPwd": "4711"}),
        ),
        (
            "host-starts-the-meeting",
            "confConfigInfo",
            json!({"allowGuestStartConf": true}),
        ),
        ("calls-to-phones", "attendees", json!([{"type": "mobile"}])),
    ] {
        let mut body = fine.clone();
        body[member] = value;
        let (verdict, _, effects) = decided(&set, &body);
        let [finding] = effects.findings.as_slice() else {
            panic!("{rule}: {effects:?}")
        };
        assert_eq!(finding.rule.as_deref(), Some(&*format!("baseline/{rule}")));
        assert_eq!(
            verdict == Verdict::Deny,
            finding.mode == Mode::Enforce,
            "{rule}"
        );
        hit += 1;
    }
    assert_eq!(hit, set.rules().len(), "a rule is not tried here");
}

#[test]
fn the_example_enterprise_keeps_to_itself() {
    let set = both();
    let mut body = documented();
    body["length"] = json!(600);
    body["encryptMode"] = json!(2);
    body["attendees"] = json!([{"email": "a@corp.example", "sms": "+491"}]);
    let app = caller("app", &[]);
    let (verdict, sent, _) = decided_for(&set, &UPDATE_SERIES, &app, &body);
    assert_eq!(verdict, Verdict::Allow);
    assert_eq!(
        (&sent["length"], &sent["encryptMode"]),
        (&json!(120), &json!(1))
    );
    assert_eq!(sent["attendees"], json!([{"email": "a@corp.example"}]));

    for (name, stranger) in [
        ("marked", json!({"type": "outside"})),
        (
            "by address",
            json!({"email": "a@corp.example.elsewhere.example"}),
        ),
        ("by a look-alike", json!({"email": "a@corpxexample"})),
    ] {
        body["attendees"] = json!([stranger]);
        assert_eq!(
            decided_for(&set, &UPDATE_SERIES, &app, &body).0,
            Verdict::Deny,
            "{name}"
        );
        let events = caller("events", &[]);
        assert_eq!(
            decided_for(&set, &UPDATE_SERIES, &events, &body).0,
            Verdict::Allow,
            "{name}"
        );
    }
}
