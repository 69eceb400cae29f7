//! What the gateway's tokens are good for, and that they never leave it.

use std::time::Duration;

use http::Method;
use meeting_gateway::simulator::Seen;
use serde_json::{Value, json};

use super::{PREFIX, TOKEN, signed_in, text};
use crate::support::TestGateway;
use crate::support::request::{Asking, Reply, documented};

const VALIDATE: &str = "/v1/usg/acs/token/validate";

async fn with_token(gateway: &TestGateway, method: Method, token: &str) -> Reply {
    let request = Asking::to(method, TOKEN).header("x-access-token", token);
    gateway.send(request.body("")).await
}

async fn update(gateway: &TestGateway, token: &str) -> Reply {
    let request = Asking::update()
        .without("x-access-token")
        .header("x-access-token", token);
    gateway.send(request.json(&documented())).await
}

/// No gateway token and no App Key of a caller in anything that went upstream.
fn assert_nothing_of_ours_went_upstream(gateway: &TestGateway) {
    let carries = |seen: &Seen| {
        let headers = seen.headers.values().any(|value| {
            let value = value.as_bytes();
            memchr::memmem::find(value, PREFIX.as_bytes()).is_some()
        });
        headers || memchr::memmem::find(&seen.body, PREFIX.as_bytes()).is_some()
    };
    let seen = gateway.simulator.seen();
    assert!(!seen.is_empty());
    assert!(!seen.iter().any(carries));
}

#[tokio::test]
async fn a_token_opens_the_gateway_and_never_leaves_it() {
    let gateway = TestGateway::new();
    let token = text(&signed_in(&gateway).await, "accessToken").to_owned();
    let reply = update(&gateway, &token).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let seen = gateway.only_seen();
    let live = gateway.simulator.live_tokens("bob@ent01");
    assert_eq!(
        seen.header("x-access-token"),
        Some(live[0].expose()),
        "as the user that signed in"
    );
    let line = gateway.audit().pop().unwrap();
    assert_eq!(
        (&line["caller"], &line["credential"]),
        (&json!("assistant"), &json!("gateway_token"))
    );

    let bearer = Asking::update()
        .without("x-access-token")
        .header("authorization", &format!("Bearer {token}"));
    assert_eq!(gateway.send(bearer.json(&documented())).await.status, 200);
    assert_nothing_of_ours_went_upstream(&gateway);
    assert!(!gateway.audit_text().contains(&token));
}

#[tokio::test]
async fn a_token_that_has_expired_or_was_changed_opens_nothing() {
    let gateway = TestGateway::new();
    let answer = signed_in(&gateway).await;
    let token = text(&answer, "accessToken");
    let mut forged = token.to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });
    let refused = (401, "MGW.4010003".to_owned());
    assert_eq!(update(&gateway, &forged).await.said(), refused);
    assert_eq!(
        update(&gateway, text(&answer, "refreshToken")).await.said(),
        refused,
        "refreshes only"
    );
    assert_eq!(update(&gateway, PREFIX).await.said(), refused);
    gateway
        .clock
        .advance(Duration::from_hours(16) - Duration::from_secs(1));
    assert_eq!(update(&gateway, token).await.status, 200);
    gateway.clock.advance(Duration::from_secs(1));
    assert_eq!(update(&gateway, token).await.said(), refused);
    assert_eq!(gateway.operations_seen().len(), 1);
}

#[tokio::test]
async fn a_token_is_refreshed_and_ended() {
    let gateway = TestGateway::new();
    let first = signed_in(&gateway).await;
    gateway.clock.advance(Duration::from_hours(1));
    for shown in ["accessToken", "refreshToken"] {
        let reply = with_token(&gateway, Method::PUT, text(&first, shown)).await;
        assert_eq!(reply.status, 200, "{shown}: {reply:?}");
        let second = reply.json();
        assert_ne!(second["accessToken"], first["accessToken"], "{shown}");
        assert_eq!(
            second["refreshExpireTime"], first["refreshExpireTime"],
            "{shown}: not prolonged for ever"
        );
        assert_eq!(
            update(&gateway, text(&second, "accessToken")).await.status,
            200,
            "{shown}"
        );
    }
    let reply = with_token(&gateway, Method::DELETE, text(&first, "accessToken")).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (200, 0));
    let refused = (401, "MGW.4010003".to_owned());
    assert_eq!(
        update(&gateway, text(&first, "accessToken")).await.said(),
        refused
    );
    let refresh = with_token(&gateway, Method::PUT, text(&first, "refreshToken")).await;
    assert_eq!(refresh.said(), refused, "the whole sign-in has ended");
    assert_eq!(
        with_token(&gateway, Method::DELETE, "cnr-of-the-upstream")
            .await
            .said(),
        refused
    );
    let none = gateway
        .send(Asking::to(Method::DELETE, TOKEN).body(""))
        .await;
    assert_eq!(none.said(), (401, "MGW.4010001".to_owned()));
    assert_nothing_of_ours_went_upstream(&gateway);
}

#[tokio::test]
async fn a_token_is_validated() {
    let gateway = TestGateway::new();
    let answer = signed_in(&gateway).await;
    let token = text(&answer, "accessToken");
    let ask = |body: &Value| {
        let request = Asking::to(Method::POST, VALIDATE)
            .header("content-type", "application/json")
            .json(body);
        gateway.start(request)
    };
    let plain = ask(&json!({"token": token})).await.json();
    assert_eq!(
        (&plain["accessToken"], plain.get("user")),
        (&json!(token), None)
    );
    let account = ask(&json!({"token": token, "needAccountInfo": true}))
        .await
        .json();
    assert_eq!(account["user"]["userId"], "bob@ent01");
    gateway.clock.advance(Duration::from_mins(1));
    let renewed = ask(&json!({"token": token, "needGenNewToken": true}))
        .await
        .json();
    assert_ne!(renewed["accessToken"], token);
    assert_eq!(
        update(&gateway, text(&renewed, "accessToken")).await.status,
        200
    );
    let unknown = ask(&json!({"token": "cnr-of-the-upstream"})).await;
    assert_eq!(unknown.said(), (401, "MGW.4010003".to_owned()));
    let missing = ask(&json!({})).await;
    assert_eq!(missing.said(), (400, "MGW.4000005".to_owned()));
    assert_nothing_of_ours_went_upstream(&gateway);
}
