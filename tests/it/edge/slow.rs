//! Clients that hold still, drip, or leave: each is ended by a deadline, and others are served meanwhile. The deadlines are real and
//! short; what a test waits for is sure to happen, however slow the machine is.

use std::time::Duration;

use meeting_gateway::stages::accept::{Limits, Tls};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::attack::{good, with};
use super::door::{Client, Door, limits};
use crate::support::connection::head;
use crate::support::until;

/// The lines of the list, each with the name of its test.
pub(super) const SLOW: &[(&str, &str, &str)] = &[
    (
        "silent",
        "a connection that says nothing",
        "closed after the header's time, no line",
    ),
    (
        "dripped_head",
        "a head, a byte at a time",
        "408 `MGW.4080002` after the header's time, one line",
    ),
    (
        "dripped_fields",
        "headers without an end, one at a time",
        "408 `MGW.4080002`, one line",
    ),
    (
        "dripped_second_head",
        "the same behind an answer",
        "408 `MGW.4080002`, a line for each",
    ),
    (
        "dripped_body",
        "a body, a byte at a time",
        "408 `MGW.4080001` after the body's time, one line",
    ),
    (
        "dripped_chunks",
        "chunks of one byte",
        "408 `MGW.4080001`, one line",
    ),
    (
        "expect_and_nothing",
        "`Expect: 100-continue`, and no body",
        "100, then 408 `MGW.4080001`, one line",
    ),
    (
        "idle_flood",
        "more silent connections than there are places",
        "closed after the header's time; the next client is served",
    ),
    (
        "idle_between",
        "a connection that asks once and stays",
        "closed after the idle time",
    ),
    ("half_a_head", "a head that breaks off", "closed, no line"),
    (
        "half_a_body",
        "a body that breaks off",
        "400 `MGW.4000006` or nothing, one line",
    ),
    (
        "half_closed",
        "a client that closes its sending side behind a request",
        "an answer or none, one line (a client that left)",
    ),
    (
        "no_handshake",
        "silence where TLS is expected",
        "closed after the handshake's time, no line",
    ),
    (
        "plain_to_tls",
        "HTTP where TLS is expected",
        "closed, no line",
    ),
];

const SHORT: Duration = Duration::from_millis(300);

fn short() -> Limits {
    Limits {
        header_timeout: SHORT,
        idle_timeout: SHORT,
        handshake_timeout: SHORT,
        ..limits()
    }
}

async fn hurried() -> Door {
    Door::with(short(), &[("server.body_timeout", "1s")], None).await
}

/// Sends a piece again and again until there is an answer, or an end.
async fn drip(client: &mut Client, piece: &[u8]) {
    loop {
        client.send(piece).await;
        let more = timeout(
            Duration::from_millis(20),
            client.io.read_buf(&mut client.received),
        );
        if more.await.is_ok() {
            return;
        }
    }
}

/// The answer, and that the connection closes behind it.
async fn refused(client: &mut Client, status: u16, code: &str) {
    let answer = client.answer().await.expect("no answer");
    assert_eq!(
        (answer.status, &*answer.code()),
        (status, code),
        "{answer:?}"
    );
    assert!(client.answer().await.is_none());
}

#[tokio::test]
async fn silent() {
    let door = hurried().await;
    assert!(door.client().await.answer().await.is_none());
    door.serves().await;
    assert_eq!(door.audit().len(), 1);
}

#[tokio::test]
async fn dripped_head() {
    let door = hurried().await;
    let mut client = door.client().await;
    client.send(b"PUT /v1").await;
    drip(&mut client, b"x").await;
    refused(&mut client, 408, "MGW.4080002").await;
    door.serves().await;
    let line = &door.audit()[0];
    assert_eq!(
        (&line["status"], &line["stage"]),
        (&json!(408), &json!("accept"))
    );
}

#[tokio::test]
async fn dripped_fields() {
    let door = hurried().await;
    let mut client = door.client().await;
    client.send(with("").trim_end().as_bytes()).await;
    drip(&mut client, b"\r\nx: y").await;
    refused(&mut client, 408, "MGW.4080002").await;
    door.serves().await;
    let line = &door.audit()[0];
    assert_eq!(
        (&line["method"], &line["code"]),
        (&json!("PUT"), &json!("MGW.4080002"))
    );
}

#[tokio::test]
async fn dripped_second_head() {
    let door = hurried().await;
    let mut client = door.client().await;
    client.send(good().as_bytes()).await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    drip(&mut client, b"x").await;
    refused(&mut client, 408, "MGW.4080002").await;
    door.serves().await;
    assert_eq!(door.audit().len(), 3);
}

#[tokio::test]
async fn dripped_body() {
    let door = hurried().await;
    let mut client = door.client().await;
    client
        .send(head("content-length: 100000\r\n").as_bytes())
        .await;
    drip(&mut client, b" ").await;
    refused(&mut client, 408, "MGW.4080001").await;
    door.serves().await;
    assert_eq!(door.audit().len(), 2);
}

#[tokio::test]
async fn dripped_chunks() {
    let door = hurried().await;
    let mut client = door.client().await;
    client
        .send(head("transfer-encoding: chunked\r\n").as_bytes())
        .await;
    drip(&mut client, b"1\r\n \r\n").await;
    refused(&mut client, 408, "MGW.4080001").await;
    door.serves().await;
    assert_eq!(door.audit().len(), 2);
}

#[tokio::test]
async fn expect_and_nothing() {
    let door = hurried().await;
    let mut client = door.client().await;
    client
        .send(head("content-length: 2\r\nexpect: 100-continue\r\n").as_bytes())
        .await;
    while !client.received.starts_with(b"HTTP/1.1 100 ") {
        assert!(client.more().await);
    }
    refused(&mut client, 408, "MGW.4080001").await;
    door.serves().await;
    assert_eq!(door.audit().len(), 2);
}

#[tokio::test]
async fn idle_flood() {
    let door = Door::with(
        Limits {
            connections: 4,
            ..short()
        },
        &[],
        None,
    )
    .await;
    let mut idle = Vec::new();
    for _ in 0..16 {
        idle.push(door.client().await);
    }
    door.serves().await;
    for client in &mut idle {
        assert!(client.answer().await.is_none());
    }
    assert_eq!(door.audit().len(), 1);
}

#[tokio::test]
async fn idle_between() {
    let door = hurried().await;
    let mut client = door.client().await;
    client.send(good().as_bytes()).await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert!(client.answer().await.is_none());
    door.serves().await;
}

#[tokio::test]
async fn half_a_head() {
    let door = Door::open().await;
    let mut client = door.client().await;
    client.send(with("").trim_end().as_bytes()).await;
    client.io.shutdown().await.unwrap();
    assert!(client.answer().await.is_none());
    door.serves().await;
    assert_eq!(door.audit().len(), 1);
}

#[tokio::test]
async fn half_a_body() {
    let door = Door::open().await;
    let mut client = door.client().await;
    client
        .send(head("content-length: 500\r\n").as_bytes())
        .await;
    client.send(b"{").await;
    client.io.shutdown().await.unwrap();
    if let Some(answer) = client.answer().await {
        assert_eq!(answer.code(), "MGW.4000006");
    }
    until(|| door.audit().len() == 1).await;
    let line = &door.audit()[0];
    assert!(
        line["outcome"] == "client_left" || line["code"] == "MGW.4000006",
        "{line}"
    );
    assert!(door.recorder.saw().is_empty());
    door.serves().await;
}

#[tokio::test]
async fn half_closed() {
    let door = Door::open().await;
    let mut client = door.client().await;
    client.send(good().as_bytes()).await;
    client.io.shutdown().await.unwrap();
    let answered = client.answer().await.is_some();
    until(|| door.audit().len() == 1).await;
    let line = &door.audit()[0];
    let expected = if answered { "answered" } else { "client_left" };
    assert_eq!(line["outcome"], expected, "{line}");
    assert!(door.recorder.saw().len() <= 1);
    door.serves().await;
}

fn tls() -> Tls {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Tls::from_pem(pair.cert.pem(), pair.signing_key.serialize_pem().into()).unwrap()
}

#[tokio::test]
async fn no_handshake() {
    let door = Door::with(short(), &[], Some(tls())).await;
    assert!(door.client().await.answer().await.is_none());
    assert!(door.audit().is_empty());
}

#[tokio::test]
async fn plain_to_tls() {
    let door = Door::with(limits(), &[], Some(tls())).await;
    let mut client = door.client().await;
    client.send(good().as_bytes()).await;
    while client.more().await {}
    assert!(
        !client.received.starts_with(b"HTTP/"),
        "an alert of TLS at most"
    );
    assert!(door.audit().is_empty() && door.recorder.saw().is_empty());
}
