//! Bodies of requests on their way: as they come, bounded, never taken for whole when they are not.

use std::time::Duration;

use http::Method;
use serde_json::json as value;

use super::script::{Stage, asked, json};
use super::{PEOPLE, get};
use crate::support::connection::RawClient;
use crate::support::request::{Asking, KEY, endless, pieces};
use crate::support::until;

/// How long a test waits for something that is sure to happen.
const PATIENCE: Duration = Duration::from_secs(10);
const CHUNKED: &str = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";

#[tokio::test]
async fn the_upstream_has_the_first_bytes_before_the_client_has_sent_the_last() {
    let (stage, gateway) = Stage::set(&["add_user"], &[]).await;
    let mut client = RawClient::connect(&gateway);
    client
        .send(&(asked("POST", PEOPLE, CHUNKED) + "5\r\n{\"a\":\r\n"))
        .await;
    let mut peer = stage.peer().await;
    let head = peer.head().await.to_ascii_lowercase();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert!(!head.contains("content-length"), "{head}");
    assert!(!head.contains(KEY), "{head}");
    peer.up_to("{\"a\":").await;
    // Only now the rest is written.
    client.send("2\r\n1}\r\n0\r\n\r\n").await;
    peer.up_to("1}\r\n0\r\n\r\n").await;
    peer.say(&json(200, "{}")).await;
    let answer = client.answer().await.unwrap();
    assert_eq!((answer.status(), &*answer.body), (200, "{}"));
    let line = gateway.only_line();
    assert_eq!(
        (&line["bytes_in"], &line["bytes_out"]),
        (&value!(7), &value!(2))
    );
}

#[tokio::test]
async fn an_announced_length_goes_on_and_trailers_do_not() {
    let (stage, gateway) = Stage::set(&["add_user"], &[]).await;
    let mut client = RawClient::connect(&gateway);
    let lines = "content-type: application/json\r\ncontent-length: 2\r\n";
    client.send(&(asked("POST", PEOPLE, lines) + "{}")).await;
    let mut peer = stage.peer().await;
    let head = peer.head().await.to_ascii_lowercase();
    assert!(head.contains("content-length: 2\r\n"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    peer.up_to("{}").await;
    peer.say(&json(200, "{}")).await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
    client
        .send(&(asked("POST", PEOPLE, CHUNKED) + "2\r\n{}\r\n0\r\nx-access-token: mine\r\n\r\n"))
        .await;
    let (_, body) = peer.chunked().await;
    assert_eq!(body, "2\r\n{}\r\n0\r\n\r\n");
    peer.say(&json(200, "{}")).await;
    assert_eq!(client.answer().await.unwrap().status(), 200);
}

#[tokio::test]
async fn one_that_is_announced_too_large_is_refused_before_anybody_is_asked() {
    let (stage, gateway) = Stage::set(&["add_user"], &[("limits.relay.body_bytes", "1KiB")]).await;
    let request = Asking::with_key(Method::POST, PEOPLE, KEY).body("x".repeat(1025));
    let reply = gateway.send(request).await;
    assert_eq!(reply.said(), (413, "MGW.4130001".to_owned()));
    assert!(stage.is_quiet().await);
}

#[tokio::test]
async fn one_that_turns_out_too_large_breaks_off_and_is_refused() {
    let (stage, gateway) = Stage::set(&["add_user"], &[("limits.relay.body_bytes", "1KiB")]).await;
    let large = (0..2).map(|_| Ok("x".repeat(600).into())).collect();
    let request = Asking::with_key(Method::POST, PEOPLE, KEY).streamed(pieces(large));
    let asking = tokio::spawn(gateway.start(request));
    let mut peer = stage.peer().await;
    let seen = peer.rest().await;
    assert!(!seen.ends_with("0\r\n\r\n"), "{seen}");
    assert_eq!(
        asking.await.unwrap().said(),
        (413, "MGW.4130001".to_owned())
    );
    let line = gateway.only_line();
    assert_eq!(
        (&line["relayed"], &line["code"]),
        (&value!(true), &value!("MGW.4130001"))
    );
}

#[tokio::test]
async fn one_that_breaks_off_or_pauses_too_long_is_refused() {
    let broken = pieces(vec![
        Ok("{".into()),
        Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
    ]);
    for (name, body, expected) in [
        ("broken", broken, (400, "MGW.4000006")),
        ("slow", endless("{"), (408, "MGW.4080001")),
    ] {
        let (stage, gateway) =
            Stage::set(&["add_user"], &[("limits.relay.idle_timeout", "50ms")]).await;
        let request = Asking::with_key(Method::POST, PEOPLE, KEY).streamed(body);
        let asking = tokio::spawn(gateway.start(request));
        let seen = stage.peer().await.rest().await;
        assert!(!seen.ends_with("0\r\n\r\n"), "{name}: {seen}");
        let (status, code) = asking.await.unwrap().said();
        assert_eq!((status, &*code), expected, "{name}");
        assert_eq!(gateway.audit().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_upstream_that_takes_nothing_and_says_nothing_is_not_waited_for() {
    let (stage, gateway) =
        Stage::set(&["add_user"], &[("upstream.response_timeout", "50ms")]).await;
    let request = Asking::with_key(Method::POST, PEOPLE, KEY).body("{}");
    let asking = tokio::spawn(gateway.start(request));
    let _peer = stage.peer().await;
    assert_eq!(
        asking.await.unwrap().said(),
        (504, "MGW.5040001".to_owned())
    );
}

#[tokio::test]
async fn an_upstream_that_answers_early_is_heard_and_the_rest_is_dropped() {
    let patient = [("limits.relay.idle_timeout", "10m")];
    let (stage, gateway) = Stage::set(&["add_user"], &patient).await;
    let request = Asking::with_key(Method::POST, PEOPLE, KEY).streamed(endless("{"));
    let asking = tokio::spawn(gateway.start(request));
    let mut peer = stage.peer().await;
    peer.up_to("1\r\n{").await;
    peer.say(&json(400, r#"{"error_code":"USG.1"}"#)).await;
    assert_eq!(asking.await.unwrap().said(), (400, "USG.1".to_owned()));
    // The upload is over with its request: the upstream's connection ends in the middle of it.
    let rest = tokio::time::timeout(PATIENCE, peer.rest()).await;
    assert!(!rest.unwrap().contains("0\r\n\r\n"));
    assert_eq!(gateway.only_line()["bytes_in"], 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_takes_the_upload_along() {
    let (stage, gateway) = Stage::set(&["add_user"], &[]).await;
    let mut client = RawClient::connect(&gateway);
    client
        .send(&(asked("POST", PEOPLE, CHUNKED) + "1\r\n{\r\n"))
        .await;
    let mut peer = stage.peer().await;
    peer.up_to("1\r\n{").await;
    drop(client);
    assert!(!peer.rest().await.contains("0\r\n\r\n"));
    until(|| gateway.audit().len() == 1).await;
    assert_ne!(gateway.only_line()["outcome"], "answered");
}

#[tokio::test]
async fn a_file_goes_as_a_form_with_its_boundary() {
    let target = "/v1/usg/sss/materials";
    let (stage, gateway) = Stage::set(&["add_material"], &[]).await;
    let post = |media_type: &str| {
        let asking = Asking::with_key(Method::POST, target, KEY).without("content-type");
        asking.header("content-type", media_type)
    };
    let body = "--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nbytes\r\n--x--\r\n";
    let asking = tokio::spawn(gateway.start(post("multipart/form-data; boundary=x").body(body)));
    let mut peer = stage.peer().await;
    let head = peer.head().await.to_ascii_lowercase();
    assert!(
        head.contains("content-type: multipart/form-data; boundary=\"x\"\r\n"),
        "{head}"
    );
    peer.up_to(body).await;
    peer.say(&json(200, "{}")).await;
    assert_eq!(asking.await.unwrap().status, 200);
    for media_type in [
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
    ] {
        let reply = gateway.send(post(media_type).body(body)).await;
        assert_eq!(
            reply.said(),
            (415, "MGW.4150002".to_owned()),
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn a_credential_of_a_meeting_passes_where_it_is_documented() {
    let stop = "/v1/mmc/control/conferences/stop?conferenceID=1";
    let (stage, gateway) = Stage::set(&["stop_meeting", "show_my_info"], &[]).await;
    let long = format!("Basic {}", "x".repeat(500));
    let asking = Asking::with_key(Method::PUT, stop, KEY)
        .without("content-type")
        .header("x-conference-authorization", &long)
        .header("x-password", "hush");
    let asking = tokio::spawn(gateway.start(asking.body("")));
    let mut peer = stage.peer().await;
    let head = peer.head().await;
    assert!(head.contains(&long) && !head.contains("hush"), "{head}");
    peer.say(&json(200, "{}")).await;
    assert_eq!(asking.await.unwrap().status, 200);
    assert!(!gateway.audit_text().contains(&long));

    let asking = get(super::ME).header("x-conference-authorization", &long);
    let asking = tokio::spawn(gateway.start(asking.body("")));
    assert!(!peer.head().await.contains("Basic"));
    peer.say(&json(200, "{}")).await;
    assert_eq!(asking.await.unwrap().status, 200);
}
