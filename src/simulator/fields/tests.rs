//! Bounds, defaults and coercions of the field tables.

use serde_json::{Value, json};

use super::*;

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

#[test]
fn absent_fields_take_their_defaults() {
    let read = read(SCHEDULING, &Object::new()).unwrap();
    assert_eq!(read["length"], 30);
    assert_eq!(read["language"], "zh-CN");
    assert_eq!(read["timeZoneID"], "56");
    assert_eq!(read["supportSimultaneousInterpretation"], false);
    assert!(!read.contains_key("subject"));
}

#[test]
fn samples_with_texts_for_booleans_are_understood() {
    let sent = object(json!({"isSendSms": "true", "prolongLength": "15", "unheardOf": {"x": 1}}));
    let read = read(CONFIGURATION, &sent).unwrap();
    assert_eq!(read["isSendSms"], true);
    assert_eq!(read["prolongLength"], 15);
    assert!(!read.contains_key("unheardOf"));
}

#[test]
fn bounds_are_counted_in_characters_and_included() {
    let exact = object(json!({"subject": "周".repeat(128), "length": 1440, "encryptMode": 2}));
    assert!(read(SCHEDULING, &exact).is_ok());
}

#[test]
fn each_value_out_of_bounds_has_its_documented_code() {
    let cases: &[(&[Field], Value, &str)] = &[
        (SCHEDULING, json!({"length": 14}), "MMC.111071021"),
        (SCHEDULING, json!({"length": 1441}), "MMC.111071021"),
        (
            SCHEDULING,
            json!({"subject": "x".repeat(129)}),
            "MMC.111071022",
        ),
        (
            SCHEDULING,
            json!({"groupuri": "x".repeat(32)}),
            "MMC.111071023",
        ),
        (SCHEDULING, json!({"isAutoRecord": 2}), "MMC.111071032"),
        (SCHEDULING, json!({"encryptMode": 3}), "MMC.111071034"),
        (SCHEDULING, json!({"encryptMode": "-1"}), "MMC.111071034"),
        (SCHEDULING, json!({"language": "de-DE"}), "MMC.111071035"),
        (SCHEDULING, json!({"recordType": 4}), "MMC.111071038"),
        (
            SCHEDULING,
            json!({"liveAddress": "x".repeat(256)}),
            "MMC.111071039",
        ),
        (
            SCHEDULING,
            json!({"auxAddress": "x".repeat(256)}),
            "MMC.111071040",
        ),
        (SCHEDULING, json!({"vmrFlag": 2}), "MMC.111071047"),
        (SCHEDULING, json!({"recordAuxStream": 2}), "MMC.111071048"),
        (SCHEDULING, json!({"recordAuthType": 3}), "MMC.111071061"),
        (SCHEDULING, json!({"length": "long"}), "MMC.111071062"),
        (SCHEDULING, json!({"subject": []}), "MMC.111071062"),
        (CONFIGURATION, json!({"prolongLength": 61}), "MMC.111071036"),
        (
            CONFIGURATION,
            json!({"callInRestriction": 4}),
            "MMC.111071061",
        ),
        (
            CONFIGURATION,
            json!({"isSendNotify": "yes"}),
            "MMC.111071062",
        ),
        (ATTENDEE, json!({"name": "x".repeat(97)}), "MMC.111072034"),
        (ATTENDEE, json!({"role": 2}), "MMC.111072035"),
        (ATTENDEE, json!({"phone": "1".repeat(128)}), "MMC.111072032"),
        (ATTENDEE, json!({"email": "x".repeat(256)}), "MMC.111072036"),
        (ATTENDEE, json!({"sms": "1".repeat(33)}), "MMC.111072037"),
        (ATTENDEE, json!({"isMute": 2}), "MMC.111072038"),
        (ATTENDEE, json!({"isAutoInvite": 9}), "MMC.111072039"),
        (
            ATTENDEE,
            json!({"deptName": "x".repeat(129)}),
            "MMC.111071026",
        ),
        (
            SUB_MEETING,
            json!({"description": "x".repeat(201)}),
            "MMC.111071061",
        ),
    ];
    for (table, sent, code) in cases {
        let refused = read(table, &object(sent.clone())).map_err(|rejection| rejection.code);
        assert_eq!(refused, Err(*code), "{sent}");
    }
}
