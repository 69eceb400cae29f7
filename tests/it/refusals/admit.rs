//! Refused before anything is read: no credential that opens, a quota used up, too much in flight.

use std::time::Duration;

use meeting_gateway::simulator::{Fault, On, Times};
use serde_json::json;

use super::{case, check};
use crate::support::request::{ASSISTANT_KEY, Asking, KEY, documented};
use crate::support::{TestGateway, until};

#[tokio::test]
async fn credentials_that_open_nothing() {
    let missing = (401, "MGW.4010001", "authenticate");
    let ambiguous = (401, "MGW.4010002", "authenticate");
    let invalid = (401, "MGW.4010003", "authenticate");
    let bare = || Asking::update().without("x-access-token");
    let bearer = format!("Bearer {KEY}");
    let cases = [
        case("none", bare().json(&documented()), missing),
        case(
            "a cookie",
            bare()
                .header("cookie", &format!("key={KEY}"))
                .json(&documented()),
            missing,
        ),
        case(
            "x-auth-token",
            bare().header("x-auth-token", KEY).json(&documented()),
            missing,
        ),
        case(
            "unknown",
            bare()
                .header("x-access-token", "another-key")
                .json(&documented()),
            invalid,
        ),
        case(
            "empty",
            bare().header("x-access-token", "").json(&documented()),
            invalid,
        ),
        case(
            "basic",
            bare()
                .header("authorization", "Basic YTpi")
                .json(&documented()),
            invalid,
        ),
        case(
            "an upstream token",
            bare()
                .header("x-access-token", "cnr0123456789")
                .json(&documented()),
            invalid,
        ),
        case(
            "two headers",
            Asking::update()
                .header("authorization", &bearer)
                .json(&documented()),
            ambiguous,
        ),
        case(
            "two values",
            Asking::update()
                .header("x-access-token", KEY)
                .json(&documented()),
            ambiguous,
        ),
        case(
            "x-api-key, too",
            Asking::update()
                .header("x-api-key", KEY)
                .json(&documented()),
            ambiguous,
        ),
    ];
    check(TestGateway::new(), cases).await;
    let reply = TestGateway::new().send(bare().body("")).await;
    assert_eq!(
        reply.header("www-authenticate"),
        "Bearer realm=\"meeting-gateway\""
    );
}

#[tokio::test]
async fn a_caller_without_an_upstream_user() {
    let request = Asking::update()
        .without("x-access-token")
        .header("x-api-key", ASSISTANT_KEY);
    let cases = [case(
        "nobody signed in",
        request.json(&documented()),
        (403, "MGW.4030002", "inject"),
    )];
    check(TestGateway::new(), cases).await;
}

#[tokio::test]
async fn over_a_quota() {
    let gateway = TestGateway::with_quotas(
        "[{name: caller, per: caller, requests: 60, window: 60s}, {name: meeting, per: meeting, requests: 2, window: 60s}]",
    );
    let ask = || Asking::update().json(&documented());
    for _ in 0..2 {
        assert_eq!(gateway.send(ask()).await.status, 200);
    }
    let reply = gateway.send(ask()).await;
    assert_eq!(reply.said(), (429, "MGW.4290001".to_owned()));
    assert_eq!(reply.header("retry-after"), "30");
    assert!(
        reply.header("ratelimit").contains("\"meeting\";r=0;t=60"),
        "{:?}",
        reply.headers
    );
    assert!(
        reply
            .header("ratelimit-policy")
            .contains("\"meeting\";q=2;w=60")
    );
    let lines = gateway.audit();
    assert_eq!(
        (&lines[2]["stage"], &lines[2]["meeting"]),
        (&json!("limit"), &json!("914087436"))
    );
    assert_eq!(gateway.operations_seen().len(), 2);

    // The same meeting in another spelling is the same meeting; another one is another.
    let spelt =
        Asking::update().target("/v1/mmc/management/cycleconferences?conferenceID=%3914087436");
    assert_eq!(gateway.send(spelt.json(&documented())).await.status, 429);
    gateway.simulator.seed_meeting("914087437");
    let other =
        Asking::update().target("/v1/mmc/management/cycleconferences?conferenceID=914087437");
    assert_eq!(gateway.send(other.json(&documented())).await.status, 200);
    gateway.clock.advance(Duration::from_secs(30));
    assert_eq!(gateway.send(ask()).await.status, 200);
}

#[tokio::test]
async fn over_the_cap_of_requests_in_flight() {
    let gateway = TestGateway::with(&[("server.in_flight", "1")]);
    gateway
        .simulator
        .inject(On::Operations, Fault::Stall, Times::Count(1));
    let first = tokio::spawn(gateway.start(Asking::update().json(&documented())));
    until(|| gateway.operations_seen().len() == 1).await;
    let reply = gateway.send(Asking::update().json(&documented())).await;
    assert_eq!(reply.said(), (503, "MGW.5030001".to_owned()));
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(gateway.only_line()["stage"], "limit");
    assert_eq!(gateway.operations_seen().len(), 1);
    first.abort();
    first.await.unwrap_err();
    assert_eq!(
        gateway
            .send(Asking::update().json(&documented()))
            .await
            .status,
        200
    );
}
