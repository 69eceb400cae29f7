//! What `check`, `policy explain` and `policy replay` say of operations that are passed on unread.

use std::fs;

use meeting_gateway::explain::document::{Document, ReadFrom};
use meeting_gateway::explain::{Asked, Explainer};
use meeting_gateway::model::change::Detail;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PEOPLE, gateway};
use crate::program::{run, told};
use crate::support::{CONFIGURATION, TestGateway};

/// A configuration that allows these, beside packs of the repository.
fn configured(allow: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gateway.yaml");
    let packs = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let text = CONFIGURATION.replace("directory: policies", &format!("directory: {packs}"));
    fs::write(&path, format!("{text}\noperations:\n  allow: [{allow}]\n")).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn check_says_what_each_can_be_used_for_and_passes() {
    let (_folder, path) = configured("create_webinar, show_device_types, search_users");
    let output = run(&["check", "--config", &path]);
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("note: operations.allow.0: `create_webinar` passes without schema and policy, and can get around the policy"), "{text}");
    assert!(
        text.contains("operations.allow.2: `search_users`"),
        "{text}"
    );
    assert!(!text.contains("show_device_types`"), "{text}");
    assert!(text.contains("2 notes"), "{text}");
    let json = run(&["check", "--config", &path, "--format", "json"]);
    let notes: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(notes[0]["severity"], "note");
}

#[test]
fn check_finds_names_that_are_none() {
    for (allow, expected) in [
        ("show_my_inf", "did you mean `show_my_info`?"),
        ("update_meeting", "`update_meeting` is governed already"),
        (
            "delete_token",
            "`delete_token` is answered by the gateway itself already",
        ),
        ("'*'", "name each operation"),
        ("show_my_info, show_my_info", "`show_my_info` is here twice"),
    ] {
        let (_folder, path) = configured(allow);
        let (code, text) = told(&run(&["check", "--config", &path]));
        assert_eq!(code, 1, "{allow}: {text}");
        assert!(text.contains(expected), "{allow}: {text}");
    }
}

async fn explained(gateway: &TestGateway, body: &'static str) -> Value {
    let explainer = Explainer::new(gateway.parts.live.current()).unwrap();
    let callers = explainer.snapshot().authenticator.callers();
    let mut asked = Asked::put(PEOPLE.parse().unwrap(), body.into(), callers[0].clone());
    asked.method = http::Method::POST;
    let explanation = explainer.explain(asked.clone()).await;
    let document = Document::of(
        &asked,
        ReadFrom::Json,
        &explanation,
        explainer.snapshot(),
        Detail::Exact,
    );
    serde_json::to_value(document).unwrap()
}

#[tokio::test]
async fn explain_says_that_it_is_relayed_or_why_not() {
    let body = r#"{"name": "Bob", "a": 1, "a": 2}"#;
    let passed = explained(&gateway(&["add_user"]), body).await;
    assert_eq!(passed["verdict"]["outcome"], "forwarded", "{passed:#}");
    let note = passed["notes"][0].as_str().unwrap();
    assert!(
        note.contains("relayed") && note.contains("neither schema nor policy"),
        "{note}"
    );
    let stages: Vec<_> = passed["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["stage"].clone())
        .collect();
    assert_eq!(
        stages,
        ["route", "decode", "strip", "inject", "forward"].map(Value::from)
    );
    let refused = explained(&TestGateway::new(), body).await;
    assert_eq!(refused["verdict"]["code"], "MGW.4040002");
    let message = refused["verdict"]["message"].as_str().unwrap();
    assert!(
        message.contains("operations: {allow: [add_user]}"),
        "{message}"
    );
}

#[test]
fn explain_and_replay_on_the_command_line() {
    let (folder, path) = configured("add_user");
    let saved = folder.path().join("saved.http");
    let request = format!(
        "POST {PEOPLE} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nx-access-token: {}\r\n\r\n[1,2]",
        crate::support::request::KEY
    );
    fs::write(&saved, request).unwrap();
    let saved = saved.to_str().unwrap();
    let (code, text) = told(&run(&["policy", "explain", saved, "--config", &path]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("The operation is relayed"), "{text}");

    let log = folder.path().join("log.jsonl");
    let line = json!({
        "schema": "meeting-gateway.audit/3", "time": "2026-09-01T00:00:00.000Z", "request_id": "1", "method": "POST", "path": PEOPLE,
        "operation": "add_user", "relayed": true, "caller": "scheduling-app", "outcome": "cut_off", "message": "x", "stage": "reply",
        "status": 200, "bytes_in": 1, "bytes_out": 1, "duration_us": 1, "snapshot": 1,
    });
    fs::write(&log, format!("{line}\n")).unwrap();
    let log = log.to_str().unwrap();
    let (code, text) = told(&run(&["policy", "replay", log, "--config", &path]));
    assert_eq!(code, 0, "{text}");
}
