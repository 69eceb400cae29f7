//! `policy explain` as a shell sees it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use regex::Regex;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::schema::Schema;
use crate::program::{program, told};

const CONFIGURATION: &str = "
upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: mark-token}}
callers:
  - id: scheduling-app
    api_keys: ['sha256:24bd326941de36c5ade7114683073daffbe589539ef3440d421b8c4fd0a2f903']
    upstream_user: {fixed: alice}
  - id: events
    api_keys: ['sha256:9b218eb442ac10758969c4599cd82a407d030b50990e081e615f7fe9ed846796']
    groups: [partners]
    upstream_user: {fixed: bob}
policy:
  directory: policies
  packs: [house, guests]
  modes: {house/subject: warn}
  exemptions: [{rules: [guests/few], groups: [partners], until: 2031-03-31, reason: partner summit}]
";
const HOUSE: &str = "\
pack: house
description: What our house wants.
rules:
  - id: one-hour
    message: Meetings last at most one hour.
    max_duration: {minutes: 60, over: clamp}
  - id: subject
    require: {field: /subject}
";
const GUESTS: &str = "\
pack: guests
rules:
  - id: few
    message: At most one guest.
    max_items: {field: /attendees, count: 1}
  - id: long-need-a-host
    when: body.length > 120
    require: {field: /subject}
";
const KEY: &str = "scheduling-key-not-a-secret";
const TARGET: &str = "/v1/mmc/management/cycleconferences?conferenceID=914087436";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("gateway.yaml", CONFIGURATION.to_owned()),
        ("policies/house/pack.yaml", HOUSE.to_owned()),
        ("policies/guests/pack.yaml", GUESTS.to_owned()),
        ("other/house/pack.yaml", HOUSE.replace("60", "30")),
        ("one.curl", curl(KEY, &body(1))),
        ("two.curl", curl(KEY, &body(2))),
        ("nobody.curl", curl("a-key-of-nobody", &body(1))),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn body(guests: usize) -> Value {
    let guest = |number: usize| json!({"name": format!("mark-guest-{number}"), "role": 0});
    let cycle = json!({"startDate": "2031-03-04", "endDate": "2031-03-05", "cycle": "Day", "preRemindDays": 1});
    json!({
        "mediaTypes": "HDVideo",
        "length": "90",
        "attendees": (0..guests).map(guest).collect::<Vec<_>>(),
        "cycleParams": cycle,
    })
}

fn curl(key: &str, body: &Value) -> String {
    format!(
        "curl -X PUT 'https://gateway.example{TARGET}&userUUID=mark-user' -H 'Content-Type: application/json' -H 'X-Access-Token: {key}' -d '{body}'\n"
    )
}

fn explain(folder: &Path, arguments: &[&str]) -> Output {
    program()
        .current_dir(folder)
        .args(["policy", "explain", "--config", "gateway.yaml"])
        .args(["--at", "2031-03-01T09:00:00Z"])
        .args(arguments)
        .output()
        .unwrap()
}

fn document(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = explain(folder, &[arguments, &["--format", "json"]].concat());
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{:?}", told(&output)));
    assert_eq!(Schema::new().faults(&document), Vec::<String>::new());
    (output.status.code().unwrap(), document)
}

/// A story without the times that it took and digests, which hang on a folder's name.
fn story(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, text) = told(&explain(folder, arguments));
    let times = Regex::new(r" +\d+ µs").unwrap();
    let digests = Regex::new(r"[0-9a-f]{16}").unwrap();
    let text = times.replace_all(&text, " … µs");
    (code, digests.replace_all(&text, "…").into_owned())
}

#[test]
fn what_passes_is_told_to_the_bytes_that_would_go_upstream() {
    let folder = folder();
    let (code, text) = story(folder.path(), &["one.curl"]);
    assert_eq!(code, 0, "{text}");
    insta::assert_snapshot!("explained_to_the_upstream", text);
}

#[test]
fn what_is_refused_is_told_to_what_would_have_passed() {
    let folder = folder();
    let (code, text) = story(folder.path(), &["two.curl", "--mask"]);
    assert_eq!(code, 1, "{text}");
    insta::assert_snapshot!("explained_to_a_refusal", text);
}

#[test]
fn time_and_caller_decide() {
    let folder = folder();
    let outcome = |more: &[&str]| {
        let (code, document) = document(folder.path(), &[&["two.curl"], more].concat());
        let stages = document["stages"].as_array().unwrap();
        let rules = stages.iter().find_map(|stage| stage["rules"].as_array());
        let rule = rules
            .unwrap()
            .iter()
            .find(|rule| rule["rule"] == "guests/few");
        let rule = rule.unwrap();
        let told = format!(
            "{} {}",
            rule["outcome"].as_str().unwrap(),
            rule["mode"].as_str().unwrap()
        );
        (code, told, document)
    };
    let (code, told, document) = outcome(&[]);
    assert_eq!((code, &*told), (1, "denied enforce"));
    assert_eq!(document["request"]["time"], "2031-03-01T09:00:00Z");
    let (code, told, document) = outcome(&["--caller", "events"]);
    assert_eq!((code, &*told), (0, "exempt audit"));
    let exemption = document["receipt"]["findings"].as_array().unwrap().iter();
    let exemption = exemption.filter_map(|finding| finding["exemption"].as_str());
    assert!(
        exemption
            .into_iter()
            .any(|text| text.contains("partner summit"))
    );
    // The last `--at` of a command line would be one too many.
    let later = program()
        .current_dir(folder.path())
        .args([
            "policy",
            "explain",
            "--config",
            "gateway.yaml",
            "--caller",
            "events",
            "two.curl",
        ])
        .args(["--at", "2031-04-01T00:00:00Z"])
        .output()
        .unwrap();
    assert_eq!(later.status.code(), Some(1));
}

#[test]
fn other_packs_can_be_tried() {
    let folder = folder();
    let (code, alone) = document(folder.path(), &["two.curl", "--packs", "house"]);
    assert_eq!(
        (code, &alone["forwarded"]["body"]["length"]),
        (0, &json!(60))
    );
    assert_eq!(alone["policy"]["packs"].as_array().unwrap().len(), 1);
    let others = ["one.curl", "--packs", "house", "--policies", "other"];
    let (code, document) = document(folder.path(), &others);
    assert_eq!(
        (code, &document["forwarded"]["body"]["length"]),
        (0, &json!(30))
    );
    assert_ne!(document["policy"]["digest"], alone["policy"]["digest"]);
    let (code, text) = told(&explain(folder.path(), &["one.curl", "--packs", "hose"]));
    assert_eq!(code, 2);
    assert!(
        text.contains("there is no pack `hose`") && text.contains("did you mean `house`?"),
        "{text}"
    );
}

#[test]
fn it_is_read_from_standard_input_too() {
    let folder = folder();
    let mut process = program()
        .current_dir(folder.path())
        .args([
            "policy",
            "explain",
            "--config",
            "gateway.yaml",
            "--format",
            "json",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(curl(KEY, &body(0)).as_bytes()).unwrap();
    drop(stdin);
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output
            .stdout
            .starts_with(b"{\n  \"schema\": \"meeting-gateway.explain/1\"")
    );
}

#[test]
fn an_entry_of_a_har_is_chosen_by_its_number() {
    let folder = folder();
    let entry = |guests: usize| {
        json!({"startedDateTime": "2031-02-01T00:00:00Z", "request": {
            "method": "PUT", "url": format!("https://gateway.example{TARGET}"), "headers": [
                {"name": "content-type", "value": "application/json"}, {"name": "x-api-key", "value": KEY}],
            "postData": {"mimeType": "application/json", "text": body(guests).to_string()},
        }})
    };
    let har = json!({"log": {"entries": [entry(1), entry(2)]}});
    fs::write(folder.path().join("saved.har"), har.to_string()).unwrap();
    for (entry, code) in [("1", 0), ("2", 1)] {
        assert_eq!(
            document(folder.path(), &["saved.har", "--entry", entry]).0,
            code
        );
    }
    let (code, text) = told(&explain(folder.path(), &["saved.har"]));
    assert_eq!(code, 2);
    assert!(text.contains("choose one with `--entry N`"), "{text}");
}

#[test]
fn what_cannot_be_explained_is_said_so_and_keeps_credentials() {
    let folder = folder();
    let slip = curl(KEY, &body(1)).replace("-X", "--slient -X");
    fs::write(folder.path().join("slip.curl"), slip).unwrap();
    let cases: [(&[&str], &str); 6] = [
        (
            &["nobody.curl"],
            "it is not said whose request it is; name one with --caller: scheduling-app, events",
        ),
        (
            &["one.curl", "--caller", "event"],
            "there is no caller `event` (did you mean `events`?); name one with --caller: scheduling-app, events",
        ),
        (&["nowhere.curl"], "cannot read nowhere.curl: "),
        (&["slip.curl"], "slip.curl:1:"),
        (&["one.curl", "--at", "noon"], "`at` is no time such as"),
        (&["gateway.yaml"], "it is no request that can be read"),
    ];
    for (arguments, expected) in cases {
        let output = program()
            .current_dir(folder.path())
            .args(["policy", "explain", "--config", "gateway.yaml"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.stdout.is_empty());
        let (code, text) = told(&output);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
        for mark in [KEY, "a-key-of-nobody", "mark-"] {
            assert!(!text.contains(mark), "{text}");
        }
    }
}

#[test]
fn no_output_has_a_credential_and_a_masked_one_no_person() {
    let folder = folder();
    for format in ["text", "json"] {
        for (mask, shown) in [(&[][..], true), (&["--mask"], false)] {
            let output = explain(
                folder.path(),
                &[&["one.curl", "--format", format], mask].concat(),
            );
            let (_, text) = told(&output);
            assert!(
                !text.contains(KEY) && !text.contains("mark-token"),
                "{text}"
            );
            assert_eq!(text.contains("mark-guest"), shown, "{text}");
            assert_eq!(text.contains("mark-user"), shown, "{text}");
        }
    }
}
