//! `ConferenceInfo`: a meeting as the service tells of it (facts part 2), with the fields only samples show.
//!
//! Passwords are in clear text and join links are bearer credentials, as they are upstream: whoever hands this on to
//! people should redact it.

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use super::history::Past;
use super::meeting::{Meeting, SubMeeting};
use super::participants::{attendees, is_terminal, part_attendees};
use super::schedule::{show, utc};
use super::settings::Settings;

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

/// Who is told, and how much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    /// The one who asks.
    pub(super) user: &'a str,
    /// Whether `encryptMode` is told, which the documentation does not have here.
    pub(super) encryption: bool,
}

impl<'a> Telling<'a> {
    /// Whoever asks is told as much as is set.
    pub(super) const fn to(user: &'a str, settings: &Settings) -> Self {
        Self {
            user,
            encryption: settings.tells_encryption,
        }
    }
}

/// A meeting that is over as a `ConferenceInfo`.
pub(super) fn past_conference_info(past: &Past, telling: &Telling<'_>) -> Value {
    let meeting = &past.meeting;
    let mut info = conference_info(meeting, telling);
    let field = |name: &str| meeting.field(name).and_then(Value::as_i64);
    let recorded = field("/isAutoRecord") == Some(1) && matches!(field("/recordType"), Some(2 | 3));
    info["conferenceState"] = "Destroyed".into();
    info["startTime"] = show(utc(past.began())).into();
    info["endTime"] = show(utc(past.ended)).into();
    info["isHasRecordFile"] = recorded.into();
    info["onlineAttendeeAmount"] = 0.into();
    info
}

/// A meeting to come, or one that runs, as a `ConferenceInfo`.
pub(super) fn conference_info(meeting: &Meeting, telling: &Telling<'_>) -> Value {
    let id = meeting.id();
    let body = meeting.body();
    let start = meeting
        .sub_meetings
        .first()
        .map_or(meeting.schedule.start, |sub_meeting| sub_meeting.start);
    let attendees = attendees(meeting);
    let terminals = attendees.iter().filter(|one| is_terminal(one)).count();
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
    // The number people see of a room; calls of the API go by `conferenceID` all the same.
    let room = (body.get("vmrFlag") == Some(&json!(1))).then(|| format!("9{id}"));
    let mut info = json!({
        "conferenceID": id,
        "size": attendees.len(),
        "startTime": show(start),
        "endTime": end(start, body),
        "conferenceState": if started { "Created" } else { "Schedule" },
        "accessNumber": "+867552****1212",
        "passwordEntry": [
            {"conferenceRole": "chair", "password": meeting.chair_password},
            {"conferenceRole": "general", "password": meeting.guest_password},
        ],
        "userUUID": "ff80808167a20ef40167a2166aa60001",
        "scheduserName": telling.user,
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
        "vmrConferenceID": room,
        "partAttendeeInfo": part_attendees(attendees),
        "terminlCount": terminals,
        "normalCount": attendees.len() - terminals,
        "onlineAttendeeAmount": if started { attendees.len() } else { 0 },
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
        if telling.encryption {
            info.insert("encryptMode".to_owned(), meeting.encrypt_mode().into());
        }
        if started {
            info.insert("confUUID".to_owned(), meeting.uuid().into());
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

    const ALICE: &Telling<'_> = &Telling {
        user: "alice",
        encryption: false,
    };

    fn meeting(sent: &Value) -> Meeting {
        let schedule =
            Schedule::read(sent.as_object().unwrap(), Door::Conferences, NOW, 0).unwrap();
        Meeting::new("914087436", schedule, &mut Rng::with_seed(3))
    }

    #[test]
    fn a_series_tells_its_sub_meetings() {
        let sent = json!({"mediaTypes": "HDVideo", "startTime": "2026-01-06 08:00", "length": 90,
            "confConfigInfo": {"guestPwd": "123456", "callInRestriction": 2},
            "attendees": [{"name": "Bob", "email": "bob@corp.example"}],
            "cycleParams": {"startDate": "2026-01-06", "endDate": "2026-12-06", "cycle": "Day", "preRemindDays": 0}});
        let info = conference_info(&meeting(&sent), ALICE);
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
        let info = conference_info(&meeting(&json!({"mediaTypes": "Voice"})), ALICE);
        assert_eq!(info["confType"], "IMMEDIATELY");
        assert_eq!(info["conferenceState"], "Created");
        assert!(info.get("subConfs").is_none());
        assert!(info.get("cycleParams").is_none());
    }

    #[test]
    fn what_was_scheduled_comes_back() {
        let sent = json!({"mediaTypes": "HDVideo", "startTime": "2026-01-06 08:00", "length": 45, "subject": "Board",
            "language": "en-US", "timeZoneID": "27", "recordType": 3, "isAutoRecord": 1, "recordAuxStream": 1,
            "recordAuthType": 1, "liveAddress": "rtmp://a", "auxAddress": "rtmp://b", "vmrFlag": 1, "vmrID": "room",
            "concurrentParticipants": 9, "supportSimultaneousInterpretation": true, "encryptMode": 2,
            "confConfigInfo": {"isSendNotify": false, "isSendCalendar": false, "isSendSms": true, "isAutoMute": false,
                "isHardTerminalAutoMute": false, "isGuestFreePwd": true, "callInRestriction": 3,
                "allowGuestStartConf": false, "guestPwd": "4711", "vmrIDType": 0, "prolongLength": 10,
                "enableWaitingRoom": true, "isHostCameraOn": true, "isGuestCameraOn": true},
            "cycleParams": {"startDate": "2026-01-06", "endDate": "2026-01-20", "cycle": "Week", "interval": 1,
                "point": [2], "preRemindDays": 3}});
        let meeting = meeting(&sent);
        let info = conference_info(&meeting, ALICE);
        for (name, value) in sent.as_object().unwrap() {
            match name.as_str() {
                "length" => assert_eq!(info["endTime"], "2026-01-06 08:45"),
                "encryptMode" => assert_eq!(info.get(name), None),
                "confConfigInfo" | "cycleParams" => {
                    for (key, value) in value.as_object().unwrap() {
                        assert_eq!(&info[name][key], value, "{name}/{key}");
                    }
                }
                _ => assert_eq!(&info[name], value, "{name}"),
            }
        }
        assert_eq!(info["vmrConferenceID"], "9914087436");
        let lever = Telling {
            encryption: true,
            ..*ALICE
        };
        assert_eq!(conference_info(&meeting, &lever)["encryptMode"], 2);
    }

    #[test]
    fn only_what_ran_has_a_uuid() {
        let mut meeting = meeting(&json!({"mediaTypes": "Voice", "startTime": "2026-01-06 08:00"}));
        assert_eq!(conference_info(&meeting, ALICE).get("confUUID"), None);
        meeting.started = true;
        let uuid = meeting.uuid().to_owned();
        assert_eq!(conference_info(&meeting, ALICE)["confUUID"], uuid);
        let past = Past {
            meeting,
            ended: NOW,
        };
        let info = past_conference_info(&past, ALICE);
        assert_eq!(info["confUUID"], uuid);
        assert_eq!(info["conferenceState"], "Destroyed");
        // It ended before it was due, so it cannot have begun when it was due.
        assert_eq!(info["startTime"], "2026-01-05 16:30");
        assert_eq!(info["endTime"], info["startTime"]);
    }
}
