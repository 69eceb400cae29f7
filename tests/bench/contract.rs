//! What the contract costs: reading a body, the strip, normalise and validate steps, and writing it. Of the documented example with
//! everything that is common, and of one with so many attendees that it has 64 KiB.

use std::sync::LazyLock;

use meeting_gateway::contract::normalise::{NormaliseSettings, normalise};
use meeting_gateway::contract::strict_json::{Limits, parse};
use meeting_gateway::contract::unknown_members::{UnknownMembers, strip};
use meeting_gateway::contract::{BodyContract, Contract};
use meeting_gateway::model::changes::Changes;
use meeting_gateway::model::document::Document;
use serde_json::{Value, json};

static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::builtin().expect("the built-in contract"));

/// The size of the body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Size {
    /// No attendees: 0.4 KB.
    Small,
    /// As many as fit in 64 KiB.
    Large,
}

fn body_contract() -> &'static BodyContract {
    let operation = CONTRACT.operation("update_recurring_meeting");
    let body = operation.and_then(|operation| CONTRACT.body(operation));
    body.expect("a body")
}

fn attendee(index: usize) -> Value {
    json!({
        "userUUID": format!("{index:032x}"),
        "name": format!("Attendee number {index}"),
        "role": i32::from(index == 0),
        "email": format!("person{index}@example.com"),
        "phone": format!("+8613{index:09}"),
        "isMute": 0,
        "type": "normal",
    })
}

/// The body of the comparison with other gateways, as a client writes it.
pub(crate) fn text(size: Size) -> String {
    // The contract is compiled before anything is measured.
    let _warm = body_contract();
    let mut body = json!({
        "mediaTypes": "HDVideo,Data",
        "subject": "Weekly platform sync",
        "startTime": "2026-09-01 08:30",
        "length": 180,
        "timeZoneID": "56",
        "language": "en-US",
        "encryptMode": 0,
        "recordType": 2,
        "isAutoRecord": 1,
        "cycleParams": {"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Week", "interval": 1, "point": [1, 3], "preRemindDays": 1},
        "confConfigInfo": {"isSendNotify": true, "allowGuestStartConf": true},
        "vmrFlag": 0,
    });
    if let Size::Large = size {
        let mut left = 64 * 1024 - body.to_string().len() - ",\"attendees\":[]".len();
        let attendees = (0..).map(attendee).take_while(|one| {
            let length = one.to_string().len() + 1;
            let fits = length <= left;
            left = left.saturating_sub(length);
            fits
        });
        body["attendees"] = attendees.collect();
    }
    body.to_string()
}

/// The document that it is.
pub(crate) fn document(size: Size) -> Document {
    // The allocator has given a block of every size before, as it has to a gateway that runs.
    written(decoded(&text(size))).1
}

/// From bytes to the document.
pub(crate) fn decoded(text: &str) -> Document {
    parse(text.as_bytes(), Limits::default()).expect("a document")
}

/// The look that spares a body in order the three steps below.
pub(crate) fn in_order(document: Document) -> Document {
    assert!(body_contract().is_in_order(&document));
    document
}

/// The strip step.
pub(crate) fn stripped(mut document: Document) -> Document {
    let shape = body_contract().shape();
    let mut changes = Changes::default();
    let found = strip(&mut document, shape, UnknownMembers::Strip, &mut changes);
    assert!(found.look_alikes.is_empty() && changes.is_empty());
    document
}

/// The normalise step.
pub(crate) fn normalised(mut document: Document) -> Document {
    let shape = body_contract().shape();
    let mut changes = Changes::default();
    normalise(
        &mut document,
        shape,
        NormaliseSettings::default(),
        &mut changes,
    );
    assert!(changes.is_empty());
    document
}

/// The validate step.
pub(crate) fn validated(mut document: Document) -> Document {
    let (findings, _) = body_contract().violations(&mut document, 32);
    assert!(findings.is_empty());
    document
}

/// The bytes that go upstream.
pub(crate) fn written(document: Document) -> (Vec<u8>, Document) {
    let bytes = document.to_json(64 * 1024);
    (bytes, document)
}
