//! The patch of a receipt, applied by somebody else's tool to what came in, gives what the upstream saw.

use std::cell::Cell;

use json_patch::Patch;
use meeting_gateway::contract::Contract;
use meeting_gateway::contract::masked::masked;
use meeting_gateway::model::change::{Change, Detail, mask_within};
use meeting_gateway::model::document::Document;
use meeting_gateway::model::json::{self, Object};
use meeting_gateway::model::pointer;
use meeting_gateway::model::stage::Stage;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use super::bodies::body;
use super::schemas::Schemas;
use crate::support::TestGateway;
use crate::support::request::{Asking, documented_with};

const CASES: u32 = 400;

fn patched(body: &Value, patch: &Value) -> Result<Value, String> {
    let patch: Patch = serde_json::from_value(patch.clone()).map_err(|error| error.to_string())?;
    let mut body = body.clone();
    json_patch::patch(&mut body, &patch).map_err(|error| error.to_string())?;
    Ok(body)
}

/// What came of one body.
struct Sent {
    body: Value,
    /// Nothing where it was refused.
    seen: Option<Value>,
    line: Value,
    /// The line's patch; empty where there is no receipt.
    patch: Value,
    omitted: bool,
}

/// Sends many bodies through a gateway and looks at each; every line fits the schema. Says how many the upstream saw.
fn each_sent(recording: &str, looks_right: impl Fn(&Sent) -> Result<(), TestCaseError>) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let gateway = TestGateway::with(&[("audit.request", recording)]);
    let schemas = Schemas::new();
    let passed = Cell::new(0);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&body(), |body| {
        gateway.simulator.take_seen();
        let reply = runtime.block_on(gateway.send(Asking::update().json(&body)));
        prop_assert!(!reply.status.is_server_error(), "{:?}", reply.said());
        let seen = gateway.operations_seen();
        prop_assert!(seen.len() < 2);
        let line = gateway.last_line();
        prop_assert_eq!(
            schemas.faults_of_line(&line),
            Vec::<String>::new(),
            "{}",
            line
        );
        let patch = line["receipt"].get("patch");
        let sent = Sent {
            body,
            seen: seen.first().map(|seen| seen.json().unwrap()),
            patch: patch.cloned().unwrap_or_else(|| json!([])),
            omitted: line["receipt"].get("omitted").is_some(),
            line,
        };
        passed.set(passed.get() + usize::from(sent.seen.is_some()));
        looks_right(&sent)
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    let enough = CASES as usize / 10;
    assert!(passed.get() > enough, "only {} passed", passed.get());
    passed.get()
}

fn members(body: &Value) -> Object {
    match json::Value::from(body.clone()) {
        json::Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn within_masked(value: Value) -> Value {
    mask_within(value.into()).into()
}

fn assert_gives(from: &Value, patch: &Value, expected: Option<Value>) -> Result<(), TestCaseError> {
    let result = patched(from, patch);
    prop_assert!(result.is_ok(), "{:?}: {} {}", result, from, patch);
    if let Some(expected) = expected {
        prop_assert_eq!(result.unwrap(), expected, "{}", patch);
    }
    Ok(())
}

#[test]
fn in_full_it_leads_from_what_came_in_to_what_the_upstream_saw() {
    each_sent("full", |sent| {
        prop_assert_eq!(&sent.line["request"]["body"], &sent.body);
        prop_assert_eq!(&sent.line["request"]["values"], "exact");
        prop_assert!(!sent.omitted);
        assert_gives(&sent.body, &sent.patch, sent.seen.clone())
    });
}

#[test]
fn masked_it_leads_from_the_masked_body_to_the_masked_one() {
    let contract = Contract::builtin().unwrap();
    let operation = contract.operation("update_recurring_meeting").unwrap();
    let shape = contract.body(operation).unwrap().shape();
    each_sent("masked", |sent| {
        let kept = &sent.line["request"]["body"];
        let sent_members = members(&sent.body);
        prop_assert_eq!(members(kept), masked(&sent_members, shape));
        prop_assert_eq!(&sent.line["request"]["values"], "masked");
        prop_assert!(!sent.omitted);
        assert_gives(kept, &sent.patch, sent.seen.clone().map(within_masked))
    });
}

#[test]
fn without_recording_it_does_or_says_that_it_is_not_whole() {
    let whole = Cell::new(0);
    let passed = each_sent("none", |sent| {
        prop_assert!(sent.line.get("request").is_none());
        if sent.omitted {
            return Ok(());
        }
        whole.set(whole.get() + usize::from(sent.seen.is_some()));
        let from = within_masked(sent.body.clone());
        assert_gives(&from, &sent.patch, sent.seen.clone().map(within_masked))
    });
    // Both happened, and most patches are whole.
    assert!(
        whole.get() > passed / 2 && whole.get() < passed,
        "{} of {passed}",
        whole.get()
    );
}

#[tokio::test]
async fn a_list_of_changes_ends_and_counts_the_rest() {
    let attendees: Vec<Value> = (0..70)
        .map(|_| json!({"accountId": "a", "sms": "+8613800"}))
        .collect();
    let crowd = documented_with(&json!({ "attendees": attendees }));
    let long = documented_with(&json!({"x".repeat(65): 1, "y".repeat(65): 1, "z": 1}));
    for (recording, body, listed, omitted) in [
        ("none", &crowd, 64, json!(6)),
        ("masked", &crowd, 70, json!(null)),
        ("full", &crowd, 70, json!(null)),
        ("none", &long, 3, json!(2)),
        ("masked", &long, 3, json!(null)),
    ] {
        let gateway = TestGateway::with(&[("audit.request", recording)]);
        assert_eq!(gateway.send(Asking::update().json(body)).await.status, 200);
        let line = gateway.only_line();
        let patch = line["receipt"]["patch"].as_array().unwrap();
        let removed = patch.iter().filter(|change| change["op"] == "remove");
        assert_eq!(removed.count(), listed, "{recording}");
        assert_eq!(line["receipt"]["omitted"], omitted, "{recording}");
    }
}

#[tokio::test]
async fn a_body_of_nothing_but_changes_leaves_a_line() {
    let members: Vec<String> = (0..100_000)
        .map(|index| format!(r#""{index:x}":1"#))
        .collect();
    let body = format!("{{{}}}", members.join(","));
    assert!(body.len() > 800_000 && body.len() < 1 << 20);
    let gateway = TestGateway::with(&[("audit.request", "full")]);
    let request = Asking::update().header("prefer", "return=receipt");
    let reply = gateway.send(request.body(body)).await;
    assert_eq!(reply.status, 400, "{:?}", reply.said());
    assert!(reply.body.len() < 70_000, "{}", reply.body.len());
    assert_eq!(reply.json()["receipt"]["patch"][0]["op"], "remove");
    let text = gateway.audit_text();
    assert!(text.len() < 4 << 20, "{}", text.len());
    let line = gateway.only_line();
    assert_eq!(line["receipt"]["patch"].as_array().unwrap().len(), 10_000);
    assert_eq!(line["receipt"]["omitted"], 90_000);
}

/// Small documents with everything that a path can meet.
fn value() -> impl Strategy<Value = Value> {
    let leaf = select(vec![
        json!(null),
        json!(1),
        json!("x"),
        json!({}),
        json!([]),
    ]);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let members = vec((name(), inner.clone()), 0..3);
        prop_oneof![
            2 => members.prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => vec(inner, 0..3).prop_map(Value::Array),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    select(vec!["a", "b/c", "~d", "0", "1"]).prop_map(str::to_owned)
}

/// Whatever a rule puts wherever, also where the contract of today has nothing nested.
#[test]
fn whatever_is_put_or_taken_out_is_one_operation() {
    let config = Config {
        cases: 3000,
        failure_persistence: None,
        ..Config::default()
    };
    let cases = (vec((name(), value()), 0..4), vec(name(), 1..5), value());
    let done = [const { Cell::new(0) }; 4];
    let count = |kind: usize| done[kind].set(done[kind].get() + 1);
    let result = TestRunner::new(config).run(&cases, |(members, tokens, new)| {
        let body = Value::Object(members.into_iter().collect());
        let before = Document(self::members(&body));
        let new = json::Value::from(new);
        let path: Vec<Box<str>> = tokens.into_iter().map(String::into_boxed_str).collect();
        let change_at = |place: &[Box<str>], was, value| {
            let mut at = String::new();
            for token in place {
                pointer::push(&mut at, token);
            }
            let change = Change::in_body(Stage::Decide, at, was, value, "x");
            serde_json::to_value([change.shown(Detail::Exact)]).unwrap()
        };

        let mut after = before.clone();
        match after.put(&path, new.clone()) {
            Ok(put) => {
                prop_assert_eq!(after.get(&path), Some(&new));
                let place = &path[..put.depth];
                prop_assert_eq!(put.was.as_ref(), before.get(place));
                count(usize::from(put.depth < path.len()));
                let patch = change_at(place, put.was, after.get(place).cloned());
                assert_gives(&body, &patch, Some((&after.0).into()))?;
            }
            Err(given_back) => {
                count(2);
                prop_assert_eq!((&given_back, &after), (&new, &before));
            }
        }

        let mut after = before.clone();
        if let Some(was) = after.remove(&path) {
            count(3);
            let patch = change_at(&path, Some(was), None);
            assert_gives(&body, &patch, Some((&after.0).into()))?;
        } else {
            prop_assert_eq!(&after, &before);
        }
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    let done = done.map(|count| count.get());
    assert!(done.iter().all(|count| *count > 100), "{done:?}");
}
