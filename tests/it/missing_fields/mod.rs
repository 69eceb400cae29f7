//! What becomes of an update that leaves settings out: forwarded, told of, refused, or filled in with what the meeting has.

mod elsewhere;
mod merged;
mod odd_upstreams;
mod properties;
mod races;
mod told;
mod unreadable;

use std::fs;

use http::Method;
use meeting_gateway::simulator::Seen;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::request::{Asking, FRONT_DESK_KEY, KEY, Reply};
use crate::support::{CONFIGURATION, TestGateway};

const CONFERENCES: &str = "/v1/mmc/management/conferences";
const SERIES: &str = "/v1/mmc/management/cycleconferences";
const SUB_MEETING: &str = "/v1/mmc/management/conferences/cyclesubconf";
const DETAIL: &str = "/v1/mmc/management/conferences/confDetail";

/// A gateway under one pack, whose folder lives as long.
pub(crate) struct Gateway {
    gateway: TestGateway,
    _folder: TempDir,
}

impl std::ops::Deref for Gateway {
    type Target = TestGateway;

    fn deref(&self) -> &TestGateway {
        &self.gateway
    }
}

/// The configuration under a pack that says this of missing fields, and has these rules.
fn configured(wanted: &str, rules: &str) -> (String, String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("house")).unwrap();
    let pack = format!("pack: house\nmissing_fields: {wanted}\nrules:\n{rules}\n");
    fs::write(folder.path().join("house/pack.yaml"), pack).unwrap();
    let (before, rest) = CONFIGURATION.split_once("policy:").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let text = format!("{before}policy: {{directory: policies, packs: [house]}}\n\n{after}");
    let directory = folder.path().display().to_string();
    (text, directory, folder)
}

pub(crate) fn gateway(wanted: &str, rules: &str) -> Gateway {
    let (text, directory, folder) = configured(wanted, rules);
    Gateway {
        gateway: TestGateway::of_text(&text, &[("policy.directory", &directory)]),
        _folder: folder,
    }
}

/// A rule that has nothing to do here: a pack has at least one.
pub(crate) const IDLE: &str = "  - {id: idle, mode: audit, forbid: {field: /groupuri}}";

fn merging() -> Gateway {
    gateway("merge", IDLE)
}

/// A meeting with many settings.
fn planned() -> Value {
    json!({
        "startTime": "2026-09-10 08:30", "length": 90, "subject": "Board", "mediaTypes": "HDVideo",
        "language": "en-US", "timeZoneID": "26", "recordType": 2, "isAutoRecord": 1, "recordAuthType": 1,
        "concurrentParticipants": 12, "supportSimultaneousInterpretation": true, "encryptMode": 1,
        "attendees": [{"name": "Ann", "accountId": "ann@ent01", "appId": "a", "email": "ann@corp.example", "role": 1},
            {"name": "Bob", "phone": "+8613812345678", "type": "mobile", "isMute": 1}],
        "confConfigInfo": {"isSendNotify": false, "isAutoMute": false, "callInRestriction": 2, "guestPwd": "482913",
            "prolongLength": 15, "enableWaitingRoom": true, "allowGuestStartConf": false},
    })
}

fn series() -> Value {
    let mut body = planned();
    body["cycleParams"] = json!({"startDate": "2026-09-10", "endDate": "2026-09-30", "cycle": "Week",
        "interval": 1, "point": [1, 4], "preRemindDays": 3});
    body
}

/// A meeting made through the gateway, and its id.
async fn made(gateway: &TestGateway, path: &str, body: &Value) -> String {
    let asking = Asking::with_key(Method::POST, path, FRONT_DESK_KEY);
    let reply = gateway.send(asking.json(body)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let id = reply.json()[0]["conferenceID"].as_str().unwrap().to_owned();
    gateway.simulator.take_seen();
    id
}

/// A change of a meeting by the caller of this key.
fn asking(path: &str, id: &str, key: &str) -> Asking {
    Asking::with_key(Method::PUT, &format!("{path}?conferenceID={id}"), key)
}

/// A change of a meeting by a caller that sees neither secrets nor personal data.
async fn changed(gateway: &TestGateway, path: &str, id: &str, body: &Value) -> Reply {
    gateway.send(asking(path, id, KEY).json(body)).await
}

/// The changes that reached the upstream.
fn writes(gateway: &TestGateway) -> Vec<Seen> {
    let seen = gateway.operations_seen().into_iter();
    seen.filter(|seen| seen.method != Method::GET).collect()
}

/// The readings of meetings that reached the upstream.
fn readings(gateway: &TestGateway) -> Vec<Seen> {
    let seen = gateway.operations_seen().into_iter();
    seen.filter(|seen| seen.path == DETAIL).collect()
}

/// The settings of a meeting, as the upstream holds them.
fn held(gateway: &TestGateway, id: &str) -> Value {
    Value::Object(gateway.simulator.meeting(id).unwrap().body().clone())
}

/// The pointers of the findings about what is left out, in the last audit line.
fn missing(line: &Value) -> Vec<String> {
    let findings = line["receipt"]["findings"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let ours = findings
        .iter()
        .filter(|finding| finding["keyword"] == "missing_fields");
    ours.map(|finding| finding["pointer"].as_str().unwrap().to_owned())
        .collect()
}
