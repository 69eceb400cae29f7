//! The audit log: one line for each request, however it ends, and never a secret in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use meeting_gateway::simulator::{Fault, On, Times};
use meeting_gateway::stages::forward::Outbound;
use serde_json::{Value, json};

use crate::support::request::{Asking, TARGET, TestBody, documented, documented_with};
use crate::support::{AnyUpstream, TestGateway, until};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The digests change with every edit of a pack.
fn without_digests(mut line: Value) -> Value {
    for name in ["configuration", "policy"] {
        let digest = line[name].as_str().unwrap();
        assert!(
            digest.len() >= 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()),
            "{digest}"
        );
        line[name] = "(digest)".into();
    }
    // It covers the digests.
    line["hash"] = "(hash)".into();
    line
}

#[tokio::test]
async fn an_answer_in_full() {
    let gateway = TestGateway::new();
    let body = documented_with(&json!({
        "length": "180", "colour": "red", "confConfigInfo": {"guestPwd": "471147", "isGuestFreePwd": true},
        "attendees": [{"email": "ALICE@corp.example", "name": "Alice", "sms": "+8613800138000", "type": "mobile"}],
    }));
    let request = Asking::update()
        .target(&format!("{TARGET}&userUUID=ff80&page=2"))
        .header("x-request-id", "the-request")
        .header("traceparent", TRACE)
        .header("x-site-id", "ea8f2b9c");
    assert_eq!(gateway.send(request.json(&body)).await.status, 200);
    insta::assert_json_snapshot!(without_digests(gateway.only_line()));
}

#[tokio::test]
async fn a_refusal_in_full() {
    let gateway = TestGateway::new();
    let body = documented_with(&json!({"length": 7, "confConfigInfo": {"guestPwd": "not digits"}}));
    let request = Asking::update()
        .header("x-request-id", "the-request")
        .header("traceparent", TRACE);
    assert_eq!(gateway.send(request.json(&body)).await.status, 400);
    insta::assert_json_snapshot!(without_digests(gateway.only_line()));
}

#[tokio::test]
async fn a_refusal_before_anybody_is_known() {
    let gateway = TestGateway::new();
    gateway
        .send(Asking::update().without("x-access-token").body(""))
        .await;
    let line = gateway.only_line();
    assert_eq!(line["stage"], "authenticate");
    assert!(line.get("caller").is_none() && line.get("operation").is_none());
    assert_eq!(
        (&line["method"], &line["path"]),
        (&json!("PUT"), &json!("/v1/mmc/management/cycleconferences"))
    );
}

#[tokio::test]
async fn a_panic_is_one_line_and_the_next_request_is_served() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let upstream = tower::service_fn(move |outbound: Outbound| {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(outbound.token().is_some());
            match call {
                0 => panic!("in the future"),
                _ => Ok(meeting_gateway::stages::forward::Answer::own(
                    http::StatusCode::OK,
                    Bytes::from_static(b"{}"),
                )),
            }
        }
    });
    let gateway = TestGateway::asking(AnyUpstream::new(upstream));
    let reply = gateway.send(Asking::update().json(&documented())).await;
    assert_eq!(reply.said(), (500, "MGW.5000001".to_owned()));
    let line = gateway.only_line();
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&json!("refused"), &json!("MGW.5000001"))
    );
    assert_eq!(
        gateway
            .send(Asking::update().json(&documented()))
            .await
            .status,
        200
    );
    assert_eq!(gateway.audit().len(), 2);
}

/// Drops a request once `reached` says that it is where it should be.
async fn leave(gateway: &TestGateway, body: TestBody, reached: impl FnMut() -> bool) {
    let request = gateway.start(Asking::update().streamed(body));
    tokio::select! {
        biased;
        reply = request => panic!("it was answered: {reply:?}"),
        () = until(reached) => {}
    }
}

fn assert_left(gateway: &TestGateway, stage: &str) {
    let line = gateway.only_line();
    assert_eq!(
        (&line["outcome"], &line["stage"]),
        (&json!("client_left"), &json!(stage)),
        "{line}"
    );
    assert!(
        line.get("status").is_none() && line.get("code").is_none(),
        "{line}"
    );
}

fn whole() -> TestBody {
    crate::support::request::whole(documented().to_string())
}

#[tokio::test]
async fn a_client_that_leaves_at_once() {
    let gateway = TestGateway::new();
    drop(gateway.called(Asking::update().streamed(whole())));
    assert_left(&gateway, "route");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_body() {
    let gateway = TestGateway::new();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let frames = futures_util::stream::poll_fn(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let begun = Frame::data(Bytes::from_static(b"{\"mediaTypes\":"));
            return std::task::Poll::Ready(Some(Ok(begun)));
        }
        std::task::Poll::Pending
    });
    let body = StreamBody::new(frames).boxed_unsync();
    leave(&gateway, body, || polls.load(Ordering::SeqCst) > 1).await;
    assert_left(&gateway, "decode");
    assert!(gateway.simulator.seen().is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_while_we_sign_in() {
    let gateway = TestGateway::new();
    gateway
        .simulator
        .inject(On::SignIn, Fault::Stall, Times::Count(1));
    leave(&gateway, whole(), || gateway.sign_ins_seen() == 1).await;
    assert_left(&gateway, "inject");
    assert!(gateway.operations_seen().is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_while_the_upstream_thinks() {
    let gateway = TestGateway::new();
    gateway
        .simulator
        .inject(On::Operations, Fault::Stall, Times::Count(1));
    leave(&gateway, whole(), || gateway.operations_seen().len() == 1).await;
    assert_left(&gateway, "forward");
    assert_eq!(
        gateway.only_line()["upstream"]["attempts"],
        1,
        "it may have been carried out"
    );
    // What it held is free again.
    assert_eq!(
        gateway
            .send(Asking::update().json(&documented()))
            .await
            .status,
        200
    );
}

/// Marks that nobody but the upstream and the caller itself may ever see.
const MARKS: [&str; 12] = [
    "48151623",
    "86199555",
    "mark-email",
    "mark-name",
    "mark-access",
    "mark-bearer",
    "mark-apikey",
    "mark-cookie",
    "mark-auth-token",
    "mark-live",
    "mark-query",
    "86188777",
];

fn marked() -> Value {
    documented_with(&json!({
        "recordType": 1,
        "liveAddress": "rtmp://mark-live.example/x",
        "confConfigInfo": {"guestPwd": "48151623"},
        "attendees": [{"name": "mark-name", "email": "mark-email@corp.example", "phone": "+86199555", "sms": "+86188777"}],
    }))
}

fn assert_unmarked(text: &str, place: &str) {
    for mark in MARKS {
        assert!(!text.contains(mark), "{mark} is in {place}: {text}");
    }
}

#[tokio::test]
async fn secrets_are_in_no_line_span_or_error() {
    let gateway = TestGateway::over_loopback(&[]).await;
    let with_cookies = || {
        Asking::update()
            .target(&format!("{TARGET}&userUUID=mark-query&x=mark-query"))
            .header("cookie", "mark-cookie")
            .header("x-auth-token", "mark-auth-token")
    };
    let bare = || with_cookies().without("x-access-token");
    let mut allowed = marked();
    allowed["recordType"] = json!(0);
    let mut wrong = marked();
    wrong["confConfigInfo"]["guestPwd"] = json!("48151623x");
    wrong["attendees"][0]["email"] = json!("mark-email");
    wrong["attendees"][0]["phone"] = json!("86199555x");
    let mut short = allowed.clone();
    short["attendees"][0]["email"] = json!("mark-email@elsewhere.example");
    let twice =
        allowed
            .to_string()
            .replacen('{', r#"{"guestPwd":"48151623","guestPwd":"48151623","#, 1);
    let cases = [
        ("allowed", with_cookies().json(&allowed), 200),
        ("denied", with_cookies().json(&marked()), 403),
        ("denied by address", with_cookies().json(&short), 403),
        ("violations", with_cookies().json(&wrong), 400),
        ("malformed", with_cookies().body(twice), 400),
        (
            "bad key",
            bare()
                .header("x-access-token", "mark-access")
                .json(&allowed),
            401,
        ),
        (
            "bad token",
            bare()
                .header("authorization", "Bearer mark-bearer")
                .json(&allowed),
            401,
        ),
        (
            "bad api key",
            bare().header("x-api-key", "mark-apikey").json(&allowed),
            401,
        ),
        (
            "two",
            with_cookies()
                .header("authorization", "Bearer mark-bearer")
                .json(&allowed),
            401,
        ),
    ];
    for (name, request, status) in cases {
        let reply = gateway.send(request).await;
        assert_eq!(reply.status, status, "{name}: {reply:?}");
        if status != 200 {
            assert_unmarked(&format!("{:?} {:?}", reply.headers, reply.body), name);
        }
    }
    // The test itself must be able to see them: the upstream did.
    let seen = gateway.only_seen();
    let sent = String::from_utf8(seen.body.to_vec()).unwrap();
    assert!(sent.contains("48151623") && sent.contains("mark-email") && !sent.contains("86188777"));
    assert_eq!(gateway.audit().len(), 9);
    assert_unmarked(&gateway.audit_text(), "the audit log");
    let token = seen.header("x-access-token").unwrap();
    let spans = format!("{:?}", gateway.spans());
    assert!(
        spans.contains("REDACTED"),
        "queries are told without their values"
    );
    assert_unmarked(&spans, "a span");
    assert_unmarked(&gateway.telemetry.prometheus_text(), "the metrics");
    assert!(!spans.contains(token) && !gateway.audit_text().contains(token));
}
