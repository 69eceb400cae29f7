//! What is brought to canonical form, and what is left.

use proptest::prelude::*;

use super::*;
use crate::contract::test_support::{document, shape};
use crate::model::json::json;

const KEEP: NormaliseSettings = NormaliseSettings {
    coercion: Coercion::Keep,
    ineffective: Ineffective::Keep,
};

fn run(body: Value, settings: NormaliseSettings) -> (Value, Changes) {
    let mut document = document(body);
    let mut changes = Changes::default();
    normalise(&mut document, &shape(), settings, &mut changes);
    (Value::Object(document.0), changes)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn values_take_their_canonical_form() {
    let cases = [
        (
            "integer in a text",
            json!({"length": "60"}),
            json!({"length": 60}),
        ),
        (
            "negative integer in a text",
            json!({"length": "-60"}),
            json!({"length": -60}),
        ),
        (
            "leading zero stays",
            json!({"length": "060"}),
            json!({"length": "060"}),
        ),
        (
            "plus stays",
            json!({"length": "+60"}),
            json!({"length": "+60"}),
        ),
        (
            "space stays",
            json!({"length": " 60 "}),
            json!({"length": " 60 "}),
        ),
        ("empty stays", json!({"length": ""}), json!({"length": ""})),
        (
            "minus zero stays",
            json!({"length": "-0"}),
            json!({"length": "-0"}),
        ),
        (
            "too large stays",
            json!({"length": "99999999999999999999"}),
            json!({"length": "99999999999999999999"}),
        ),
        (
            "whole fraction",
            json!({"length": 60.0}),
            json!({"length": 60}),
        ),
        (
            "true fraction stays",
            json!({"length": 60.5}),
            json!({"length": 60.5}),
        ),
        (
            "huge fraction stays",
            json!({"length": 1e17}),
            json!({"length": 1e17}),
        ),
        (
            "boolean in a text",
            json!({"confConfigInfo": {"isSendNotify": "false"}}),
            json!({"confConfigInfo": {"isSendNotify": false}}),
        ),
        (
            "capital False stays",
            json!({"confConfigInfo": {"isSendNotify": "False"}}),
            json!({"confConfigInfo": {"isSendNotify": "False"}}),
        ),
        (
            "0 is no boolean",
            json!({"confConfigInfo": {"isSendNotify": 0}}),
            json!({"confConfigInfo": {"isSendNotify": 0}}),
        ),
        (
            "boolean is no integer",
            json!({"encryptMode": true}),
            json!({"encryptMode": true}),
        ),
        (
            "item of a list",
            json!({"cycleParams": {"cycle": "Week", "point": ["1", 2.0]}}),
            json!({"cycleParams": {"cycle": "Week", "point": [1, 2]}}),
        ),
        (
            "zone as integer",
            json!({"timeZoneID": 56}),
            json!({"timeZoneID": "56"}),
        ),
        (
            "digits of a password are no integer",
            json!({"confConfigInfo": {"guestPwd": 123_456}}),
            json!({"confConfigInfo": {"guestPwd": 123_456}}),
        ),
        (
            "text stays a text",
            json!({"subject": "60"}),
            json!({"subject": "60"}),
        ),
        (
            "item's member",
            json!({"attendees": [{"email": "A@B.Example", "role": "1"}]}),
            json!({"attendees": [{"email": "A@b.example", "role": 1}]}),
        ),
        (
            "wrong containers stay",
            json!({"attendees": {"role": "1"}, "cycleParams": [1]}),
            json!({"attendees": {"role": "1"}, "cycleParams": [1]}),
        ),
        (
            "unknown stays",
            json!({"colour": " red "}),
            json!({"colour": " red "}),
        ),
        (
            "null stays",
            json!({"length": null, "subject": null}),
            json!({"length": null, "subject": null}),
        ),
    ];
    for (name, before, after) in cases {
        let (got, changes) = run(before.clone(), NormaliseSettings::default());
        assert_eq!(got, after, "{name}");
        assert_eq!(changes.is_empty(), before == after, "{name}");
    }
}

#[test]
fn ineffective_members_go_where_the_sibling_says_so() {
    let cases = [
        (
            "absent means the default",
            json!({"isAutoRecord": 1}),
            json!({}),
        ),
        (
            "not recorded",
            json!({"recordType": 1, "recordAuxStream": 1, "recordAuthType": 2}),
            json!({"recordType": 1}),
        ),
        (
            "recorded",
            json!({"recordType": 2, "isAutoRecord": 1}),
            json!({"recordType": 2, "isAutoRecord": 1}),
        ),
        (
            "coerced before",
            json!({"isAutoRecord": 1, "recordType": "3"}),
            json!({"isAutoRecord": 1, "recordType": 3}),
        ),
        (
            "no live stream",
            json!({"recordType": 2, "liveAddress": "rtmp://x", "auxAddress": "y"}),
            json!({"recordType": 2}),
        ),
        (
            "live stream",
            json!({"recordType": 3, "liveAddress": "x"}),
            json!({"recordType": 3, "liveAddress": "x"}),
        ),
        (
            "no sense in the sibling",
            json!({"recordType": 9, "isAutoRecord": 1}),
            json!({"recordType": 9, "isAutoRecord": 1}),
        ),
        (
            "daily",
            json!({"cycleParams": {"cycle": "Day", "point": [1]}}),
            json!({"cycleParams": {"cycle": "Day"}}),
        ),
        (
            "weekly",
            json!({"cycleParams": {"cycle": "Week", "point": [1]}}),
            json!({"cycleParams": {"cycle": "Week", "point": [1]}}),
        ),
        (
            "no cycle, no default",
            json!({"cycleParams": {"point": [1]}}),
            json!({"cycleParams": {"point": [1]}}),
        ),
    ];
    for (name, before, after) in cases {
        assert_eq!(
            run(before.clone(), NormaliseSettings::default()).0,
            after,
            "{name}"
        );
        let keep = NormaliseSettings {
            ineffective: Ineffective::Keep,
            ..NormaliseSettings::default()
        };
        let (kept, _) = run(before.clone(), keep);
        assert_eq!(
            kept.as_object().unwrap().len(),
            before.as_object().unwrap().len(),
            "{name}"
        );
    }
}

#[test]
fn under_keep_texts_stay_texts_but_spelling_is_still_canonical() {
    let (after, changes) = run(
        json!({"length": "60", "subject": " a ", "recordType": 2.0, "timeZoneID": 56}),
        KEEP,
    );
    assert_eq!(
        after,
        json!({"length": "60", "subject": "a", "recordType": 2, "timeZoneID": 56})
    );
    assert_eq!(changes.all().len(), 2);
}

#[test]
fn a_change_says_what_and_why_and_hides_what_is_sensitive() {
    let (_, changes) = run(
        json!({"mediaTypes": "Data,Voice", "attendees": [{"phone": "0086 138 1234 5678"}], "liveAddress": "rtmp://key"}),
        NormaliseSettings::default(),
    );
    let told: Vec<_> = changes
        .all()
        .iter()
        .map(|change| serde_json::to_value(change).unwrap())
        .collect();
    assert_eq!(
        Value::from(told),
        json!([
            {"op": "replace", "path": "/mediaTypes", "was": "Data,Voice", "value": "Voice,Data",
             "stage": "normalise", "reason": "media types in their canonical order, each once"},
            {"op": "replace", "path": "/attendees/0/phone", "was": "***", "value": "***",
             "stage": "normalise", "reason": "number written as E.164"},
            {"op": "remove", "path": "/liveAddress", "was": "***",
             "stage": "normalise", "reason": "has no effect unless `recordType` is 1 or 3"},
        ])
    );
}

#[test]
fn the_list_of_changes_is_bounded() {
    let people: Vec<_> = (0..100).map(|_| json!({"name": " x "})).collect();
    let (_, changes) = run(json!({"attendees": people}), NormaliseSettings::default());
    assert_eq!((changes.all().len(), changes.omitted()), (64, 36));
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5i64..100).prop_map(Value::from),
        (-5i32..100).prop_map(|n| Value::from(f64::from(n) / 2.0)),
        "[ +0-9-]{0,6}".prop_map(Value::from),
        "(true|false| ?(Voice|Data|HDVideo),? ?(Voice)?|A@B.C|Day|Week|2026-09-01T08:30:00\\+08:00)".prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_second_run_changes_nothing(
        top in prop::collection::hash_map(
            prop::sample::select(vec!["startTime", "length", "subject", "mediaTypes", "timeZoneID", "recordType", "isAutoRecord", "liveAddress", "vmrID"]),
            any_value(), 0..9),
        person in prop::collection::hash_map(prop::sample::select(vec!["phone", "email", "role", "type"]), any_value(), 0..4),
        cycle in prop::collection::hash_map(prop::sample::select(vec!["cycle", "interval", "point", "startDate"]), any_value(), 0..4),
    ) {
        let mut body = json!({"attendees": [person], "cycleParams": cycle});
        for (name, value) in top {
            body[name] = value;
        }
        for settings in [NormaliseSettings::default(), KEEP] {
            let (once, _) = run(body.clone(), settings);
            let (twice, changes) = run(once.clone(), settings);
            prop_assert_eq!(&once, &twice);
            prop_assert!(changes.is_empty(), "{:?}", changes);
        }
    }
}
