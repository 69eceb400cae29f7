//! A token that the upstream does not take: another try where the body is at hand, the 401 where it is not.

use http::Method;

use super::PEOPLE;
use super::script::{Stage, json};
use crate::support::request::{Asking, KEY, pieces};

const NO: &str = r#"{"error_code":"USG.000000004"}"#;

fn token_in(head: &str) -> &str {
    let rest = head.split("x-access-token: ").nth(1).unwrap();
    rest.split("\r\n").next().unwrap()
}

#[tokio::test]
async fn a_small_body_is_sent_again_with_a_fresh_token() {
    let (stage, gateway) = Stage::set(&["add_user"], &[]).await;
    let body = pieces(vec![Ok("{\"a\":".into()), Ok("1}".into())]);
    let request = Asking::with_key(Method::POST, PEOPLE, KEY).streamed(body);
    let asking = tokio::spawn(gateway.start(request));
    let mut peer = stage.peer().await;
    let (first, _) = peer.chunked().await;
    peer.say(&json(401, NO)).await;
    let second = peer.head().await;
    peer.up_to("{\"a\":1}").await;
    peer.say(&json(200, "{}")).await;
    assert_eq!(asking.await.unwrap().status, 200);
    assert_ne!(token_in(&first), token_in(&second));
    let line = gateway.only_line();
    assert_eq!(
        (&line["upstream"]["attempts"], &line["bytes_in"]),
        (&2.into(), &7.into())
    );
    assert_eq!(gateway.sign_ins_seen(), 2);
}

#[tokio::test]
async fn a_large_body_is_not_sent_again_but_the_next_request_has_a_fresh_token() {
    let (stage, gateway) = Stage::set(&["add_user"], &[]).await;
    let large = || {
        let pieces_of_it = (0..3).map(|_| Ok("x".repeat(30_000).into())).collect();
        Asking::with_key(Method::POST, PEOPLE, KEY).streamed(pieces(pieces_of_it))
    };
    let asking = tokio::spawn(gateway.start(large()));
    let mut peer = stage.peer().await;
    let (first, _) = peer.chunked().await;
    peer.say(&json(401, NO)).await;
    assert_eq!(
        asking.await.unwrap().said(),
        (401, "USG.000000004".to_owned())
    );
    assert_eq!(gateway.only_line()["upstream"]["attempts"], 1);

    let asking = tokio::spawn(gateway.start(large()));
    let (second, _) = peer.chunked().await;
    peer.say(&json(200, "{}")).await;
    assert_eq!(asking.await.unwrap().status, 200);
    assert_ne!(token_in(&first), token_in(&second));
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_not_sent_twice() {
    let (stage, gateway) = Stage::set(&["add_user"], &[]).await;
    let request = Asking::with_key(Method::POST, PEOPLE, KEY).body("{}");
    let asking = tokio::spawn(gateway.start(request));
    let mut peer = stage.peer().await;
    peer.up_to("{}").await;
    drop(peer);
    assert_eq!(
        asking.await.unwrap().said(),
        (502, "MGW.5020002".to_owned())
    );
    assert!(stage.is_quiet().await);
}
