//! However a file ends on its way, it is told of once, it does not look whole if it is not, and nothing is held any longer.

use serde_json::{Value, json};

use super::ME;
use super::script::{Peer, Stage, asked, file};
use crate::receipt::schemas::Schemas;
use crate::support::TestGateway;
use crate::support::connection::RawClient;
use crate::support::until;

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// A file whose first bytes are with the client.
async fn begun(more: &[(&str, &str)], headers: &str, body: &str) -> (TestGateway, RawClient, Peer) {
    let slot = [("server.in_flight", "1")];
    let settings: Vec<_> = slot.iter().chain(more).copied().collect();
    let (stage, gateway) = Stage::set(&["show_my_info"], &settings).await;
    let mut client = RawClient::connect(&gateway);
    client.send(&asked("GET", ME, "")).await;
    let mut peer = stage.peer().await;
    peer.head().await;
    peer.say(&(file(headers) + body)).await;
    assert!(client.head().await.unwrap().starts_with("HTTP/1.1 200"));
    (gateway, client, peer)
}

/// The one line, once the slot is free.
async fn line_of(gateway: &TestGateway) -> Value {
    until(|| !gateway.audit().is_empty()).await;
    let line = gateway.only_line();
    let faults = Schemas::new().faults_of_line(&line);
    assert_eq!(faults, [""; 0], "{line}");
    line
}

fn ending(line: &Value) -> (&str, &Value, &Value, &str) {
    let message = line["message"].as_str().unwrap_or_default();
    (
        line["outcome"].as_str().unwrap(),
        &line["status"],
        &line["bytes_out"],
        message,
    )
}

#[tokio::test]
async fn cut_by_the_upstream() {
    for (headers, body) in [(CHUNKED, "3\r\na,b\r\n"), ("content-length: 9\r\n", "a,b")] {
        let (gateway, mut client, peer) = begun(&[], headers, body).await;
        client.up_to(b"a,b").await.unwrap();
        drop(peer);
        let rest = client.rest().await;
        assert!(!rest.contains("0\r\n\r\n"), "{rest}");
        let line = line_of(&gateway).await;
        let what = "the upstream's connection was cut in the middle of it";
        assert_eq!(ending(&line), ("cut_off", &json!(200), &json!(3), what));
        let spans = gateway.spans();
        let broken = spans.iter().filter(|span| {
            let mut pairs = span.attributes.iter();
            pairs.any(|pair| pair.key.as_str() == "error.type" && pair.value.as_str() == "cut_off")
        });
        assert_eq!(broken.count(), 2, "{spans:?}");
    }
}

#[tokio::test]
async fn larger_than_it_may_be() {
    let limit = [("limits.relay.answer_bytes", "64KiB")];
    let (gateway, mut client, mut peer) = begun(&limit, CHUNKED, "3\r\na,b\r\n").await;
    let large = "x".repeat(64 * 1024);
    peer.say(&format!("10000\r\n{large}\r\n0\r\n\r\n")).await;
    let rest = client.rest().await;
    assert!(!rest.contains("0\r\n\r\n"));
    let line = line_of(&gateway).await;
    let (outcome, _, bytes, message) = ending(&line);
    assert_eq!(
        (outcome, message),
        ("cut_off", "it is larger than `limits.relay.answer_bytes`")
    );
    assert!(bytes.as_u64().unwrap() <= 64 * 1024, "{bytes}");
}

#[tokio::test]
async fn paused_for_too_long() {
    let limit = [("limits.relay.idle_timeout", "50ms")];
    let (gateway, mut client, _peer) = begun(&limit, CHUNKED, "3\r\na,b\r\n").await;
    let rest = client.rest().await;
    assert!(
        rest.contains("a,b") && !rest.contains("0\r\n\r\n"),
        "{rest}"
    );
    let line = line_of(&gateway).await;
    let what = "the upstream paused longer than `limits.relay.idle_timeout`";
    assert_eq!(ending(&line), ("cut_off", &json!(200), &json!(3), what));
}

#[tokio::test]
async fn a_client_that_takes_nothing_holds_its_slot_only_so_long() {
    for (limit, what) in [
        (
            ("limits.relay.total_timeout", "300ms"),
            "it took longer than `limits.relay.total_timeout`",
        ),
        (
            ("limits.relay.send_timeout", "300ms"),
            "the client took nothing for longer than `limits.relay.send_timeout`",
        ),
    ] {
        takes_nothing(limit, what).await;
    }
}

async fn takes_nothing(limit: (&str, &str), what: &str) {
    let limit = [limit, ("upstream.response_timeout", "300ms")];
    let (gateway, client, mut peer) = begun(&limit, "content-length: 10000000\r\n", "").await;
    // More than all buffers on the way hold; the client reads none of it.
    let flood = tokio::spawn(async move {
        let piece = "x".repeat(10_000_000);
        let _ = tokio::io::AsyncWriteExt::write_all(peer.io(), piece.as_bytes()).await;
    });
    let line = line_of(&gateway).await;
    let (outcome, _, _, message) = ending(&line);
    assert_eq!((outcome, message), ("cut_off", what));
    flood.await.unwrap();
    drop(client);
}

#[tokio::test]
async fn the_client_hangs_up() {
    let (gateway, mut client, mut peer) = begun(&[], CHUNKED, "3\r\na,b\r\n").await;
    client.up_to(b"a,b").await.unwrap();
    drop(client);
    assert_eq!(peer.rest().await, "", "the upstream is told");
    let line = line_of(&gateway).await;
    assert_eq!(ending(&line), ("client_left", &Value::Null, &json!(3), ""));
    assert_eq!(gateway.audit().len(), 1);
}
