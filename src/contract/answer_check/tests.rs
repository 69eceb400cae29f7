//! Each member of the table, what is not compared, and the words.

use super::*;
use crate::contract::test_support::{contract, document};
use crate::model::json::json;

fn asked(sent: Value) -> Option<Asked> {
    let operation = contract().operation("update_recurring_meeting").unwrap();
    Asked::of(&document(sent), contract().body(operation).unwrap())
}

/// A series with everything that is compared.
fn series() -> Value {
    json!({
        "subject": "Weekly", "startTime": "2026-09-01 09:00", "length": 60, "mediaTypes": "HDVideo", "encryptMode": 1,
        "language": "en-US", "timeZoneID": "56", "recordType": 2, "isAutoRecord": 1, "recordAuthType": 1,
        "concurrentParticipants": 0, "supportSimultaneousInterpretation": false,
        "confConfigInfo": {"callInRestriction": 2, "isGuestFreePwd": false, "allowGuestStartConf": false,
            "enableWaitingRoom": true, "prolongLength": 0, "guestPwd": "4711"},
        "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-12-31", "cycle": "Week", "interval": 1,
            "point": [1, 3], "preRemindDays": 1},
    })
}

/// The answer that says the same, in the upstream's spelling.
fn as_asked() -> Value {
    json!({
        "conferenceID": "914087436", "subject": "Weekly", "startTime": "2026-09-02 09:00", "endTime": "2026-09-02 10:00",
        "mediaTypes": "Data,Voice,HDVideo", "encryptMode": "1", "language": "en-US", "timeZoneID": 56, "recordType": 2,
        "isAutoRecord": 1, "recordAuthType": 1, "concurrentParticipants": 0, "supportSimultaneousInterpretation": false,
        "confConfigInfo": {"callInRestriction": 2, "isGuestFreePwd": "false", "allowGuestStartConf": 0,
            "enableWaitingRoom": true, "prolongLength": 0, "guestPwd": "0815"},
        "cycleParams": {"startDate": "2026-09-02", "endDate": "2026-12-31", "cycle": "Week", "interval": 1,
            "point": [3, 1], "preRemindDays": 7, "cycleCount": 0},
        "subConfs": [{"startTime": "2026-09-02 09:00", "mediaType": "Voice"}],
    })
}

/// What is found where one member of the good answer is another: pointers, what was asked for, what was answered.
fn found(pointer: &str, value: Value) -> Vec<(String, String, String)> {
    let mut answer = json!([as_asked()]);
    *answer.pointer_mut(pointer).unwrap() = value;
    let findings = asked(series())
        .unwrap()
        .findings(answer.to_string().as_bytes());
    let parts = |finding: Finding| {
        assert_eq!(
            (finding.location, finding.mode, &*finding.keyword),
            (Location::Answer, Mode::Warn, "answer")
        );
        (
            finding.pointer,
            finding.expected.unwrap(),
            finding.got.unwrap(),
        )
    };
    findings.into_iter().map(parts).collect()
}

#[test]
fn an_answer_that_says_what_was_asked_for_has_no_finding() {
    let asked = asked(series()).unwrap();
    for answer in [
        json!([as_asked()]),
        as_asked(),
        json!([as_asked(), {"subject": "other"}]),
    ] {
        let findings = asked.findings(answer.to_string().as_bytes());
        assert_eq!(findings, [], "{answer}");
    }
}

#[test]
fn every_member_of_the_table_is_compared() {
    #[rustfmt::skip]
    let cases = [
        ("/0/cycleParams/endDate", json!("2026-10-20"), "\"2026-12-31\"", "\"2026-10-20\""),
        ("/0/cycleParams/endDate", json!("2027-01-01"), "\"2026-12-31\"", "\"2027-01-01\""),
        ("/0/cycleParams/cycle", json!("Day"), "\"Week\"", "\"Day\""),
        ("/0/cycleParams/interval", json!(2), "1", "2"),
        ("/0/cycleParams/point", json!([1]), "an array", "an array"),
        ("/0/encryptMode", json!(2), "1", "2"),
        ("/0/confConfigInfo/callInRestriction", json!(0), "2", "0"),
        ("/0/confConfigInfo/isGuestFreePwd", json!("true"), "false", "\"true\""),
        ("/0/confConfigInfo/allowGuestStartConf", json!(1), "false", "1"),
        ("/0/confConfigInfo/enableWaitingRoom", json!(false), "true", "false"),
        ("/0/confConfigInfo/prolongLength", json!(15), "0", "15"),
        ("/0/recordType", json!(0), "2", "0"),
        ("/0/isAutoRecord", json!(0), "1", "0"),
        ("/0/recordAuthType", json!(0), "1", "0"),
        ("/0/mediaTypes", json!("Voice"), "\"HDVideo\"", "\"Voice\""),
        ("/0/mediaTypes", json!("Video,HDVideo"), "\"HDVideo\"", "\"Video,HDVideo\""),
        ("/0/concurrentParticipants", json!(5), "0", "5"),
        ("/0/supportSimultaneousInterpretation", json!(true), "false", "true"),
        ("/0/subject", json!("Other"), "\"Weekly\"", "\"Other\""),
        ("/0/timeZoneID", json!("57"), "\"56\"", "\"57\""),
        ("/0/language", json!("zh-CN"), "\"en-US\"", "\"zh-CN\""),
        ("/0/endTime", json!("2026-09-02 09:30"), "60", "30"),
        ("/0/endTime", json!("2026-09-02 08:30"), "60", "-30"),
    ];
    for (pointer, value, expected, got) in cases {
        let one = (pointer.to_owned(), expected.to_owned(), got.to_owned());
        assert_eq!(found(pointer, value), [one], "{pointer}");
    }
}

#[test]
fn what_the_answer_does_not_tell_is_no_difference() {
    for pointer in [
        "/0/cycleParams",
        "/0/cycleParams/endDate",
        "/0/confConfigInfo",
        "/0/subject",
        "/0/startTime",
        "/0/endTime",
    ] {
        for value in [json!(null), json!("")] {
            assert_eq!(found(pointer, value), [], "{pointer}");
        }
    }
    assert_eq!(
        found("/0/endTime", json!("2026-09-02T10:00:00Z")),
        [],
        "a time that nobody can read"
    );
    let asked = asked(series()).unwrap();
    for answer in [
        "",
        "{}",
        "[]",
        "[null]",
        "null",
        "7",
        "\"x\"",
        "[[]]",
        "[{}]",
        "[{\"subject\":",
        "{\"conferenceData\":{\"subject\":\"x\"}}",
    ] {
        assert_eq!(asked.findings(answer.as_bytes()), [], "{answer}");
    }
    assert_eq!(asked.findings(&[0xff]), []);
    let deep = "[".repeat(100_000);
    assert_eq!(asked.findings(deep.as_bytes()), []);
}

#[test]
fn what_was_not_asked_for_or_has_no_effect_is_not_compared() {
    assert!(asked(json!({"conferenceID": "1"})).is_none());
    assert!(asked(json!({"subject": "", "length": null, "cycleParams": 7})).is_none());
    let sent = json!({"subject": "s", "isAutoRecord": 1, "recordAuthType": 1,
        "cycleParams": {"cycle": "Day", "point": [1], "interval": 1}});
    let answer = json!({"subject": "s", "encryptMode": 0, "isAutoRecord": 0, "recordAuthType": 2, "startTime": "x",
        "endTime": "y", "cycleParams": {"cycle": "Day", "point": [], "interval": 1, "endDate": "2026-10-20"}});
    assert_eq!(
        asked(sent).unwrap().findings(answer.to_string().as_bytes()),
        []
    );
}

#[test]
fn the_start_is_compared_where_there_is_no_series() {
    let sent = json!({"startTime": "2026-09-01 09:00"});
    let findings = asked(sent)
        .unwrap()
        .findings(br#"{"startTime":"2026-09-01 10:00"}"#);
    assert_eq!((findings.len(), &*findings[0].pointer), (1, "/startTime"));
}

#[test]
fn the_words() {
    let sent = json!({"length": 60, "encryptMode": 1, "cycleParams": {"endDate": "2026-12-31"}});
    let answer = json!([{"encryptMode": 0, "cycleParams": {"endDate": "2026-10-20"},
        "startTime": "2026-09-01 09:00", "endTime": "2026-09-01 09:30"}]);
    let findings = asked(sent).unwrap().findings(answer.to_string().as_bytes());
    let messages: Vec<_> = findings.iter().map(|finding| &*finding.message).collect();
    assert_eq!(
        messages,
        [
            "The meeting service shortened the series: `cycleParams.endDate` is \"2026-10-20\", and \"2026-12-31\" was asked for. A series has at most 50 meetings.",
            "The meeting service answers that `encryptMode` is 0, and 1 was asked for.",
            "The meeting service answers with a length of 30 minutes, and 60 were asked for.",
        ]
    );
}
