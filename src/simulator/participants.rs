//! The people of a meeting, in the four shapes the service has for them.
//!
//! All of them come from the attendees as they were scheduled: nobody joins a simulated meeting by himself.
//!
//! | where | shape |
//! |---|---|
//! | `partAttendeeInfo` of a `ConferenceInfo` | `PartAttendee`: the first 20 people and the first 20 terminals |
//! | `data` of the three details | `ParticipantInfo`: all of them, by pages |
//! | `online/conf-attendee` | `OnlineAttendeeRecordInfo`: snake case |
//! | `history/confAttendeeRecord` | `ConfAttendeeRecordInfo` |
//!
//! `ParticipantInfo` has no `phone` and no `isMute`: the number is its `participantID`.

use serde_json::{Value, json};

use super::meeting::Meeting;

/// How many people, and how many terminals, a `ConferenceInfo` tells of.
const MOST_PART: usize = 20;

/// The fields of `ParticipantInfo` that are named as they were scheduled.
const PARTICIPANT: [&str; 12] = [
    "name",
    "role",
    "address",
    "accountId",
    "phone2",
    "phone3",
    "email",
    "sms",
    "deptName",
    "userUUID",
    "appId",
    "isAutoInvite",
];

/// The attendees of a meeting, as they were scheduled.
pub(super) fn attendees(meeting: &Meeting) -> &[Value] {
    let attendees = meeting.body().get("attendees").and_then(Value::as_array);
    attendees.map_or(&[], Vec::as_slice)
}

/// Whether an attendee is a terminal in a room and not a person.
pub(super) fn is_terminal(attendee: &Value) -> bool {
    let kind = attendee.get("type").and_then(Value::as_str);
    matches!(kind, Some("terminal" | "ideahub" | "board" | "hwvision"))
}

/// The first people and terminals as `PartAttendee`, in their order.
pub(super) fn part_attendees(attendees: &[Value]) -> Vec<Value> {
    const FIELDS: [&str; 7] = [
        "name", "phone", "phone2", "phone3", "type", "role", "isMute",
    ];
    let mut left = [MOST_PART; 2];
    let mut told = |attendee: &&Value| {
        let [people, terminals] = &mut left;
        let left = if is_terminal(attendee) {
            terminals
        } else {
            people
        };
        let room = *left > 0;
        *left = left.saturating_sub(1);
        room
    };
    let first = attendees.iter().filter(|attendee| told(attendee));
    first.map(|attendee| picked(attendee, &FIELDS)).collect()
}

/// An attendee as `ParticipantInfo`.
pub(super) fn participant_info(attendee: &Value) -> Value {
    let mut info = picked(attendee, &PARTICIPANT);
    info["state"] = "MEETTING".into(); // the service's spelling, and the only value it has
    info["attendeeType"] = kind(attendee);
    for number in ["participantID", "subscriberID"] {
        if let Some(phone) = attendee.get("phone") {
            info[number] = phone.clone();
        }
    }
    info
}

/// An attendee as `OnlineAttendeeRecordInfo`.
pub(super) fn online_attendee(attendee: &Value) -> Value {
    let field = |name: &str| attendee.get(name).cloned();
    json!({
        "participant_id": number(attendee),
        "name": field("name"),
        "call_number": number(attendee),
        "role": field("role"),
        "third_account": field("accountId"),
        "account": field("accountId"),
        "user_id": field("userUUID"),
    })
}

/// An attendee as `ConfAttendeeRecordInfo`: there from the first to the last millisecond.
pub(super) fn attendance_record(attendee: &Value, media: &Value, joined: i64, left: i64) -> Value {
    json!({
        "displayName": attendee.get("name"),
        "callNumber": number(attendee),
        "deviceType": kind(attendee),
        "joinTime": joined,
        "leftTime": left,
        "mediaType": media,
        "deptName": attendee.get("deptName"),
    })
}

/// The texts that `searchKey` is compared with.
pub(super) fn searched(attendee: &Value) -> [Option<&str>; 3] {
    ["name", "phone", "accountId"].map(|name| attendee.get(name).and_then(Value::as_str))
}

fn kind(attendee: &Value) -> Value {
    attendee.get("type").cloned().unwrap_or("normal".into())
}

/// What the attendee is called by: his number or, without one, his account.
fn number(attendee: &Value) -> Value {
    let number = attendee.get("phone").or_else(|| attendee.get("accountId"));
    number.cloned().unwrap_or_default()
}

fn picked(attendee: &Value, fields: &[&str]) -> Value {
    let pair = |name: &&str| Some(((*name).to_owned(), attendee.get(*name)?.clone()));
    Value::Object(fields.iter().filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bob() -> Value {
        json!({"name": "Bob", "accountId": "bob", "appId": "a", "userUUID": "u", "email": "b@corp.example", "sms": "1",
            "phone": "+1", "phone2": "+2", "phone3": "+3", "deptName": "D", "deptUUID": "x", "role": 1, "isMute": 1,
            "isAutoInvite": 0, "type": "mobile", "address": "Room", "uniqueType": 0})
    }

    #[test]
    fn each_shape_has_its_own_fields() {
        let part = json!({"name": "Bob", "phone": "+1", "phone2": "+2", "phone3": "+3", "type": "mobile", "role": 1,
            "isMute": 1});
        let participant = json!({"participantID": "+1", "subscriberID": "+1", "name": "Bob", "role": 1,
            "address": "Room", "accountId": "bob", "phone2": "+2", "phone3": "+3", "email": "b@corp.example", "sms": "1",
            "deptName": "D", "userUUID": "u", "appId": "a", "isAutoInvite": 0, "state": "MEETTING",
            "attendeeType": "mobile"});
        let online = json!({"participant_id": "+1", "name": "Bob", "call_number": "+1", "role": 1,
            "third_account": "bob", "account": "bob", "user_id": "u"});
        let record = json!({"displayName": "Bob", "callNumber": "+1", "deviceType": "mobile", "joinTime": 1,
            "leftTime": 2, "mediaType": "Voice", "deptName": "D"});
        for (name, told, expected) in [
            ("part", part_attendees(&[bob()]).remove(0), part),
            ("participant", participant_info(&bob()), participant),
            ("online", online_attendee(&bob()), online),
            (
                "record",
                attendance_record(&bob(), &json!("Voice"), 1, 2),
                record,
            ),
        ] {
            assert_eq!(told, expected, "{name}");
        }
    }

    #[test]
    fn people_and_terminals_are_counted_apart() {
        let mut all = vec![json!({"name": "person"}); 25];
        all.extend(vec![json!({"name": "room", "type": "terminal"}); 22]);
        all.push(json!({"name": "late"}));
        let told = part_attendees(&all);
        assert_eq!(told.len(), 40);
        assert!(told.iter().all(|one| one["name"] != "late"));
        assert_eq!(told[20]["name"], "room");
    }
}
