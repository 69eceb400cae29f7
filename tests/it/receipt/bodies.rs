//! Bodies that give a patch something to do: those of the other properties, and in them what is unknown, oddly named, in the
//! wrong place, or too much.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::properties;

/// Names that nobody knows: escaped in pointers, escaped in JSON, long, empty, like an index.
fn name() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &[
        "a/b",
        "~",
        "~1",
        "m~n/o",
        "/",
        "",
        "0",
        "-",
        "quote\"back\\slash",
        "line\nbreak",
        "会议",
        "e\u{301}\u{1f600}",
    ];
    let long = vec![
        "x".repeat(65),
        "会".repeat(100),
        format!("{}/y", "x".repeat(63)),
        format!("{}~~{}", "x".repeat(62), "/".repeat(40)),
    ];
    prop_oneof![6 => select(NAMES).prop_map(str::to_owned), 1 => select(long)]
}

/// A member more: where, under which name, and what.
fn addition() -> impl Strategy<Value = (&'static str, String, Value)> {
    const PLACES: &[&str] = &["", "/confConfigInfo", "/cycleParams", "/attendees/0"];
    let values = vec![
        json!(null),
        json!("a text"),
        json!(7),
        json!({"length": "60", "a/b": [1, {"~": 2}]}),
        json!([]),
        json!([[{"guestPwd": "1"}], "x"]),
    ];
    let unknown = (select(PLACES), name(), select(values));
    // Known and canonical only after some work, without effect, or sent in vain.
    let known = select(vec![
        ("/attendees/0", "phone2", json!(" 0086 13800 ")),
        ("/attendees/0", "userUUID", json!(" u ")),
        ("/attendees/0", "sms", json!("+86 13800")),
        ("/attendees/0", "isMute", json!("1")),
        ("/cycleParams", "interval", json!("2")),
        ("/cycleParams", "cycle_type", json!({"x": 1})),
        ("/cycleParams", "preRemindDays", json!("3")),
        ("/confConfigInfo", "inviteMode", json!(1)),
        ("", "description", json!("d".repeat(80))),
        ("", "isAutoRecord", json!("1")),
        ("", "recordAuxStream", json!(1.0)),
        ("", "auxAddress", json!(" rtmp://x ")),
        ("", "subject", json!(format!("  {} ", "s".repeat(90)))),
        ("", "attendees", json!(null)),
        ("", "confConfigInfo", json!(null)),
    ]);
    let known = known.prop_map(|(place, name, value)| (place, name.to_owned(), value));
    prop_oneof![3 => unknown, 2 => known]
}

/// More attendees than a list of changes shows.
fn crowd() -> impl Strategy<Value = Vec<Value>> {
    (65_usize..=100, any::<bool>()).prop_map(|(count, odd)| {
        let attendee = |index: usize| {
            let mut attendee =
                json!({"email": format!("a{index}@corp.example"), "sms": "+8613800"});
            if odd && index.is_multiple_of(2) {
                attendee["phone"] = json!("0086 13800");
                attendee["fax/1"] = json!(index);
            }
            attendee
        };
        (0..count).map(attendee).collect()
    })
}

/// A body.
pub(super) fn body() -> impl Strategy<Value = Value> {
    let parts = (
        properties::body(),
        prop::option::weighted(0.15, crowd()),
        vec(addition(), 0..5),
    );
    parts.prop_map(|(mut body, crowd, additions)| {
        if let Some(crowd) = crowd {
            body["attendees"] = crowd.into();
        }
        for (place, name, value) in additions {
            if let Some(Value::Object(members)) = body.pointer_mut(place) {
                members.insert(name, value);
            }
        }
        body
    })
}
