//! Whole scheduling bodies: what is filled in, and what is refused.

use serde_json::json;

use super::super::errors;
use super::*;

/// 2026-01-05T16:30:59Z: already the 6th in zone 56.
const NOW: i64 = 1_767_630_659;

fn read(sent: Value, door: Door) -> Result<Schedule, Rejection> {
    let Value::Object(sent) = sent else {
        panic!("the cases are objects")
    };
    Schedule::read(&sent, door, NOW, 0)
}

fn series(start: &str) -> Value {
    json!({"startDate": start, "endDate": "2026-01-10", "cycle": "Day", "preRemindDays": 1})
}

#[test]
fn a_bare_meeting_starts_now_with_defaults() {
    for sent in [
        json!({"mediaTypes": "Voice"}),
        json!({"mediaTypes": "Voice", "startTime": ""}),
    ] {
        let schedule = read(sent, Door::Conferences).unwrap();
        assert!(schedule.starts_now);
        assert_eq!(schedule.body["startTime"], "2026-01-05 16:30");
        assert_eq!(schedule.body["length"], 30);
        assert_eq!(schedule.body["confConfigInfo"]["callInRestriction"], 0);
        assert_eq!(schedule.body["attendees"], json!([]));
        assert_eq!(schedule.room, [None, None, None]);
        assert!(schedule.sub_meeting_starts().is_empty());
    }
}

#[test]
fn sub_meetings_start_on_local_dates_at_the_local_time() {
    let sent = json!({"mediaTypes": "Data,Voice,HDVideo", "startTime": "2026-01-05 23:00", "timeZoneID": 56,
        "cycleParams": {"startDate": "2026-01-06", "endDate": "2026-01-07", "cycle": "Day"}});
    let schedule = read(sent, Door::CycleConferences).unwrap();
    let starts: Vec<_> = schedule.sub_meeting_starts();
    // 23:00 UTC is 07:00 in zone 56, so the local 6th at 07:00 is the 5th in UTC.
    assert_eq!(
        starts.first().map(|s| show(*s)).unwrap(),
        "2026-01-05 23:00"
    );
    assert_eq!(starts.last().map(|s| show(*s)).unwrap(), "2026-01-06 23:00");
}

#[test]
fn a_series_may_leave_its_start_out() {
    let sent =
        json!({"mediaTypes": "HDVideo", "startTime": "", "cycleParams": series("2026-01-06")});
    let schedule = read(sent, Door::CycleConferences).unwrap();
    assert!(schedule.starts_now);
    assert_eq!(schedule.body["cycleParams"]["cycleCount"], 0);
    assert_eq!(schedule.sub_meeting_starts().len(), 5);
}

#[test]
fn today_is_judged_in_the_zone_of_the_meeting() {
    let yesterday_there = json!({"mediaTypes": "HDVideo", "cycleParams": series("2026-01-05")});
    let refused = read(yesterday_there, Door::CycleConferences).unwrap_err();
    assert_eq!(refused, START_IN_PAST);
    let today_here =
        json!({"mediaTypes": "HDVideo", "timeZoneID": "26", "cycleParams": series("2026-01-05")});
    assert!(read(today_here, Door::CycleConferences).is_ok());
}

#[test]
fn the_room_is_what_was_sent_in_its_canonical_type() {
    let sent = json!({"mediaTypes": "Voice", "vmrFlag": "1", "vmrID": "abc", "confConfigInfo": {"vmrIDType": "0"}});
    let schedule = read(sent, Door::Conferences).unwrap();
    assert_eq!(
        schedule.room,
        [Some(json!(1)), Some(json!("abc")), Some(json!(0))]
    );
}

#[test]
fn refusals() {
    use Door::{Conferences, CycleConferences};
    let cases = [
        ("no media", json!({}), Conferences, MEDIA_TYPES_ILLEGAL),
        (
            "unknown media",
            json!({"mediaTypes": "Voice,Smell"}),
            Conferences,
            MEDIA_TYPES_ILLEGAL,
        ),
        (
            "trailing comma",
            json!({"mediaTypes": "Voice,"}),
            Conferences,
            MEDIA_TYPES_ILLEGAL,
        ),
        (
            "no cycle",
            json!({"mediaTypes": "Voice"}),
            CycleConferences,
            CYCLE_PARAMS_NULL,
        ),
        (
            "null cycle",
            json!({"mediaTypes": "Voice", "cycleParams": null}),
            CycleConferences,
            CYCLE_PARAMS_NULL,
        ),
        (
            "a minute ago",
            json!({"mediaTypes": "Voice", "startTime": "2026-01-05 16:29"}),
            Conferences,
            START_IN_PAST,
        ),
        (
            "no such hour",
            json!({"mediaTypes": "Voice", "startTime": "2026-01-06 25:00"}),
            Conferences,
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "with a T",
            json!({"mediaTypes": "Voice", "startTime": "2026-01-06T10:00"}),
            Conferences,
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "zone 78",
            json!({"mediaTypes": "Voice", "timeZoneID": "78"}),
            Conferences,
            PARAMETER_VERIFIED_FAIL,
        ),
        (
            "short password",
            json!({"mediaTypes": "Voice", "confConfigInfo": {"guestPwd": "123"}}),
            Conferences,
            GUEST_PWD_ILLEGAL,
        ),
        (
            "letters",
            json!({"mediaTypes": "Voice", "confConfigInfo": {"guestPwd": "12345x"}}),
            Conferences,
            GUEST_PWD_ILLEGAL,
        ),
        (
            "a name for a person",
            json!({"mediaTypes": "Voice", "attendees": ["bob"]}),
            Conferences,
            JSON_CONVERSION_FAILED,
        ),
        (
            "an unknown role",
            json!({"mediaTypes": "Voice", "attendees": [{"role": 7}]}),
            Conferences,
            errors::ATTENDEE_ROLE,
        ),
    ];
    for (name, sent, door, expected) in cases {
        assert_eq!(read(sent, door).map(|_| ()), Err(expected), "{name}");
    }
}
