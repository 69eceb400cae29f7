//! Control requests, the way a test in another language sends them.

use super::super::settings::{SEEDED_MEETING, Settings};
use super::*;
use crate::model::clock::SystemClock;

fn simulator() -> Simulator {
    Simulator::new(Settings::default(), SystemClock::shared())
}

fn ask(simulator: &Simulator, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
    let seen = Seen {
        method,
        path: format!("{PREFIX}{path}"),
        query: String::new(),
        headers: HeaderMap::new(),
        body: body.to_owned().into(),
    };
    let reply = answer(simulator, &seen);
    let body = serde_json::from_slice(reply.body().bytes()).unwrap();
    (reply.status(), body)
}

#[test]
fn every_fault_can_be_ordered() {
    let simulator = simulator();
    let orders = [
        r#"{"fault":"latency","milliseconds":500,"times":3,"on":"operations"}"#,
        r#"{"fault":"status","status":503,"code":"APIG.0613","retry_after":1,"on":"sign-in"}"#,
        r#"{"fault":"redirect","location":"http://127.0.0.1/","on":"everything"}"#,
        r#"{"fault":"oversized","bytes":1000000,"times":0}"#,
        r#"{"fault":"throttled"}"#,
        r#"{"fault":"bad_token"}"#,
        r#"{"fault":"reset"}"#,
        r#"{"fault":"lose_answer"}"#,
        r#"{"fault":"stall"}"#,
        r#"{"fault":"stall_body"}"#,
        r#"{"fault":"truncate"}"#,
        r#"{"fault":"bad_json"}"#,
        r#"{"fault":"garbage"}"#,
        r#"{"fault":"empty"}"#,
        r#"{"fault":"page"}"#,
        r#"{"fault":"echo_token"}"#,
        r#"{"fault":"gzip","on":"reads"}"#,
        r#"{"fault":"deflate","on":"writes"}"#,
        r#"{"fault":"coding","coding":"br"}"#,
        r#"{"fault":"bomb","bytes":1000000}"#,
        r#"{"fault":"lie","end_date":"2026-01-07"}"#,
        r#"{"fault":"lie","length":120}"#,
        r#"{"fault":"lie","encrypt_mode":2}"#,
        r#"{"fault":"meanwhile","meeting":"914087436","event":"started"}"#,
        r#"{"fault":"meanwhile","meeting":"914087436","event":"cancelled"}"#,
        r#"{"fault":"meanwhile","meeting":"914087436","event":"renamed","subject":"New"}"#,
    ];
    for (index, order) in orders.iter().enumerate() {
        let (status, told) = ask(&simulator, Method::POST, "faults", order);
        assert_eq!(
            (status, &told["faults_left"]),
            (StatusCode::OK, &json!(index + 1)),
            "{order}"
        );
    }
    ask(&simulator, Method::DELETE, "faults", "");
    assert_eq!(simulator.faults_left(), 0);
}

#[test]
fn mistakes_are_explained() {
    let simulator = simulator();
    for (order, part) in [
        (r#"{"fault":"sloth"}"#, "sloth"),
        (r#"{"fault":"latency"}"#, "milliseconds"),
        (r#"{"fault":"status","status":99}"#, "100 to 999"),
        (r#"{"fault":"reset","on":"monday"}"#, "monday"),
        (r#"{"fault":"reset","tiems":2}"#, "tiems"),
        (r#"{"fault":"coding"}"#, "coding"),
        (r#"{"fault":"lie","length":1,"encrypt_mode":1}"#, "one of"),
        (r#"{"fault":"meanwhile","event":"started"}"#, "meeting"),
        (
            r#"{"fault":"meanwhile","meeting":"1","event":"renamed"}"#,
            "subject",
        ),
        ("{", "EOF"),
    ] {
        let (status, told) = ask(&simulator, Method::POST, "faults", order);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{order}");
        assert!(told["error"].as_str().unwrap().contains(part), "{told}");
    }
    let (status, _) = ask(&simulator, Method::GET, "faults", "");
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[test]
fn meetings_are_seeded_and_started() {
    let simulator = simulator();
    let order = r#"{"conferenceID":"900000001","started":true}"#;
    ask(&simulator, Method::POST, "meetings", order);
    let (_, told) = ask(&simulator, Method::GET, "meetings", "");
    assert_eq!(told[0]["conferenceID"], "900000001");
    assert_eq!(told[0]["started"], true);
    assert_eq!(told[1]["conferenceID"], SEEDED_MEETING);
    assert_eq!(told[1]["started"], false);
    let order = r#"{"conferenceID":"900000001","ended":true}"#;
    ask(&simulator, Method::POST, "meetings", order);
    assert_eq!(simulator.past_meetings()[0].id(), "900000001");
    let (status, _) = ask(
        &simulator,
        Method::POST,
        "meetings",
        r#"{"conferenceID":""}"#,
    );
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
