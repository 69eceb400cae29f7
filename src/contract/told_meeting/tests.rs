//! Answers in their own spelling, and what they come to.

use super::super::test_support::contract;
use super::*;
use crate::model::json::json;

fn body(operation: &str) -> &'static BodyContract {
    let operation = contract().operation(operation).unwrap();
    contract().body(operation).unwrap()
}

/// What a meeting to come tells, with these members more.
fn told(members: Value) -> Result<Option<ToldMeeting>, Unusable> {
    told_with(members, None, None)
}

fn told_with(
    members: Value,
    participants: Option<Vec<Value>>,
    within: Option<&str>,
) -> Result<Option<ToldMeeting>, Unusable> {
    let mut meeting = json!({"conferenceState": "Schedule", "startTime": "2026-09-01 08:00", "endTime": "2026-09-01 08:30"});
    let Value::Object(members) = members else {
        panic!("{members} is no object")
    };
    meeting.as_object_mut().unwrap().extend(members);
    let detail = MeetingDetail::of(json!({"conferenceData": meeting})).unwrap();
    let operation = if within.is_some() {
        "update_recurring_sub_meeting"
    } else {
        "update_meeting"
    };
    ToldMeeting::of(body(operation), &detail, participants, within)
}

fn members(told: Result<Option<ToldMeeting>, Unusable>) -> Value {
    Value::Object(told.unwrap().unwrap().members)
}

#[test]
fn every_spelling_comes_to_that_of_a_request() {
    for (name, answered, expected) in [
        ("recordType", json!("2"), json!(2)),
        ("isAutoRecord", json!(true), json!(1)),
        ("isAutoRecord", json!("false"), json!(0)),
        ("concurrentParticipants", json!(7.0), json!(7)),
        ("supportSimultaneousInterpretation", json!("1"), json!(true)),
        ("supportSimultaneousInterpretation", json!(0), json!(false)),
        (
            "supportSimultaneousInterpretation",
            json!("true"),
            json!(true),
        ),
        ("timeZoneID", json!(56), json!("56")),
        (
            "mediaTypes",
            json!("Data, HDVideo,Voice"),
            json!("Voice,HDVideo,Data"),
        ),
        ("encryptMode", json!("1"), json!(1)),
        (
            "confConfigInfo",
            json!({"isAutoMute": 1, "guestPwd": 4711, "inviteMode": "AUTO_INVITE", "vmrIDType": 1}),
            json!({"isAutoMute": true, "guestPwd": "4711"}),
        ),
        (
            "cycleParams",
            json!({"cycle": "Week", "point": ["1", 3], "cycleCount": 0}),
            json!({"cycle": "Week", "point": [1, 3]}),
        ),
        // What is wrong stays wrong, for the contract to find.
        ("recordType", json!("many"), json!("many")),
        ("supportSimultaneousInterpretation", json!(2), json!(2)),
        ("subject", json!(["a"]), json!(["a"])),
    ] {
        assert_eq!(
            members(told(json!({name: answered})))[name],
            expected,
            "{name} {answered}"
        );
    }
}

#[test]
fn what_says_nothing_is_not_told_and_what_never_changes_is_left_alone() {
    let nothing = json!({"subject": "", "language": null, "cycleParams": {"point": []}, "confConfigInfo": {"guestPwd": null},
        "vmrFlag": 1, "vmrID": "room", "confResType": 1, "chairJoinUri": "x", "groupuri": "g"});
    assert_eq!(
        members(told(nothing)),
        json!({"startTime": "2026-09-01 08:00", "length": 30})
    );
}

#[test]
fn participants_become_attendees() {
    let participants = vec![
        json!({"participantID": "+86 138 1234 5678", "subscriberID": "x", "name": "Ann", "role": "1", "attendeeType": "mobile",
            "state": "MEETTING", "email": "", "userUUID": "u", "isAutoInvite": 0}),
        json!({"name": "Bob", "attendeeType": null}),
    ];
    let all = members(told_with(json!({}), Some(participants), None))["attendees"].take();
    assert_eq!(
        all,
        json!([{"userUUID": "u", "name": "Ann", "role": 1, "phone": "+8613812345678", "isAutoInvite": 0, "type": "mobile"}, {"name": "Bob"}])
    );
    assert_eq!(
        members(told_with(json!({}), Some(vec![]), None))["attendees"],
        json!([])
    );
    assert!(told_with(json!({}), Some(vec![json!(7)]), None).is_err());
}

#[test]
fn one_meeting_of_a_series_is_found_by_its_id() {
    let one = |id: &str, start: &str| {
        json!({"cycleSubConfID": id, "mediaType": "HDVideo", "startTime": format!("2026-09-0{start} 08:00"),
        "endTime": format!("2026-09-0{start} 09:00"), "confConfigInfo": {"callInRestriction": "2", "showAudienceCountInfo": {"multiple": "1.5"}}})
    };
    let all = json!({"subConfs": [one("a", "1"), one("b", "2")]});
    assert_eq!(
        members(told_with(all.clone(), None, Some("b"))),
        json!({"mediaTypes": "HDVideo", "startTime": "2026-09-02 08:00", "length": 60,
            "confConfigInfo": {"callInRestriction": 2, "showAudienceCountInfo": {"multiple": 1.5}}})
    );
    assert_eq!(told_with(all, None, Some("c")), Ok(None));
    assert_eq!(told_with(json!({}), None, Some("c")), Ok(None));
    assert!(told_with(json!({"subConfs": 1}), None, Some("c")).is_err());
}

#[test]
fn a_meeting_of_another_shape_is_unusable() {
    for members in [
        json!({"conferenceState": null}),
        json!({"conferenceState": "Planned"}),
        json!({"endTime": "soon"}),
        json!({"startTime": null}),
        json!({"confConfigInfo": "x"}),
        json!({"cycleParams": []}),
    ] {
        assert!(told(members.clone()).is_err(), "{members}");
    }
    for (state, expected) in [
        ("Creating", MeetingState::Started),
        ("Created", MeetingState::Started),
        ("Destroyed", MeetingState::Over),
    ] {
        assert_eq!(
            told(json!({"conferenceState": state}))
                .unwrap()
                .unwrap()
                .state,
            expected
        );
    }
}
