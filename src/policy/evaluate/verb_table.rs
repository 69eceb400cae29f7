//! Every verb on what is right, wrong, absent, absent with a documented default, and in items of a list, in every mode.

use crate::model::json::{Value, json};
use crate::policy::Verdict;
use crate::policy::fixture::{decided, rules};

/// What came of a request, for tables.
#[derive(Debug, PartialEq)]
enum Came {
    /// It passed as it was.
    Same,
    /// It passed as this.
    Changed(Value),
    /// It was denied for these places.
    Denied(&'static [&'static str]),
}

#[test]
fn every_verb_on_every_kind_of_body() {
    use Came::{Changed, Denied, Same};
    let set = "force: {field: /encryptMode, value: 1}";
    let deep = "force: {field: /confConfigInfo/enableWaitingRoom, value: true}";
    let each = "force: {field: /attendees/*/isMute, value: 1}";
    let fill = "default: {field: /language, value: en-US}";
    let clamp = "max: {field: /length, value: 120, over: clamp}";
    let low = "max: {field: /length, value: 20, over: clamp}";
    let over = "max: {field: /length, value: 120}";
    let least = "min: {field: /length, value: 45, under: clamp}";
    let under = "min: {field: /length, value: 45}";
    let days = "max: {field: '/cycleParams/point/*', value: 5, over: clamp}";
    let one_of = "one_of: {field: /recordAuthType, values: [1, 2]}";
    let stated = "one_of: {field: /recordAuthType, values: [1, 2], absent: refuse}";
    let recorded = "one_of: {field: /recordType, values: [2]}";
    let roles = "one_of: {field: /attendees/*/role, values: [0]}";
    let subject = r"matches: {field: /subject, pattern: 'PRJ-\d+|misc'}";
    let titled = "matches: {field: /subject, pattern: '.+', absent: refuse}";
    let count = "max_items: {field: /attendees, count: 2}";
    let start = "require: {field: /startTime}";
    let mail = "require: {field: /attendees/*/email}";
    let live = "forbid: {field: /liveAddress}";
    let plain = "forbid: {field: /encryptMode, values: [2]}";
    let unrecorded = "forbid: {field: /recordType, values: [0]}";
    let outside = "forbid: {field: /attendees/*/type, values: [outside, mobile]}";
    let room = "remove: {field: /vmrID}";
    let sms = "remove: {field: /attendees/*/sms}";
    let short = "max_duration: {minutes: 120, over: clamp}";
    let strict = "max_duration: {minutes: 120, over: refuse}";
    let quick = "max_duration: {minutes: 15, over: clamp}";
    for (rule, body, expected) in [
        (set, json!({"encryptMode": 1}), Same),
        (set, json!({"encryptMode": 1.0}), Same),
        (
            set,
            json!({"encryptMode": 2}),
            Changed(json!({"encryptMode": 1})),
        ),
        (
            set,
            json!({"encryptMode": "1"}),
            Changed(json!({"encryptMode": 1})),
        ),
        (
            set,
            json!({"encryptMode": null}),
            Changed(json!({"encryptMode": 1})),
        ),
        (set, json!({}), Changed(json!({"encryptMode": 1}))),
        (
            deep,
            json!({}),
            Changed(json!({"confConfigInfo": {"enableWaitingRoom": true}})),
        ),
        (
            deep,
            json!({"confConfigInfo": null}),
            Changed(json!({"confConfigInfo": {"enableWaitingRoom": true}})),
        ),
        (
            deep,
            json!({"confConfigInfo": "x"}),
            Denied(&["/confConfigInfo/enableWaitingRoom"]),
        ),
        (each, json!({}), Same),
        (
            each,
            json!({"attendees": [{"isMute": 0}, {}, {"isMute": 1}]}),
            Changed(json!({"attendees": [{"isMute": 1}, {"isMute": 1}, {"isMute": 1}]})),
        ),
        (
            each,
            json!({"attendees": ["x"]}),
            Denied(&["/attendees/0/isMute"]),
        ),
        (fill, json!({"language": "zh-CN"}), Same),
        (fill, json!({}), Changed(json!({"language": "en-US"}))),
        (
            fill,
            json!({"language": null}),
            Changed(json!({"language": "en-US"})),
        ),
        (clamp, json!({"length": 120}), Same),
        (
            clamp,
            json!({"length": 121}),
            Changed(json!({"length": 120})),
        ),
        (
            clamp,
            json!({"length": 120.5}),
            Changed(json!({"length": 120})),
        ),
        (
            clamp,
            json!({"length": 1e300}),
            Changed(json!({"length": 120})),
        ),
        (clamp, json!({"length": "200"}), Denied(&["/length"])),
        (clamp, json!({}), Same),
        (low, json!({}), Changed(json!({"length": 20}))),
        (over, json!({"length": 120}), Same),
        (over, json!({"length": 121}), Denied(&["/length"])),
        (over, json!({"length": "20"}), Denied(&["/length"])),
        (over, json!({}), Same),
        (least, json!({"length": 45}), Same),
        (least, json!({"length": 44}), Changed(json!({"length": 45}))),
        (least, json!({}), Changed(json!({"length": 45}))),
        (under, json!({"length": 46}), Same),
        (under, json!({"length": 15}), Denied(&["/length"])),
        (under, json!({}), Denied(&["/length"])),
        (
            days,
            json!({"cycleParams": {"point": [1, 6]}}),
            Changed(json!({"cycleParams": {"point": [1, 5]}})),
        ),
        (one_of, json!({"recordAuthType": 2}), Same),
        (
            one_of,
            json!({"recordAuthType": 0}),
            Denied(&["/recordAuthType"]),
        ),
        (one_of, json!({}), Same),
        (stated, json!({}), Denied(&["/recordAuthType"])),
        (
            stated,
            json!({"recordAuthType": null}),
            Denied(&["/recordAuthType"]),
        ),
        (recorded, json!({}), Denied(&["/recordType"])),
        (roles, json!({"attendees": [{"role": 0}, {}]}), Same),
        (
            roles,
            json!({"attendees": [{}, {"role": 1}]}),
            Denied(&["/attendees/1/role"]),
        ),
        (subject, json!({"subject": "PRJ-12"}), Same),
        (subject, json!({"subject": "misc"}), Same),
        (
            subject,
            json!({"subject": "PRJ-12 "}),
            Denied(&["/subject"]),
        ),
        (subject, json!({"subject": "a misc"}), Denied(&["/subject"])),
        (
            subject,
            json!({"subject": "PRJ-12\n"}),
            Denied(&["/subject"]),
        ),
        (subject, json!({"subject": 12}), Denied(&["/subject"])),
        (subject, json!({}), Same),
        (titled, json!({}), Denied(&["/subject"])),
        (count, json!({"attendees": [{}, {}]}), Same),
        (
            count,
            json!({"attendees": [{}, {}, {}]}),
            Denied(&["/attendees"]),
        ),
        (count, json!({"attendees": {}}), Denied(&["/attendees"])),
        (count, json!({}), Same),
        (start, json!({"startTime": "2027-01-01 09:00"}), Same),
        (start, json!({"startTime": ""}), Denied(&["/startTime"])),
        (start, json!({"startTime": null}), Denied(&["/startTime"])),
        (start, json!({}), Denied(&["/startTime"])),
        (mail, json!({}), Same),
        (
            mail,
            json!({"attendees": [{"email": "a@b.c"}, {}]}),
            Denied(&["/attendees/1/email"]),
        ),
        (live, json!({}), Same),
        (live, json!({"liveAddress": null}), Same),
        (
            live,
            json!({"liveAddress": "rtmp://x"}),
            Denied(&["/liveAddress"]),
        ),
        (plain, json!({"encryptMode": 1}), Same),
        (plain, json!({}), Same),
        (plain, json!({"encryptMode": 2}), Denied(&["/encryptMode"])),
        (
            plain,
            json!({"encryptMode": 2.0}),
            Denied(&["/encryptMode"]),
        ),
        (unrecorded, json!({}), Denied(&["/recordType"])),
        (
            outside,
            json!({"attendees": [{"type": "outside"}, {"type": "normal"}, {}, {"type": "mobile"}]}),
            Denied(&["/attendees/0/type", "/attendees/3/type"]),
        ),
        (room, json!({}), Same),
        (
            room,
            json!({"vmrID": "1", "length": 30}),
            Changed(json!({"length": 30})),
        ),
        (room, json!({"vmrID": null}), Changed(json!({}))),
        (
            sms,
            json!({"attendees": [{"sms": "1"}, {"role": 1}]}),
            Changed(json!({"attendees": [{}, {"role": 1}]})),
        ),
        (
            short,
            json!({"length": 60, "confConfigInfo": {"prolongLength": 0}}),
            Same,
        ),
        (
            short,
            json!({}),
            Changed(json!({"confConfigInfo": {"prolongLength": 0}})),
        ),
        (
            short,
            json!({"length": 600, "confConfigInfo": {"prolongLength": 60}}),
            Changed(json!({"length": 120, "confConfigInfo": {"prolongLength": 0}})),
        ),
        (
            quick,
            json!({}),
            Changed(json!({"length": 15, "confConfigInfo": {"prolongLength": 0}})),
        ),
        (strict, json!({"length": 121}), Denied(&["/length"])),
        (
            strict,
            json!({"length": 60, "confConfigInfo": {"prolongLength": 5}}),
            Changed(json!({"length": 60, "confConfigInfo": {"prolongLength": 0}})),
        ),
    ] {
        let rule_set = |mode: &str| rules(&[&format!("{{id: r, mode: {mode}, {rule}}}")]).unwrap();
        let (verdict, after, effects) = decided(&rule_set("enforce"), &body);
        let case = format!("{rule} on {body}: {effects:?}");
        match &expected {
            Same => {
                assert_eq!((verdict, &after), (Verdict::Allow, &body), "{case}");
                assert!(
                    effects.changes.is_empty() && effects.findings.is_empty(),
                    "{case}"
                );
            }
            Changed(changed) => {
                assert_eq!((verdict, &after), (Verdict::Allow, changed), "{case}");
                assert!(
                    !effects.changes.is_empty() && effects.findings.is_empty(),
                    "{case}"
                );
            }
            Denied(places) => {
                let found: Vec<_> = effects
                    .findings
                    .iter()
                    .map(|f| f.pointer.as_str())
                    .collect();
                assert_eq!(
                    (verdict, found.as_slice()),
                    (Verdict::Deny, *places),
                    "{case}"
                );
            }
        }
        for mode in ["warn", "audit"] {
            let (verdict, after, effects) = decided(&rule_set(mode), &body);
            assert_eq!((verdict, &after), (Verdict::Allow, &body), "{mode} {case}");
            assert!(effects.changes.is_empty(), "{mode} {case}");
            assert_eq!(
                effects.findings.is_empty(),
                expected == Same,
                "{mode} {case}"
            );
            assert!(
                effects.findings.iter().all(|f| f.mode.name() == mode),
                "{mode} {case}"
            );
        }
    }
}
