//! Whole connections in memory: HTTP/1.1 byte by byte, HTTP/2 by a client of its own.
//!
//! Where a test reads until the connection closes, time is paused: the deadline of an idle connection comes at once then.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use meeting_gateway::simulator::{Fault, On, Times};
use serde_json::json;

use crate::support::connection::{RawClient, head, http2, whole};
use crate::support::request::{KEY, TARGET, documented};
use crate::support::{TestGateway, until};

fn body() -> String {
    documented().to_string()
}

fn chunked(body: &str) -> String {
    let (first, second) = body.split_at(10);
    format!(
        "{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    )
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let gateway = TestGateway::new();
    let mut client = RawClient::connect(&gateway);
    for _ in 0..2 {
        client.send(&whole(&body())).await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert!(answer.body.contains("914087436"));
    }
    // A refusal does not cost the connection either.
    client.send(&whole("{")).await;
    assert_eq!(client.answer().await.unwrap().status(), 400);
    client.send(&whole(&body())).await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
    assert_eq!(gateway.operations_seen().len(), 3);
    let lines = gateway.audit();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|line| line["client"] == "192.0.2.7"));
}

#[tokio::test(start_paused = true)]
async fn requests_sent_ahead_are_answered_in_order() {
    let gateway = TestGateway::new();
    let mut client = RawClient::connect(&gateway);
    client
        .send(&(whole(&body()) + &whole("[]") + &whole(&body())))
        .await;
    assert_eq!(client.statuses().await, [200, 400, 200]);
}

#[tokio::test]
async fn a_chunked_body_is_read_like_any_other() {
    let gateway = TestGateway::new();
    let mut client = RawClient::connect(&gateway);
    client
        .send(&(head("transfer-encoding: chunked\r\n") + &chunked(&body())))
        .await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
    client.send(&whole(&body())).await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
    let seen = gateway.operations_seen();
    assert_eq!(seen[0].body, seen[1].body);
    assert!(!seen[0].headers.contains_key("transfer-encoding"));
}

#[tokio::test]
async fn who_asks_before_sending_a_body_is_told_to_go_on() {
    let gateway = TestGateway::new();
    let mut client = RawClient::connect(&gateway);
    let text = body();
    let lines = format!("content-length: {}\r\nexpect: 100-continue\r\n", text.len());
    client.send(&head(&lines)).await;
    let go_on = client.head().await.unwrap();
    assert!(go_on.starts_with("HTTP/1.1 100 "), "{go_on}");
    client.send(&text).await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
    assert_eq!(gateway.only_seen().header("expect"), None);
}

#[tokio::test]
async fn who_asks_without_a_credential_need_not_send_the_body() {
    let gateway = TestGateway::new();
    let mut client = RawClient::connect(&gateway);
    let lines = "content-length: 1000000\r\nexpect: 100-continue\r\n";
    client.send(&head(lines).replace(KEY, "another-key")).await;
    assert_eq!(client.answer().await.unwrap().status(), 401);
    // The body that was announced will not come, so nothing more can be read from this connection.
    assert!(client.answer().await.is_none());
    assert_eq!(gateway.only_line()["code"], "MGW.4010003");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_body() {
    let gateway = TestGateway::new();
    let mut client = RawClient::connect(&gateway);
    client
        .send(&(head("content-length: 500\r\n") + "{\"mediaTypes\":"))
        .await;
    drop(client);
    until(|| !gateway.audit().is_empty()).await;
    let line = gateway.only_line();
    assert_eq!(line["stage"], "decode", "{line}");
    assert!(
        line["outcome"] == "client_left" || line["code"] == "MGW.4000006",
        "{line}"
    );
    assert!(gateway.simulator.seen().is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_while_the_upstream_thinks() {
    let gateway = TestGateway::new();
    gateway
        .simulator
        .inject(On::Operations, Fault::Stall, Times::Always);
    let mut client = RawClient::connect(&gateway);
    client.send(&whole(&body())).await;
    until(|| gateway.operations_seen().len() == 1).await;
    assert!(gateway.audit().is_empty());
    drop(client);
    until(|| !gateway.audit().is_empty()).await;
    let line = gateway.only_line();
    assert_eq!(
        (&line["outcome"], &line["stage"]),
        (&json!("client_left"), &json!("forward"))
    );
}

#[tokio::test]
async fn http2_is_served() {
    let gateway = TestGateway::new();
    let mut requests = http2(&gateway).await;
    for _ in 0..2 {
        let request = Request::put(format!("http://gateway.test{TARGET}"))
            .header("x-access-token", KEY)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body())))
            .unwrap();
        let response = requests.send_request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let text = response.into_body().collect().await.unwrap().to_bytes();
        assert!(text.starts_with(b"["));
    }
    assert_eq!(gateway.operations_seen().len(), 2);
    let spans = gateway.spans();
    let version = spans[0]
        .attributes
        .iter()
        .find(|one| one.key.as_str() == "network.protocol.version");
    assert_eq!(version.unwrap().value.to_string(), "2");
}

/// A request hidden in the body of another one: if any part of the gateway read the framing differently, it would be served.
#[tokio::test(start_paused = true)]
async fn no_request_is_smuggled_in_another_one() {
    let hidden = whole(&body());
    let length = hidden.len();
    let shapes = [
        (
            "both lengths, chunks end at once",
            format!(
                "content-length: {}\r\ntransfer-encoding: chunked\r\n",
                length + 5
            ),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "both lengths, the other way round",
            format!(
                "transfer-encoding: chunked\r\ncontent-length: {}\r\n",
                length + 5
            ),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "two lengths",
            format!("content-length: 2\r\ncontent-length: {}\r\n", length + 2),
            format!("{{}}{hidden}"),
        ),
        (
            "two lengths in one",
            format!("content-length: 2, {}\r\n", length + 2),
            format!("{{}}{hidden}"),
        ),
        (
            "a signed length",
            "content-length: +2\r\n".into(),
            format!("{{}}{hidden}"),
        ),
        (
            "a length that is none",
            "content-length: 0x2\r\n".into(),
            format!("{{}}{hidden}"),
        ),
        (
            "chunked is not last",
            "transfer-encoding: chunked, identity\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "chunked, but spelt otherwise",
            "transfer-encoding: xchunked\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "a space before the colon",
            "transfer-encoding : chunked\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "a folded header",
            "x: y\r\n transfer-encoding: chunked\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "a bare line feed in a chunk",
            "transfer-encoding: chunked\r\n".into(),
            format!("2\n{{}}\n0\n\n{hidden}"),
        ),
        (
            "a chunk larger than it says",
            "transfer-encoding: chunked\r\n".into(),
            format!("2\r\n{{}}XX\r\n0\r\n\r\n{hidden}"),
        ),
        (
            "a chunk's size overflows",
            "transfer-encoding: chunked\r\n".into(),
            format!("10000000000000002\r\n{{}}\r\n0\r\n\r\n{hidden}"),
        ),
    ];
    for (name, lines, sent) in shapes {
        let gateway = TestGateway::new();
        let mut client = RawClient::connect(&gateway);
        client.send(&(head(&lines) + &sent)).await;
        let statuses = client.statuses().await;
        assert!(!statuses.contains(&200), "{name}: {statuses:?}");
        assert!(gateway.operations_seen().is_empty(), "{name}: {statuses:?}");
    }
}

/// What follows a request in the same packet is a request like any other, with a credential, a policy and an audit line of its
/// own; and what follows one that is malformed is nothing.
#[tokio::test(start_paused = true)]
async fn what_follows_a_request_is_a_request_like_any_other() {
    let once = "transfer-encoding: chunked\r\n";
    let other = whole(&body()).replace(KEY, "another-key");
    for (lines, next, statuses) in [
        (once, whole(&body()), &[400, 200][..]),
        (once, other, &[400, 401]),
        (&once.repeat(2), whole(&body()), &[400]),
    ] {
        let gateway = TestGateway::new();
        let mut client = RawClient::connect(&gateway);
        let first = head(lines) + "0\r\n\r\n";
        client.send(&format!("{first}{next}")).await;
        assert_eq!(client.statuses().await, statuses);
        assert_eq!(gateway.audit().len(), statuses.len());
        let passed = statuses.iter().filter(|status| **status == 200);
        assert_eq!(gateway.operations_seen().len(), passed.count());
    }
}
