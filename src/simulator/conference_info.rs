//! `ConferenceInfo`: a meeting as the service tells of it (facts part 2), with the fields only samples show.
//!
//! Passwords are in clear text and join links are bearer credentials, as they are upstream: whoever hands this on to
//! people should redact it.

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use super::meeting::{Meeting, SubMeeting};
use super::schedule::show;

/// The fields of the scheduling body that come back as they are.
const RETURNED: [&str; 15] = [
    "subject",
    "timeZoneID",
    "mediaTypes",
    "language",
    "isAutoRecord",
    "recordType",
    "auxAddress",
    "liveAddress",
    "recordAuxStream",
    "recordAuthType",
    "vmrFlag",
    "vmrID",
    "concurrentParticipants",
    "supportSimultaneousInterpretation",
    "cycleParams",
];

/// The meeting as a `ConferenceInfo`; `user` is the one who asks.
pub(super) fn conference_info(meeting: &Meeting, user: &str) -> Value {
    let id = meeting.id();
    let body = meeting.body();
    let start = meeting
        .sub_meetings
        .first()
        .map_or(meeting.schedule.start, |sub_meeting| sub_meeting.start);
    let attendees = body.get("attendees").and_then(Value::as_array);
    let (series, started) = (meeting.is_series(), meeting.is_started());
    let mut config = body.get("confConfigInfo").cloned().unwrap_or_default();
    if let Value::Object(config) = &mut config {
        config.insert(
            "guestPwd".to_owned(),
            meeting.guest_password.as_str().into(),
        );
        config.insert("inviteMode".to_owned(), "AUTO_INVITE".into());
        config.insert("audienceCallInRestriction".to_owned(), 0.into());
    }
    let switch = |name: &str| config.get(name).and_then(Value::as_bool) == Some(true);
    let mut info = json!({
        "conferenceID": id,
        "size": attendees.map_or(0, Vec::len),
        "startTime": show(start),
        "endTime": end(start, body),
        "conferenceState": if started { "Created" } else { "Schedule" },
        "accessNumber": "+867552****1212",
        "passwordEntry": [
            {"conferenceRole": "chair", "password": meeting.chair_password},
            {"conferenceRole": "general", "password": meeting.guest_password},
        ],
        "userUUID": "ff80808167a20ef40167a2166aa60001",
        "scheduserName": user,
        "deptName": "Simulation",
        "conferenceType": if series { 2 } else { 0 },
        "confType": if series { "CYCLE" } else if started { "IMMEDIATELY" } else { "FUTURE" },
        "isAutoMute": i32::from(switch("isAutoMute")),
        "isHardTerminalAutoMute": i32::from(switch("isHardTerminalAutoMute")),
        "isSoftTerminalAutoMute": i32::from(switch("isAutoMute")),
        "chairJoinUri": link(id, &meeting.chair_link),
        "guestJoinUri": link(id, &meeting.guest_link),
        "audienceJoinUri": null,
        "scheduleVmr": false,
        "vmrConferenceID": null,
        "partAttendeeInfo": participants(attendees),
        "terminlCount": 0,
        "normalCount": attendees.map_or(0, Vec::len),
        "onlineAttendeeAmount": 0,
        "role": "chair",
        "webinar": false,
        "multiStreamFlag": 1,
        "confMode": "COMMON",
        "isHasRecordFile": false,
        "picDisplay": null,
        "confConfigInfo": config,
    });
    if let Value::Object(info) = &mut info {
        for key in RETURNED {
            if let Some(value) = body.get(key) {
                info.insert(key.to_owned(), value.clone());
            }
        }
        if series {
            let subs = meeting.sub_meetings.iter();
            let subs: Vec<_> = subs.map(|one| sub_meeting(meeting, one)).collect();
            let first = meeting.sub_meetings.first();
            info.insert(
                "cycleSubConfID".to_owned(),
                first.map(|s| s.id.as_str()).into(),
            );
            info.insert("subConfs".to_owned(), subs.into());
        }
    }
    info
}

fn link(id: &str, key: &str) -> String {
    format!("https://c.meeting.huaweicloud.com/#/j/{id}/{key}")
}

/// The end of a meeting that begins at `start` and lasts for the body's `length`.
fn end(start: DateTime, body: &Map<String, Value>) -> String {
    let minutes = body.get("length").and_then(Value::as_i64).unwrap_or(30);
    show(start.saturating_add(minutes.minutes()))
}

/// The first 20 of those invited, with the fields `PartAttendee` has.
fn participants(attendees: Option<&Vec<Value>>) -> Vec<Value> {
    let participant = |attendee: &Value| {
        let keys = [
            "name", "phone", "phone2", "phone3", "type", "role", "isMute",
        ];
        let pair = |key: &str| Some((key.to_owned(), attendee.get(key)?.clone()));
        keys.into_iter().filter_map(pair).collect()
    };
    let first = attendees.into_iter().flatten().take(20);
    first.map(participant).collect()
}

fn sub_meeting(meeting: &Meeting, sub_meeting: &SubMeeting) -> Value {
    let body = meeting.body();
    let config = body.get("confConfigInfo").cloned().unwrap_or_default();
    let changed = sub_meeting.changed.as_ref();
    let field = |key: &str| changed.and_then(|changed| changed.get(key)).cloned();
    json!({
        "cycleSubConfID": sub_meeting.id,
        "conferenceID": meeting.id(),
        "mediaType": field("mediaType").or_else(|| body.get("mediaTypes").cloned()),
        "startTime": show(sub_meeting.start),
        "endTime": end(sub_meeting.start, changed.unwrap_or(body)),
        "isAutoRecord": field("isAutoRecord").or_else(|| body.get("isAutoRecord").cloned()),
        "recordAuthType": field("recordAuthType").or_else(|| body.get("recordAuthType").cloned()),
        "description": field("description"),
        "confConfigInfo": field("confConfigInfo").unwrap_or_else(|| json!({
            "callInRestriction": config["callInRestriction"],
            "audienceCallInRestriction": 0,
            "allowGuestStartConf": config["allowGuestStartConf"],
            "enableWaitingRoom": config["enableWaitingRoom"],
            "showAudienceCountInfo": null,
        })),
    })
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::super::schedule::{Door, Schedule};
    use super::*;

    /// 2026-01-05T16:30:59Z.
    const NOW: i64 = 1_767_630_659;

    fn meeting(sent: &Value) -> Meeting {
        let schedule = Schedule::read(sent.as_object().unwrap(), Door::Conferences, NOW).unwrap();
        Meeting::new("914087436", schedule, &mut Rng::with_seed(3))
    }

    #[test]
    fn a_series_tells_its_sub_meetings() {
        let sent = json!({"mediaTypes": "HDVideo", "startTime": "2026-01-06 08:00", "length": 90,
            "confConfigInfo": {"guestPwd": "123456", "callInRestriction": 2},
            "attendees": [{"name": "Bob", "email": "bob@corp.example"}],
            "cycleParams": {"startDate": "2026-01-06", "endDate": "2026-12-06", "cycle": "Day", "preRemindDays": 0}});
        let info = conference_info(&meeting(&sent), "alice");
        assert_eq!(info["conferenceID"], "914087436");
        assert_eq!(info["confType"], "CYCLE");
        assert_eq!(info["endTime"], "2026-01-06 09:30");
        assert_eq!(
            info["passwordEntry"][1],
            json!({"conferenceRole": "general", "password": "123456"})
        );
        let link = info["guestJoinUri"].as_str().unwrap();
        assert_eq!(link.rsplit('/').next().unwrap().len(), 48);
        assert_eq!(info["subConfs"].as_array().unwrap().len(), 50);
        assert_eq!(
            info["subConfs"][0]["cycleSubConfID"],
            info["cycleSubConfID"]
        );
        assert_eq!(
            info["subConfs"][49]["confConfigInfo"]["callInRestriction"],
            2
        );
        assert_eq!(info["cycleParams"]["endDate"], "2026-02-24");
        assert_eq!(info["cycleParams"]["cycleCount"], 0);
        assert_eq!(
            info["partAttendeeInfo"],
            json!([{"name": "Bob", "role": 0, "isMute": 0}])
        );
        assert_eq!(
            info["isAutoMute"], 1,
            "a number here, a boolean in confConfigInfo"
        );
        assert_eq!(info["confConfigInfo"]["isAutoMute"], true);
    }

    #[test]
    fn a_single_meeting_has_none() {
        let info = conference_info(&meeting(&json!({"mediaTypes": "Voice"})), "");
        assert_eq!(info["confType"], "IMMEDIATELY");
        assert_eq!(info["conferenceState"], "Created");
        assert!(info.get("subConfs").is_none());
        assert!(info.get("cycleParams").is_none());
    }
}
