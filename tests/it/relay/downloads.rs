//! Answers: files as they come, JSON whole and redacted, anything else refused.

use http_body_util::BodyExt;
use serde_json::json as value;

use super::script::{Stage, asked, file, json};
use super::{ME, get};
use crate::support::connection::RawClient;

#[tokio::test]
async fn the_client_has_the_first_bytes_before_the_upstream_has_sent_the_last() {
    let (stage, gateway) = Stage::set(&["show_my_info"], &[]).await;
    let mut client = RawClient::connect(&gateway);
    client.send(&asked("GET", ME, "")).await;
    let mut peer = stage.peer().await;
    peer.head().await;
    let more = "transfer-encoding: chunked\r\nset-cookie: a=b\r\nretry-after: 1\r\n";
    peer.say(&(file(more) + "3\r\na,b\r\n")).await;
    let head = client.head().await.unwrap().to_ascii_lowercase();
    assert!(
        head.contains("content-type: text/csv") && head.contains("retry-after: 1"),
        "{head}"
    );
    assert!(!head.contains("set-cookie"), "{head}");
    client.up_to(b"a,b\r\n").await.unwrap();
    // It is not over: no line, no span.
    assert_eq!(gateway.audit().len(), 0);
    assert!(gateway.spans().is_empty());
    peer.say("3\r\n,c\n\r\n0\r\n\r\n").await;
    assert_eq!(
        client.up_to(b"0\r\n\r\n").await.unwrap(),
        "3\r\n,c\n\r\n0\r\n\r\n"
    );

    let lines = gateway.audit();
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(
        (&line["outcome"], &line["bytes_out"]),
        (&value!("answered"), &value!(6))
    );
    assert_eq!(line["upstream"]["status"], 200);
    let spans: Vec<_> = gateway.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(
        spans.iter().filter(|name| name.ends_with(ME)).count(),
        2,
        "{spans:?}"
    );
    // Both connections still serve.
    client.send(&asked("GET", ME, "")).await;
    peer.head().await;
    peer.say(&(file("content-length: 3\r\n") + "a,b")).await;
    let answer = client.answer().await.unwrap();
    assert_eq!((answer.status(), &*answer.body), (200, "a,b"));
    assert_eq!(gateway.audit().len(), 2);
}

#[tokio::test]
async fn it_holds_its_slot_to_its_end() {
    let (stage, gateway) = Stage::set(
        &["show_my_info"],
        &[
            ("server.in_flight", "1"),
            ("upstream.idle_connections", "0"),
        ],
    )
    .await;
    for leaves in [false, true] {
        let asking = tokio::spawn(gateway.called(get(ME).body("")));
        let mut peer = stage.peer().await;
        peer.head().await;
        peer.say(&(file("transfer-encoding: chunked\r\n") + "3\r\na,b\r\n"))
            .await;
        let mut body = asking.await.unwrap().unwrap().into_body();
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "a,b");
        let reply = gateway.send(get(ME).body("")).await;
        assert_eq!(reply.said(), (503, "MGW.5030001".to_owned()));
        if leaves {
            drop(body);
        } else {
            peer.say("0\r\n\r\n").await;
            assert!(body.frame().await.is_none());
            drop(peer);
        }
        let asking = tokio::spawn(gateway.start(get(ME).body("")));
        let mut peer = stage.peer().await;
        peer.head().await;
        peer.say(&json(200, "{}")).await;
        assert_eq!(asking.await.unwrap().status, 200);
        drop(peer);
        let lines = gateway.audit();
        let outcomes: Vec<_> = lines.iter().rev().take(2).collect();
        let expected = if leaves { "client_left" } else { "answered" };
        assert_eq!(outcomes[1]["outcome"], expected, "{outcomes:#?}");
    }
    assert_eq!(gateway.audit().len(), 6);
}

#[tokio::test]
async fn a_token_that_a_file_repeats_is_masked() {
    let (stage, gateway) = Stage::set(&["show_my_info"], &[]).await;
    let asking = tokio::spawn(gateway.start(get(ME).body("")));
    let mut peer = stage.peer().await;
    let head = peer.head().await;
    let token = head.split("x-access-token: ").nth(1).unwrap();
    let token = token.split("\r\n").next().unwrap().to_owned();
    let (one, other) = token.split_at(7);
    let length = token.len() + 2;
    peer.say(
        &(file(&format!(
            "content-disposition: {token}\r\ncontent-length: {length}\r\n"
        )) + "a"
            + one),
    )
    .await;
    peer.say(&format!("{other}b")).await;
    let reply = asking.await.unwrap();
    assert_eq!(reply.body, format!("a{}b", "*".repeat(token.len())));
    assert_eq!(reply.header("content-disposition"), "***");
}

#[tokio::test]
async fn json_is_read_whole_and_redacted_and_what_is_no_file_is_refused() {
    let bounded = [
        ("upstream.answer_bytes", "64KiB"),
        ("limits.relay.answer_bytes", "64KiB"),
    ];
    let (stage, gateway) = Stage::set(&["show_my_info"], &bounded).await;
    let unusable = (502, "MGW.5020002");
    let large = "x".repeat(64 * 1024);
    let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1\r\n\r\nx";
    let without_end = "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nconnection: close\r\n\r\na,b";
    let json_as_text = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 14\r\n\r\n{\"name\":\"Bob\"}";
    let untyped = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://elsewhere.test/\r\ncontent-type: text/csv\r\ncontent-length: 1\r\n\r\nx";
    let moved_in_json = "HTTP/1.1 302 Found\r\nlocation: http://elsewhere.test/\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let failed = "HTTP/1.1 500 No\r\ncontent-type: text/plain\r\ncontent-length: 1\r\n\r\nx";
    for (name, answer, expected, body) in [
        (
            "json",
            json(200, r#"{"name":"Bob","count":1}"#),
            (200, ""),
            r#"{"name":"***","count":1}"#,
        ),
        (
            "an error",
            json(400, r#"{"error_code":"USG.1","name":"Bob"}"#),
            (400, "USG.1"),
            r#"{"error_code":"USG.1","name":"***"}"#,
        ),
        (
            "nothing",
            "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            (204, ""),
            "",
        ),
        ("no json after all", json(200, "a,b"), unusable, ""),
        (
            "large json",
            json(200, &format!("{{\"a\":\"{large}\"}}")),
            unusable,
            "",
        ),
        (
            "a large file",
            file("content-length: 65537\r\n") + &large + "x",
            unusable,
            "",
        ),
        ("html", html.to_owned(), unusable, ""),
        ("no type", untyped.to_owned(), unusable, ""),
        ("no end", without_end.to_owned(), unusable, ""),
        ("json as text", json_as_text.to_owned(), unusable, ""),
        ("a redirect in JSON", moved_in_json.to_owned(), unusable, ""),
        ("a redirect", moved.to_owned(), unusable, ""),
        ("an error that is no json", failed.to_owned(), unusable, ""),
        (
            "a coded file",
            file("content-encoding: gzip\r\ncontent-length: 1\r\n") + "x",
            unusable,
            "",
        ),
        (
            "an odd coding",
            file("content-encoding: br\r\ncontent-length: 1\r\n") + "x",
            unusable,
            "",
        ),
    ] {
        let asking = tokio::spawn(gateway.start(get(ME).body("")));
        let mut peer = stage.peer().await;
        peer.head().await;
        // What is refused by its head is not read to its end.
        let _ = tokio::io::AsyncWriteExt::write_all(peer.io(), answer.as_bytes()).await;
        drop(peer);
        let reply = asking.await.unwrap();
        let (status, code) = reply.said();
        assert_eq!((status, &*code), expected, "{name}: {:?}", reply.body);
        if !body.is_empty() {
            assert_eq!(reply.body, body, "{name}");
        }
    }
    assert_eq!(gateway.audit().len(), 15);
    assert!(stage.is_quiet().await, "nothing is followed or asked twice");
}

#[tokio::test]
async fn a_client_that_could_not_tell_a_part_from_the_whole_gets_no_stream() {
    let (stage, gateway) = Stage::set(&["show_my_info"], &[]).await;
    for (more, status) in [
        ("transfer-encoding: chunked\r\n", "502"),
        ("content-length: 3\r\n", "200"),
    ] {
        let mut client = RawClient::connect(&gateway);
        client
            .send(&asked("GET", ME, "").replace("HTTP/1.1", "HTTP/1.0"))
            .await;
        let mut peer = stage.peer().await;
        peer.head().await;
        let body = if status == "502" {
            "3\r\na,b\r\n"
        } else {
            "a,b"
        };
        peer.say(&(file(more) + body)).await;
        let head = client.head().await.unwrap();
        assert!(head.contains(status), "{head}");
    }
}
