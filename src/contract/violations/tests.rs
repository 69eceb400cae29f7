//! The words of the findings; every field and every condition are in the modules below.

use super::*;
use crate::contract::test_support::{contract, document, good};
use crate::model::json::json;

mod conditions;
mod fields;

fn body() -> &'static BodyContract {
    let operation = contract().operation("update_recurring_meeting").unwrap();
    contract().body(operation).unwrap()
}

fn findings(body_sent: Value) -> Vec<Finding> {
    body().violations(&mut document(body_sent), 100).0
}

/// The good body with one more value. `*` is the first item, `Week` the cycle where points need it.
fn with(pointer: &str, value: Value) -> Value {
    let mut sent = document(good());
    if pointer.starts_with("/cycleParams/point") {
        let week = json!({"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Week", "point": [1]});
        sent.0.insert("cycleParams".into(), week);
    }
    if pointer.starts_with("/attendees/") {
        sent.0.insert("attendees".into(), json!([{}]));
    }
    let path: Vec<Box<str>> = pointer::tokens(&pointer.replace('*', "0"))
        .unwrap()
        .into_iter()
        .map(String::into_boxed_str)
        .collect();
    match sent.get_mut(&path) {
        Some(there) => *there = value,
        None => {
            sent.put(&path, value).unwrap();
        }
    }
    Value::Object(sent.0)
}

fn thoroughly_wrong() -> Value {
    json!({
        "length": 5000,
        "subject": "x".repeat(200),
        "startTime": "tomorrow",
        "encryptMode": 7,
        "timeZoneID": 56,
        "attendees": [
            {"role": 0},
            {"phone": 4_915_112_345_678_u64, "email": "a@evil.example, b@corp.example", "role": "host"},
            "ann",
            {"uniqueType": 1, "type": "normal"}
        ],
        "confConfigInfo": {"guestPwd": "hunter2", "callInRestriction": 1, "isSendNotify": "false", "prolongLength": -1},
        "cycleParams": {"cycle": "Week", "interval": 20, "point": [7, "x"], "endDate": "2026-02-30", "startDate": null},
        "vmrFlag": 1,
        "recordType": null
    })
}

#[test]
fn a_thoroughly_wrong_body_is_told_in_plain_words() {
    let found = findings(thoroughly_wrong());
    let told: Vec<_> = found
        .iter()
        .map(|finding| {
            format!(
                "{} [{}] {}",
                finding.pointer, finding.keyword, finding.message
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    insta::assert_json_snapshot!("two_findings_as_json", &found[..2]);
    let all = format!("{found:?}");
    for secret in ["hunter2", "4915112345678", "evil.example"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[test]
fn findings_are_capped_and_the_document_comes_back_unchanged() {
    let sent = thoroughly_wrong();
    let mut given = document(sent.clone());
    let all = body().violations(&mut given, 100).0;
    let (first, omitted) = body().violations(&mut given, 3);
    assert_eq!(first, all[..3]);
    assert_eq!(omitted, all.len() - 3);
    assert_eq!(Value::Object(given.0), sent);
}

#[test]
fn a_list_that_is_too_long_is_reported_alone() {
    let mut sent = thoroughly_wrong();
    sent["attendees"] = vec![json!(1); 50_000].into();
    let found = findings(sent);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].message,
        "`attendees` must be a list of at most 10000 items."
    );
}
