//! Bodies with a marker in each text, written by hand from the upstream's documentation; a test holds them to the contract's lists.

use serde_json::{Map, Value, json};

use super::mark::Markers;

/// What a place of a marker takes: letters and digits, digits only, a mail address.
const TEXT: &str = "@";
const DIGITS: &str = "@9";
const MAIL: &str = "@mail";

fn attendee() -> Value {
    json!({
        "userUUID": TEXT, "accountId": TEXT, "appId": TEXT, "name": TEXT, "role": 0, "phone": DIGITS, "phone2": DIGITS,
        "phone3": DIGITS, "email": MAIL, "sms": DIGITS, "isMute": 0, "isAutoInvite": 0, "type": "normal", "address": TEXT,
        "deptUUID": TEXT, "deptName": TEXT, "uniqueType": 0,
    })
}

fn meeting() -> Value {
    json!({
        "startTime": "2031-03-04 09:00", "length": 45, "subject": TEXT, "mediaTypes": "HDVideo", "groupuri": TEXT,
        "attendees": [attendee()], "isAutoRecord": 1, "encryptMode": 1, "language": "en-US", "timeZoneID": "57", "recordType": 2,
        "liveAddress": TEXT, "auxAddress": TEXT, "recordAuxStream": 1, "recordAuthType": 1, "vmrFlag": 0, "vmrID": TEXT,
        "concurrentParticipants": 0, "supportSimultaneousInterpretation": false, "confResType": 0,
        "confConfigInfo": {
            "isSendNotify": true, "isSendSms": true, "isSendCalendar": true, "isAutoMute": true, "isHardTerminalAutoMute": true,
            "isGuestFreePwd": false, "callInRestriction": 2, "allowGuestStartConf": false, "guestPwd": DIGITS, "vmrIDType": 0,
            "prolongLength": 0, "enableWaitingRoom": true, "isHostCameraOn": true, "isGuestCameraOn": true,
        },
    })
}

fn series() -> Value {
    let mut series = meeting();
    series["cycleParams"] = json!({
        "startDate": "2031-03-04", "endDate": "2031-03-05", "cycle": "Day", "interval": 1, "point": [1], "preRemindDays": 1,
    });
    series
}

fn sub_meeting() -> Value {
    json!({
        "cycleSubConfID": TEXT, "mediaTypes": "HDVideo", "startTime": "2031-03-04 09:00", "length": 45, "isAutoRecord": 0,
        "recordAuthType": 1, "description": TEXT,
        "confConfigInfo": {
            "callInRestriction": 2, "audienceCallInRestriction": 2, "allowGuestStartConf": false, "enableWaitingRoom": true,
            "showAudienceCountInfo": {"showAudienceMode": 0, "baseAudienceCount": 0, "multiple": 1.0},
        },
    })
}

/// The operations that have a body, each with its method and target.
pub(super) fn governed() -> [(&'static str, &'static str, &'static str, Value); 6] {
    [
        (
            "create_meeting",
            "POST",
            "/v1/mmc/management/conferences",
            meeting(),
        ),
        (
            "update_meeting",
            "PUT",
            "/v1/mmc/management/conferences?conferenceID=1",
            meeting(),
        ),
        (
            "create_recurring_meeting",
            "POST",
            "/v1/mmc/management/cycleconferences",
            series(),
        ),
        (
            "update_recurring_meeting",
            "PUT",
            "/v1/mmc/management/cycleconferences?conferenceID=1",
            series(),
        ),
        (
            "update_recurring_sub_meeting",
            "PUT",
            "/v1/mmc/management/conferences/cyclesubconf?conferenceID=1",
            sub_meeting(),
        ),
        (
            "cancel_recurring_sub_meeting",
            "DELETE",
            "/v1/mmc/management/conferences/cyclesubconf?conferenceID=1",
            json!({"cycleSubConfIDs": [TEXT]}),
        ),
    ]
}

/// How a body is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoilt {
    /// Not at all.
    Not,
    /// Each text is in an object.
    Objects,
    /// Each text is in a list.
    Lists,
    /// Each text is longer than any may be.
    Long,
    /// Each number and truth value is a text.
    Texts,
    /// Each name is written like another one.
    Names,
    /// Each object has a member more that nobody knows.
    Unknown,
}

impl Spoilt {
    pub(super) const ALL: [Self; 7] = [
        Self::Not,
        Self::Objects,
        Self::Lists,
        Self::Long,
        Self::Texts,
        Self::Names,
        Self::Unknown,
    ];

    /// Where the markers of such a body are.
    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::Not => "body",
            Self::Objects => "body with objects",
            Self::Lists => "body with lists",
            Self::Long => "body too long",
            Self::Texts => "body with texts",
            Self::Names => "body with other names",
            Self::Unknown => "body with more names",
        }
    }
}

/// A body with markers, whose places begin with `at`.
pub(super) fn marked(markers: &Markers, template: &Value, spoilt: Spoilt, at: &str) -> Value {
    let text = |value: String| match spoilt {
        Spoilt::Objects => json!({"value": value}),
        Spoilt::Lists => json!([value]),
        Spoilt::Long => json!(value + &"0".repeat(300)),
        _ => json!(value),
    };
    match template {
        Value::String(form) if form == TEXT => text(markers.text(at)),
        Value::String(form) if form == DIGITS => text(markers.digits(at)),
        Value::String(form) if form == MAIL => text(markers.text(at) + "@corp.example"),
        Value::Number(_) | Value::Bool(_) if spoilt == Spoilt::Texts => text(markers.text(at)),
        Value::Array(items) => items
            .iter()
            .map(|item| marked(markers, item, spoilt, at))
            .collect(),
        Value::Object(members) => {
            let inner = |(name, value): (&String, &Value)| {
                let value = marked(markers, value, spoilt, &format!("{at}/{name}"));
                let name = match spoilt {
                    Spoilt::Names => format!("{}_{}", &name[..1], &name[1..]),
                    _ => name.clone(),
                };
                (name, value)
            };
            let mut all: Map<String, Value> = members.iter().map(inner).collect();
            if spoilt == Spoilt::Unknown {
                let name = markers.text("name of a member");
                all.insert(name, markers.text(&format!("unknown member/{at}")).into());
            }
            Value::Object(all)
        }
        other => other.clone(),
    }
}

/// Every member that the contract knows in a body is in one of the bodies here.
#[test]
fn the_bodies_have_every_member_of_the_contract() {
    fn names(value: &Value, found: &mut std::collections::BTreeSet<String>) {
        if let Some(Value::Object(properties)) = value.get("properties") {
            found.extend(properties.keys().cloned());
        }
        match value {
            Value::Object(members) => members.values().for_each(|member| names(member, found)),
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            _ => {}
        }
    }
    let here = governed().map(|(.., body)| body.to_string()).concat();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/contract");
    let mut known = std::collections::BTreeSet::new();
    for file in [
        "scheduling-body",
        "series-body",
        "sub-meeting-body",
        "cancel-sub-meetings-body",
        "attendee",
        "conf-config-info",
        "sub-meeting-config-info",
        "cycle-params",
    ] {
        let text = std::fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
        names(&serde_json::from_str(&text).unwrap(), &mut known);
    }
    let missing: Vec<_> = known
        .iter()
        .filter(|name| !here.contains(&format!("\"{name}\":")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
