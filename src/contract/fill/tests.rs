//! What is filled in, what is not, and what is refused.

use super::super::meeting_detail::MeetingDetail;
use super::super::test_support::{contract, document};
use super::*;
use crate::model::json::json;

fn body() -> &'static BodyContract {
    let operation = contract().operation("update_meeting").unwrap();
    contract().body(operation).unwrap()
}

/// A weekly series.
fn told(members: &Value, participants: Vec<Value>) -> ToldMeeting {
    let mut meeting = json!({"conferenceState": "Schedule", "startTime": "2026-09-01 08:00", "endTime": "2026-09-01 08:30",
        "mediaTypes": "Voice", "recordType": 2, "recordAuthType": 1, "liveAddress": "rtmp://a",
        "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Week", "interval": 2, "point": [2]}});
    meeting
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    let detail = MeetingDetail::of(json!({"conferenceData": meeting})).unwrap();
    ToldMeeting::of(body(), &detail, Some(participants), None)
        .unwrap()
        .unwrap()
}

fn filled(sent: Value) -> Value {
    let mut document = document(sent);
    let told = told(&json!({}), Vec::new());
    fill(&mut document, body(), &told, &mut Changes::default()).unwrap();
    Value::Object(document.0)
}

#[test]
fn what_has_no_effect_beside_the_rest_is_not_filled_in() {
    let all = filled(json!({}));
    assert_eq!(
        (&all["recordType"], &all["recordAuthType"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(all.get("liveAddress"), None);
    let streamed = filled(json!({"recordType": 1}));
    assert_eq!(
        (streamed.get("recordAuthType"), &streamed["liveAddress"]),
        (None, &json!("rtmp://a"))
    );
    assert_eq!(filled(json!({"recordType": 0})).get("recordAuthType"), None);
}

#[test]
fn what_belongs_to_another_cycle_is_not_filled_in() {
    for (sent, interval, point) in [
        (json!({}), Some(2), Some(json!([2]))),
        (json!({"cycle": "Week"}), Some(2), Some(json!([2]))),
        (
            json!({"cycle": "Week", "point": [3]}),
            Some(2),
            Some(json!([3])),
        ),
        (json!({"cycle": "Month"}), None, None),
        (json!({"cycle": 3}), None, None),
    ] {
        let series = filled(json!({"cycleParams": sent}))["cycleParams"].take();
        assert_eq!(
            series.get("interval").and_then(Value::as_i64),
            interval,
            "{sent}"
        );
        assert_eq!(series.get("point").cloned(), point, "{sent}");
        assert_eq!(series["endDate"], "2026-09-30");
    }
}

#[test]
fn what_is_there_is_not_touched() {
    for sent in [
        json!({"subject": null, "attendees": null, "confConfigInfo": null, "cycleParams": null, "length": "x"}),
        json!({"attendees": [], "cycleParams": [], "recordType": "2"}),
    ] {
        let all = filled(sent.clone());
        for (name, value) in sent.as_object().unwrap() {
            assert_eq!(&all[name], value, "{name}");
        }
    }
}

#[test]
fn what_does_not_fit_is_not_filled_in_at_all() {
    for (members, participant, what) in [
        (
            json!({"length": 1}),
            json!({"email": "no address"}),
            "its `attendees[0].email` does not fit the API",
        ),
        (
            json!({"endTime": "2026-09-01 08:05"}),
            json!({}),
            "its `length` does not fit the API",
        ),
        (
            json!({"mediaTypes": "Smell"}),
            json!({}),
            "its `mediaTypes` does not fit the API",
        ),
        (
            json!({"confConfigInfo": {"guestPwd": "***"}}),
            json!({}),
            "its `confConfigInfo.guestPwd` does not fit the API",
        ),
        (
            json!({"confConfigInfo": {"callInRestriction": 1}}),
            json!({}),
            "its `confConfigInfo.callInRestriction` does not fit the API",
        ),
        (
            json!({"concurrentParticipants": {}}),
            json!({}),
            "its `concurrentParticipants` does not fit the API",
        ),
    ] {
        let mut document = document(json!({"subject": "x"}));
        let mut changes = Changes::default();
        let told = told(&members, vec![participant]);
        assert_eq!(
            fill(&mut document, body(), &told, &mut changes),
            Err(what.into())
        );
        assert_eq!(Value::Object(document.0), json!({"subject": "x"}));
        assert!(changes.is_empty());
    }
    // What the caller sends is no business of this step, and neither is what it replaces.
    let mut document = document(json!({"length": 5, "confConfigInfo": {"guestPwd": "x"}}));
    let told = told(
        &json!({"endTime": "2026-09-01 08:05", "confConfigInfo": {"guestPwd": "***"}}),
        Vec::new(),
    );
    assert_eq!(
        fill(&mut document, body(), &told, &mut Changes::default()),
        Ok(())
    );
}

#[test]
fn a_list_of_people_is_reported_one_by_one() {
    let mut changes = Changes::default();
    let people: Vec<_> = (0..100).map(|n| json!({"name": format!("P{n}")})).collect();
    let mut sent = document(json!({"confConfigInfo": {}}));
    let told = told(&json!({"confConfigInfo": {"isAutoMute": 0}}), people);
    fill(&mut sent, body(), &told, &mut changes).unwrap();
    let paths: Vec<_> = changes.all().iter().map(|change| &*change.path).collect();
    assert!(
        paths.contains(&"/attendees/0") && paths.contains(&"/confConfigInfo/isAutoMute"),
        "{paths:?}"
    );
    assert!(changes.omitted() > 40 && changes.all().len() == 64);
}
