//! What does not pass: the status and code, where on the path it ended, and that the upstream was never asked. One file for each
//! part of the path that refuses.

mod admit;
mod decode;
mod enforce;

use http::Request;
use serde_json::json;

use crate::support::TestGateway;
use crate::support::request::{Asking, TestBody, documented};

/// A request that must not pass, and what becomes of it.
pub(super) struct Case {
    name: &'static str,
    request: Request<TestBody>,
    status: u16,
    code: &'static str,
    stage: &'static str,
}

pub(super) fn case(
    name: &'static str,
    request: Request<TestBody>,
    (status, code, stage): (u16, &'static str, &'static str),
) -> Case {
    Case {
        name,
        request,
        status,
        code,
        stage,
    }
}

pub(super) async fn check(gateway: TestGateway, cases: impl IntoIterator<Item = Case>) {
    for case in cases {
        let before = gateway.audit().len();
        let reply = gateway.send(case.request).await;
        let name = case.name;
        assert_eq!(
            reply.said(),
            (case.status, case.code.to_owned()),
            "{name}: {reply:?}"
        );
        assert_eq!(reply.header("x-gateway-error-source"), "gateway", "{name}");
        let id = reply.header("x-request-id");
        assert_eq!(reply.json()["request_id"], id, "{name}");

        let lines = gateway.audit();
        assert_eq!(lines.len(), before + 1, "{name}");
        let line = &lines[before];
        assert_eq!(
            (
                &line["outcome"],
                &line["stage"],
                &line["status"],
                &line["code"],
                &line["request_id"]
            ),
            (
                &json!("refused"),
                &json!(case.stage),
                &json!(case.status),
                &json!(case.code),
                &json!(id)
            ),
            "{name}: {line}"
        );
        assert_eq!(line.get("upstream"), None, "{name}");
        assert!(
            gateway.simulator.seen().is_empty(),
            "{name}: the upstream was asked"
        );
    }
    // The gateway is none the worse for it.
    let reply = gateway.send(Asking::update().json(&documented())).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}
