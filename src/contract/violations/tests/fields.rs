//! Every field with values that pass and values that do not.

use std::collections::BTreeSet;

use super::{body, findings, with};
use crate::contract::test_support::good;
use crate::model::json::{Value, json};

fn text(length: usize) -> Value {
    "会".repeat(length).into()
}

/// A field, values that pass, values that do not with the keyword that says so.
type Row = (&'static str, Vec<Value>, Vec<(Value, &'static str)>);

fn flag(pointer: &'static str) -> Row {
    (
        pointer,
        vec![json!(0), json!(1)],
        vec![(json!(2), "enum"), (json!("1"), "type")],
    )
}

fn boolean(pointer: &'static str) -> Row {
    (
        pointer,
        vec![json!(true), json!(false)],
        vec![(json!("false"), "type"), (json!(0), "type")],
    )
}

fn bounded(pointer: &'static str, most: usize) -> Row {
    let wrong = vec![
        (text(most + 1), "maxLength"),
        (json!(1), "type"),
        (Value::Null, "type"),
    ];
    (pointer, vec![text(most), json!("")], wrong)
}

/// What the normalise step leaves of a number that it reads, numbers of the service's own, and SIP addresses; nothing that one
/// reader could take for a telephone, and another not.
fn number_to_call(pointer: &'static str, most: usize) -> Row {
    let right = [
        "",
        "0",
        "12",
        "1001",
        "0012",
        "01001",
        "10.1.1.1##1001",
        "13800138000",
        "138 0013 8000",
        "030/12345678",
        "+8613800138000",
        "+6834002",
        "+99111283523475338",
        "+99123456789876432",
        "room-3",
        "sip:1001@10.1.2.3:5060",
        "SIP:room-3@corp.example",
        "sips:+99111283523475338@a.example",
    ];
    let wrong = [
        "+49 (0)30 12345678",
        "0049 (0)30 12345678",
        "tel:+493012345678",
        "tel:004930123456",
        "＋493012345678",
        "+４９3012345678",
        "＋４９３０１２３４５６７８",
        "\u{200b}+493012345678",
        "+49\u{200b}3012345678",
        "4930\u{200b}12345678",
        "+49/30/12345678",
        "++493012345678",
        "+49,3012345678",
        "+49301234567#",
        "+49 30 12345678 ext 5",
        "+0493012345678",
        "+49115",
        "+4930123456789012",
        "+9923722112345678",
        "+49 30 1234 CALL",
        "+",
        "(+49)3012345678",
        "(00)493012345678",
        "0 0493012345678",
        "0-0-49-30-12345678",
        "00049301234567",
        "0049301234567890123",
        "*31#00493012345",
        "sip:+493012345678@gateway.example",
        "sip:00493012345678@gateway.example",
        "sip:%2B493012345678@gateway.example",
        "1001@corp.example;user=phone",
        "sip:tel:+493012345678",
        "1001, +493012345678",
        "1001;+493012345678",
        "1001\n+493012345678",
    ];
    let mut wrong: Vec<(Value, &str)> = wrong
        .iter()
        .filter(|text| text.chars().count() <= most)
        .map(|text| (json!(text), "pattern"))
        .collect();
    wrong.extend([
        (json!("1".repeat(most + 1)), "maxLength"),
        (json!(1), "type"),
        (Value::Null, "type"),
    ]);
    let mut right: Vec<Value> = right
        .iter()
        .filter(|text| text.len() <= most)
        .map(|text| json!(text))
        .collect();
    right.push(json!("1".repeat(most)));
    (pointer, right, wrong)
}

fn number(pointer: &'static str, least: i64, most: i64) -> Row {
    let wrong = vec![
        (json!(least - 1), "minimum"),
        (json!(most + 1), "maximum"),
        (json!(30.5), "type"),
        (json!("30"), "type"),
    ];
    (pointer, vec![json!(least), json!(most)], wrong)
}

fn rows() -> Vec<Row> {
    let date = || {
        vec![
            (json!("2026-02-29"), "format"),
            (json!("01.09.2026"), "format"),
            (json!(""), "format"),
        ]
    };
    vec![
        (
            "/startTime",
            vec![json!("2026-09-01 08:30"), json!("")],
            vec![
                (json!("2026-09-01T08:30"), "format"),
                (json!("2026-02-30 08:30"), "format"),
                (json!(0), "type"),
            ],
        ),
        number("/length", 15, 1440),
        bounded("/subject", 128),
        (
            "/mediaTypes",
            vec![
                json!("Voice"),
                json!("Voice,HDVideo,Data"),
                json!("Telepresence"),
            ],
            vec![
                (json!(""), "pattern"),
                (json!("Smell"), "pattern"),
                (json!("Voice,"), "pattern"),
                (json!(["Voice"]), "type"),
            ],
        ),
        bounded("/groupuri", 31),
        (
            "/attendees",
            vec![json!([]), json!([{}])],
            vec![
                (json!({}), "type"),
                (vec![json!({}); 10_001].into(), "maxItems"),
            ],
        ),
        bounded("/attendees/*/userUUID", 128),
        bounded("/attendees/*/accountId", 255),
        bounded("/attendees/*/appId", 128),
        bounded("/attendees/*/name", 96),
        flag("/attendees/*/role"),
        number_to_call("/attendees/*/phone", 127),
        number_to_call("/attendees/*/phone2", 127),
        number_to_call("/attendees/*/phone3", 127),
        (
            "/attendees/*/email",
            vec![json!("ann@corp.example"), json!("李@例.example"), json!("")],
            vec![
                (json!("ann"), "pattern"),
                (json!("a@evil.example,b@corp.example"), "pattern"),
                (json!("a@evil.example\n@corp.example"), "pattern"),
                (json!("a@evil.example@corp.example"), "pattern"),
                (json!("Ann <a@corp.example>"), "pattern"),
                (
                    format!("{}@corp.example", "a".repeat(250)).into(),
                    "maxLength",
                ),
            ],
        ),
        number_to_call("/attendees/*/sms", 32),
        flag("/attendees/*/isMute"),
        flag("/attendees/*/isAutoInvite"),
        (
            "/attendees/*/type",
            vec![json!("normal"), json!("outside"), json!("customnumber")],
            vec![
                (json!("anonymous"), "enum"),
                (json!("Normal"), "enum"),
                (json!(0), "type"),
            ],
        ),
        bounded("/attendees/*/address", 255),
        bounded("/attendees/*/deptUUID", 64),
        bounded("/attendees/*/deptName", 128),
        (
            "/attendees/*/uniqueType",
            vec![json!(0)],
            vec![(json!(2), "enum")],
        ),
        (
            "/cycleParams",
            vec![good()["cycleParams"].clone()],
            vec![(json!([]), "type"), (Value::Null, "type")],
        ),
        ("/cycleParams/startDate", vec![json!("2026-09-30")], date()),
        ("/cycleParams/endDate", vec![json!("2026-09-01")], date()),
        (
            "/cycleParams/cycle",
            vec![json!("Day")],
            vec![(json!("Hour"), "enum"), (json!("day"), "enum")],
        ),
        number("/cycleParams/interval", 1, 15),
        (
            "/cycleParams/point",
            vec![json!([0, 6])],
            vec![
                (json!([]), "minItems"),
                (vec![json!(1); 32].into(), "maxItems"),
                (json!(1), "type"),
            ],
        ),
        number("/cycleParams/point/*", 0, 6),
        number("/cycleParams/preRemindDays", 0, 30),
        flag("/isAutoRecord"),
        (
            "/encryptMode",
            vec![json!(0), json!(2)],
            vec![(json!(3), "enum"), (json!(true), "type")],
        ),
        (
            "/language",
            vec![json!("zh-CN"), json!("en-US")],
            vec![(json!("de-DE"), "enum")],
        ),
        (
            "/timeZoneID",
            vec![json!("1"), json!("56"), json!("77")],
            vec![
                (json!("0"), "pattern"),
                (json!("78"), "pattern"),
                (json!("056"), "pattern"),
                (json!(56), "type"),
            ],
        ),
        (
            "/recordType",
            vec![json!(0), json!(1), json!(3)],
            vec![(json!(4), "enum")],
        ),
        bounded("/liveAddress", 255),
        bounded("/auxAddress", 255),
        flag("/recordAuxStream"),
        (
            "/recordAuthType",
            vec![json!(0), json!(2)],
            vec![(json!(3), "enum")],
        ),
        (
            "/confConfigInfo",
            vec![json!({})],
            vec![(json!(""), "type")],
        ),
        boolean("/confConfigInfo/isSendNotify"),
        boolean("/confConfigInfo/isSendSms"),
        boolean("/confConfigInfo/isSendCalendar"),
        boolean("/confConfigInfo/isAutoMute"),
        boolean("/confConfigInfo/isHardTerminalAutoMute"),
        boolean("/confConfigInfo/isGuestFreePwd"),
        (
            "/confConfigInfo/callInRestriction",
            vec![json!(0), json!(2), json!(3)],
            vec![(json!(1), "enum"), (json!(4), "enum")],
        ),
        boolean("/confConfigInfo/allowGuestStartConf"),
        (
            "/confConfigInfo/guestPwd",
            vec![json!("1234"), json!("1234567890123456"), json!("")],
            vec![
                (json!("123"), "pattern"),
                (json!("12345678901234567"), "pattern"),
                (json!("12a4"), "pattern"),
                (json!(1234), "type"),
            ],
        ),
        flag("/confConfigInfo/vmrIDType"),
        number("/confConfigInfo/prolongLength", 0, 60),
        boolean("/confConfigInfo/enableWaitingRoom"),
        boolean("/confConfigInfo/isHostCameraOn"),
        boolean("/confConfigInfo/isGuestCameraOn"),
        ("/vmrFlag", vec![json!(0)], vec![(json!(2), "enum")]),
        bounded("/vmrID", 128),
        number("/concurrentParticipants", 0, 1_000_000),
        boolean("/supportSimultaneousInterpretation"),
        (
            "/confResType",
            vec![json!(0), json!(3)],
            vec![(json!(4), "enum")],
        ),
    ]
}

#[test]
fn every_field_takes_right_values_and_refuses_wrong_ones() {
    for (pointer, right, wrong) in rows() {
        for value in right {
            assert_eq!(
                findings(with(pointer, value.clone())),
                [],
                "{pointer}: {value}"
            );
        }
        for (value, keyword) in wrong {
            let found = findings(with(pointer, value.clone()));
            let shown = value.to_string().chars().take(80).collect::<String>();
            assert_eq!(found.len(), 1, "{pointer}: {shown}: {found:#?}");
            assert_eq!(
                (found[0].pointer.as_str(), &*found[0].keyword),
                (pointer.replace('*', "0").as_str(), keyword),
                "{shown}"
            );
            assert!(
                found[0]
                    .expected
                    .as_ref()
                    .is_some_and(|text| !text.is_empty())
            );
        }
    }
}

#[test]
fn no_field_is_left_out_of_the_table() {
    let tested: BTreeSet<_> = rows()
        .iter()
        .map(|(pointer, ..)| (*pointer).to_owned())
        .collect();
    let known: BTreeSet<_> = body()
        .fields()
        .into_iter()
        .map(|field| field.pointer)
        .collect();
    assert_eq!(tested, known);
}
