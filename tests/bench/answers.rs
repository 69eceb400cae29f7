//! What both benches measure of answers: lists of meetings as the upstream writes them, masked for a caller without any scope.

use bytes::Bytes;
use meeting_gateway::contract::Contract;
use meeting_gateway::contract::answer_check::Asked;
use meeting_gateway::model::document::Document;
use meeting_gateway::model::mask::{self, Part};
use meeting_gateway::model::sensitive::{self, Sensitivity};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::cases::{self, Body};

/// An answer with so many meetings.
pub(crate) fn meetings(count: usize) -> Bytes {
    let all: Vec<Value> = (0..count).map(meeting).collect();
    Value::Array(all).to_string().into()
}

fn meeting(index: usize) -> Value {
    json!({
        "conferenceID": (914_087_436 + index).to_string(),
        "subject": "Weekly",
        "size": 3,
        "mediaTypes": "Voice,HDVideo,Data",
        "startTime": "2026-09-01 09:00",
        "endTime": "2026-09-01 10:00",
        "conferenceState": "Schedule",
        "language": "en-US",
        "timeZoneID": "57",
        "accessNumber": "+990991234567",
        "passwordEntry": [
            {"conferenceRole": "chair", "password": "914087"},
            {"conferenceRole": "general", "password": "436914"}
        ],
        "userUUID": "ff8080816e2bd4ea016e2c4f21d50010",
        "scheduserName": "Ann",
        "conferenceType": 2,
        "confType": "FUTURE",
        "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-12-31", "cycle": "Week", "interval": 1, "point": [2]},
        "isAutoRecord": 0,
        "chairJoinUri": "https://meeting.example/#/j/914087436/a1b2c3d4",
        "guestJoinUri": "https://meeting.example/#/j/914087436/e5f6a7b8",
        "recordType": 0,
        "partAttendeeInfo": [
            {"phone": "+8613800000001", "name": "Ann", "type": "normal"},
            {"phone": "+8613800000002", "name": "Bob", "type": "normal"}
        ],
        "confConfigInfo": {"prolongLength": 0, "isGuestFreePwd": false, "callInRestriction": 3, "enableWaitingRoom": true},
        "vmrFlag": 0,
        "encryptMode": 1
    })
}

/// Masks all that is not public; gives how many values that were.
pub(crate) fn mask(answer: Bytes) -> (Bytes, usize) {
    mask::members(answer, |name, part| {
        let sensitivity = match part {
            Part::Whole => sensitive::of_member(name),
            Part::Listed => sensitive::of_listed(name),
        };
        sensitivity != Sensitivity::Public
    })
    .expect("JSON")
}

/// Reads it and does nothing with it: what masking is compared with.
pub(crate) fn skim(answer: &Bytes) {
    serde_json::from_slice::<IgnoredAny>(answer).expect("JSON");
}

/// A body, and the contract that knows what of it an answer can tell.
pub(crate) fn sent(body: Body) -> (Contract, Document) {
    let contract = Contract::builtin().expect("the contract is built in");
    (contract, cases::document(body))
}

/// What a body asks for, as far as an answer can tell.
pub(crate) fn asked_of(document: &Document, contract: &Contract) -> Option<Asked> {
    let operation = contract.operation("update_recurring_meeting");
    let body = operation.and_then(|operation| contract.body(operation));
    body.and_then(|body| Asked::of(document, body))
}

/// What a change asks for whose answer is one of [`meetings`], with nothing to find.
pub(crate) fn asked() -> Asked {
    let (contract, document) = sent(Body::Everything);
    let asked = asked_of(&document, &contract).expect("something is asked for");
    assert!(asked.findings(&meetings(1)).is_empty());
    asked
}
