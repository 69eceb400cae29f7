//! `Prefer: return=receipt`: the caller is told what was done, in a header and in a refusal, and nobody else is.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use meeting_gateway::stages::forward::{Answer, Outbound};
use serde_json::{Value, json};

use super::schemas::Schemas;
use crate::support::request::{Asking, Reply, TARGET, documented, documented_with};
use crate::support::{AnyUpstream, TestGateway};

/// Encryption warns here; the project number of subjects is an audit rule of the pack itself.
fn gateway() -> TestGateway {
    TestGateway::with(&[("policy.modes.example-enterprise/encryption", "warn")])
}

fn asking() -> Asking {
    Asking::update().header("prefer", "return=receipt")
}

/// The receipt in an answer's header, if it is as a header has to be.
#[track_caller]
fn receipt(reply: &Reply) -> Value {
    assert_eq!(reply.header("preference-applied"), "return=receipt");
    let values: Vec<_> = reply.headers.get_all("x-gateway-receipt").iter().collect();
    assert_eq!(values.len(), 1);
    let text = values[0].as_bytes();
    assert!(text.len() <= 4096, "{} bytes", text.len());
    assert!(text.iter().all(|byte| matches!(byte, b' '..=b'~')));
    let receipt: Value = serde_json::from_slice(text).unwrap();
    let faults = Schemas::new().faults_of_receipt(&receipt);
    assert_eq!(faults, [""; 0], "{receipt}");
    receipt
}

fn modes(receipt: &Value) -> Vec<&str> {
    let findings = receipt["findings"].as_array().into_iter().flatten();
    findings
        .map(|finding| finding["mode"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_answer_tells_what_was_changed_and_what_warns() {
    let gateway = gateway();
    let body = documented_with(&json!({
        "length": "180", "encryptMode": 0, "subject": "没有项目编号", "colour": "red", "confConfigInfo": {"guestPwd": " 471147"},
    }));
    let request = asking().target(&format!("{TARGET}&userUUID=ff80"));
    let reply = gateway.send(request.json(&body)).await;
    assert_eq!(reply.status, 200);
    let told = receipt(&reply);
    let patch = told["patch"].as_array().unwrap();
    assert_eq!(
        patch[0],
        json!({"op": "remove", "path": "/colour", "stage": "strip", "reason": "the contract does not know this member"})
    );
    let at = |path: &str| patch.iter().filter(|change| change["path"] == path).count();
    assert_eq!((at("/length"), at("/confConfigInfo/guestPwd")), (2, 1));
    let password = patch
        .iter()
        .find(|change| change["path"] == "/confConfigInfo/guestPwd");
    let password = password.unwrap();
    assert_eq!(
        (&password["was"], &password["value"]),
        (&json!("***"), &json!("***"))
    );
    assert_eq!(told["parameters"][0]["path"], "userUUID");
    assert_eq!(modes(&told), ["warn", "warn"]);
    assert_eq!(told["findings"][0]["rule"], "example-enterprise/encryption");
    // The log has all of it.
    let line = gateway.only_line();
    assert_eq!(modes(&line["receipt"]), ["warn", "audit", "audit", "warn"]);
}

#[tokio::test]
async fn a_refusal_holds_it_in_both_shapes() {
    for (accept, shape) in [
        ("application/json", "application/json;charset=UTF-8"),
        ("application/problem+json", "application/problem+json"),
    ] {
        for recording in ["none", "full"] {
            let gateway = TestGateway::with(&[
                ("policy.modes.example-enterprise/encryption", "warn"),
                ("audit.request", recording),
            ]);
            let body = documented_with(&json!({
                "length": "180", "encryptMode": 0, "confConfigInfo": {"callInRestriction": 0, "guestPwd": " 471147"},
            }));
            let request = asking().header("accept", accept).json(&body);
            let reply = gateway.send(request).await;
            assert_eq!(reply.said(), (403, "MGW.4030001".to_owned()));
            assert_eq!(reply.header("content-type"), shape);
            let body = reply.json();
            assert_eq!(body["receipt"], receipt(&reply), "short enough for both");
            // What refuses is in `errors` already.
            assert_eq!(modes(&body["receipt"]), ["warn", "warn"]);
            assert_eq!(body["errors"][0]["mode"], "enforce");
            assert!(!String::from_utf8_lossy(&reply.body).contains("471147"));
        }
    }
}

#[tokio::test]
async fn a_refusal_before_anything_was_done_holds_an_empty_one() {
    let reply = gateway()
        .send(asking().without("x-access-token").body(""))
        .await;
    let empty = json!({"schema": "meeting-gateway.receipt/1", "patch": []});
    assert_eq!(receipt(&reply), empty);
    assert_eq!(reply.json()["receipt"], empty);
}

#[tokio::test]
async fn nobody_is_told_unasked() {
    let refused =
        documented_with(&json!({"length": "180", "confConfigInfo": {"callInRestriction": 0}}));
    let accepted = documented_with(&json!({"length": "180"}));
    for prefer in [
        None,
        Some("return=minimal"),
        Some("respond-async"),
        Some("receipt"),
    ] {
        for (body, status) in [(&accepted, 200), (&refused, 403)] {
            let mut request = Asking::update();
            if let Some(prefer) = prefer {
                request = request.header("prefer", prefer);
            }
            let gateway = TestGateway::new();
            let reply = gateway.send(request.json(body)).await;
            assert_eq!(reply.status, status, "{prefer:?}");
            assert!(!reply.headers.contains_key("preference-applied"));
            assert!(!reply.headers.contains_key("x-gateway-receipt"));
            assert!(reply.json().get("receipt").is_none());
            // Nor is the upstream told of the preference.
            let seen = gateway.operations_seen();
            assert!(seen.iter().all(|seen| seen.header("prefer").is_none()));
        }
    }
}

#[tokio::test]
async fn as_much_as_fits_is_told_and_the_rest_counted() {
    let attendees: Vec<Value> = (0..100)
        .map(|index| json!({"accountId": "a", "sms": "+8613800", format!("附注{index}"): "x"}))
        .collect();
    let body = documented_with(&json!({ "attendees": attendees, "x".repeat(3000): 1 }));
    for recording in ["none", "masked", "full"] {
        let gateway = TestGateway::with(&[("audit.request", recording)]);
        let reply = gateway.send(asking().json(&body)).await;
        assert_eq!(reply.status, 200);
        let told = receipt(&reply);
        let listed = told["patch"].as_array().unwrap().len();
        assert!(listed > 15, "{listed}");
        // Every one of 100 texts and 101 members, and what the policy sets.
        assert!(told["omitted"].as_u64().unwrap() > 201 - listed as u64);
        assert!(told["patch"][0]["path"].as_str().unwrap().contains("附注0"));
    }
}

#[tokio::test]
async fn what_the_upstream_says_of_receipts_is_not_believed() {
    let upstream = tower::service_fn(|_: Outbound| async {
        let response = Response::builder()
            .header("content-type", "application/json")
            .header("x-gateway-receipt", "forged")
            .header("preference-applied", "return=receipt")
            .header("retry-after", "1")
            .body(Full::new(Bytes::from_static(b"{}")))
            .unwrap();
        Answer::read(response, 1024).await
    });
    let gateway = TestGateway::asking(AnyUpstream::new(upstream));
    let reply = gateway.send(Asking::update().json(&documented())).await;
    assert_eq!(reply.header("retry-after"), "1", "its headers do arrive");
    assert!(!reply.headers.contains_key("x-gateway-receipt"));
    assert!(!reply.headers.contains_key("preference-applied"));
    let reply = gateway.send(asking().json(&documented())).await;
    assert_eq!(receipt(&reply)["schema"], "meeting-gateway.receipt/1");
}
