//! What is explained is what happens: the same bytes upstream, or the same refusal.

use std::cell::Cell;

use meeting_gateway::model::change::Detail;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use super::schema::Schema;
use super::{asked, document, explainer};
use crate::properties::body;
use crate::support::TestGateway;
use crate::support::request::{Asking, Reply};

const CASES: u32 = 400;
/// Headers that are not the request's own: they belong to a connection or a try.
const OF_A_TRY: [&str; 5] = [
    "x-access-token",
    "x-request-id",
    "traceparent",
    "host",
    "content-length",
];

fn refused_alike(reply: &Reply, told: &Value) -> Result<(), TestCaseError> {
    let (said, verdict) = (reply.json(), &told["verdict"]);
    prop_assert_eq!(&verdict["status"], &json!(reply.status.as_u16()));
    prop_assert_eq!(&verdict["code"], &said["error_code"]);
    prop_assert_eq!(&verdict["message"], &said["error_msg"]);
    let findings = told["receipt"]["findings"].as_array();
    let refusing = findings.into_iter().flatten();
    let refusing: Vec<_> = refusing.filter(|one| one["mode"] == "enforce").collect();
    let errors = said["errors"].as_array();
    prop_assert_eq!(refusing, errors.into_iter().flatten().collect::<Vec<_>>());
    prop_assert!(told.get("forwarded").is_none());
    Ok(())
}

#[test]
fn what_is_explained_is_what_happens() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (gateway, schema) = (TestGateway::new(), Schema::new());
    let explainer = explainer(&gateway);
    let (passed, refused) = (Cell::new(0), Cell::new(0));
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&body(), |body| {
        gateway.simulator.take_seen();
        let reply = runtime.block_on(gateway.send(Asking::update().json(&body)));
        let seen = gateway.operations_seen();
        let asked = asked(&explainer, body.to_string().into());
        let masked = runtime.block_on(document(&explainer, &asked, Detail::Masked));
        prop_assert_eq!(schema.faults(&masked), Vec::<String>::new(), "{:#}", masked);
        let told = runtime.block_on(document(&explainer, &asked, Detail::Exact));
        prop_assert_eq!(schema.faults(&told), Vec::<String>::new(), "{:#}", told);
        prop_assert_eq!(&told["request"]["body"], &body);
        let Some(seen) = seen.first() else {
            refused.set(refused.get() + 1);
            return refused_alike(&reply, &told);
        };
        passed.set(passed.get() + 1);
        let sent = &told["forwarded"];
        prop_assert_eq!(&told["verdict"]["outcome"], "forwarded");
        let bytes = sent["body"].to_string();
        prop_assert_eq!(bytes.as_bytes(), &seen.body[..]);
        prop_assert_eq!(&sent["method"], seen.method.as_str());
        prop_assert_eq!(&sent["target"], &format!("{}?{}", seen.path, seen.query));
        for (name, value) in &seen.headers {
            if !OF_A_TRY.contains(&name.as_str()) {
                prop_assert_eq!(&sent["headers"][name.as_str()], value.to_str().unwrap());
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    let enough = CASES as usize / 20;
    assert!(passed.get() > enough && refused.get() > enough);
}

#[tokio::test]
async fn the_audit_line_and_the_quotas_know_nothing_of_it() {
    let gateway =
        TestGateway::with_quotas("[{name: caller, per: caller, requests: 2, window: 60s}]");
    let explainer = explainer(&gateway);
    let asked = asked(&explainer, b"{}".to_vec());
    for _ in 0..3 {
        let told = document(&explainer, &asked, Detail::Exact).await;
        assert_eq!(told["verdict"]["code"], "MGW.4000004");
    }
    assert!(gateway.audit().is_empty());
    assert!(gateway.spans().is_empty() && gateway.operations_seen().is_empty());
    let reply = gateway.send(Asking::update().body("{}")).await;
    assert_eq!(reply.header("ratelimit").split(';').nth(1), Some("r=1"));
}
